import { Icon } from '../icon.tsx';
import { useView, useViewState } from '../view-state.ts';

/** All that is there of the search and the filter while nothing is looked for. */
export function FindButton() {
  const view = useView();
  const open = useViewState((state) => state.search !== null && state.view !== 'report');
  return (
    <button
      type="button"
      className="icon-button"
      aria-label="Find and filter"
      title={`Find and filter (${FIND_KEYS})`}
      aria-expanded={open}
      onClick={() => (open ? view.closeSearch() : view.openSearch())}
    >
      <Icon name="search" />
    </button>
  );
}

const FIND_KEYS = navigator.userAgent.includes('Mac') ? '⌘F' : 'Ctrl+F';
