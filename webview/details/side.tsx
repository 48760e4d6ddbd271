import { useEffect, useRef } from 'react';
import { Icon } from '../icon.tsx';
import { SIDE } from '../markdown/load.ts';
import { useLoading } from '../markdown/use-further.ts';
import { useView, useViewState } from '../view-state.ts';

/** The drill-down of the selection: beside the tree, or a sheet below it where there is no room. */
export function Side() {
  const view = useView();
  const selected = useViewState((state) => state.selected);
  const { parts, error, again } = useLoading(SIDE);
  const body = useRef<HTMLElement>(null);
  const key = JSON.stringify(selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another selection starts at its top.
  useEffect(() => {
    if (body.current) body.current.scrollTop = 0;
  }, [key]);
  return (
    <aside className="side" aria-label="Details">
      <button
        type="button"
        className="icon-button side-close"
        aria-label="Close the details"
        title="Close (Escape)"
        onClick={() => view.select(null)}
      >
        <Icon name="close" />
      </button>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="side-body" ref={body} tabIndex={0} aria-label="Details of the selection">
        {parts && <parts.Selected key={key} body={body} />}
        {!parts && (error === null ? <p className="quiet">Fetching the details…</p> : <NotLoaded again={again} />)}
      </section>
    </aside>
  );
}

/** The script for the side is a file of the extension, that may have been updated or removed since this panel was opened. */
function NotLoaded({ again }: { again: () => void }) {
  return (
    <div role="alert">
      <p className="aside is-failed">
        The details could not be loaded; the run itself is not touched. If trying again does not help, close this panel
        and open it anew.
      </p>
      <button type="button" className="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}
