import { Notice } from '../app.tsx';
import { EMPTY_FILTER } from '../find/filter.ts';
import { Icon } from '../icon.tsx';
import { usePlanned } from '../store.ts';
import { useView } from '../view-state.ts';

/** In place of a view that has nothing to show yet, or never will. */
export function NothingYet({ over }: { over: boolean }) {
  if (usePlanned()) {
    const text = 'The dry run of the script came to its end without asking for one.';
    return <Notice icon="info" title="It would have no agents" text={text} />;
  }
  if (over) {
    const text = 'The script ended without asking for one. The log below says what it did.';
    return <Notice icon="info" title="This run had no agents" text={text} />;
  }
  const text = 'The script has started and has asked for no agent yet.';
  return <Notice icon="color-mode" title="Waiting for the first agent" text={text} />;
}

/** Over a view in which the filter leaves nothing. */
export function NothingLeft() {
  const view = useView();
  return (
    <div className="nothing-left">
      <div className="notice" role="status">
        <Icon name="filter" />
        <h2>The filter leaves nothing</h2>
        <p>The run has agents, and none of them is in the states, phases and models that were chosen.</p>
        <button type="button" className="button" onClick={() => view.change({ filter: EMPTY_FILTER })}>
          <Icon name="clear-all" /> Clear the filter
        </button>
      </div>
    </div>
  );
}
