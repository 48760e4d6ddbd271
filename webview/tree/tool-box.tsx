import { line } from '../format.ts';
import { Icon, StateIcon } from '../icon.tsx';
import { useCall } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';
import { doingOf, Elapsed } from './agent-box.tsx';

/** A tool call of the script's own: its name, how it is, and why it failed. */
export function ToolBox({ id }: { id: number }) {
  const call = useCall(id);
  const view = useView();
  const selected = useViewState((state) => state.selected?.type === 'call' && state.selected.id === id);
  if (!call) return null;
  const state = call.asks.length > 0 ? 'asks' : call.state;
  return (
    <button
      type="button"
      className={`card tool-card is-${state}${selected ? ' selected' : ''}`}
      aria-pressed={selected}
      onClick={() => view.select({ type: 'call', id })}
    >
      <span className="card-line">
        <StateIcon state={state} />
        <Icon name="tools" className="tool-sign" />
        <span className="unseen">tool</span>
        <span className="card-title mono" title={line(call.info.label)}>
          {line(call.info.label, 80)}
        </span>
        <Elapsed call={call} />
      </span>
      {(state === 'failed' || state === 'asks') && (
        <span className="card-line">
          <span className="card-doing" title={doingOf(call, 1000)}>
            {doingOf(call)}
          </span>
        </span>
      )}
    </button>
  );
}
