import { useEffect, useRef } from 'react';
import { Icon } from '../icon.tsx';
import { useTree } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';
import { AgentDetails } from './agent-details.tsx';
import { CheckpointDetails } from './checkpoint-details.tsx';
import { ClaimDetails } from './claim-details.tsx';
import { RunDetails } from './run-details.tsx';
import { GroupDetails, PhaseDetails } from './summary-details.tsx';
import { ToolDetails } from './tool-details.tsx';

/** The drill-down of the selection: beside the tree, or a sheet below it where there is no room. */
export function Side() {
  const view = useView();
  const selected = useViewState((state) => state.selected);
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
        <Selected key={key} />
      </section>
    </aside>
  );
}

function Selected() {
  const tree = useTree();
  const selected = useViewState((state) => state.selected);
  if (selected?.type === 'run') return <RunDetails />;
  if (selected?.type === 'call') {
    const call = tree.calls.get(selected.id);
    if (call?.info.kind === 'checkpoint') return <CheckpointDetails call={call} />;
    if (call?.info.kind === 'tool') return <ToolDetails call={call} />;
    if (call) return <AgentDetails call={call} />;
  }
  if (selected?.type === 'group') {
    const group = tree.groups.get(selected.id);
    if (group) return group.info.kind === 'challenge' ? <ClaimDetails group={group} /> : <GroupDetails group={group} />;
  }
  if (selected?.type === 'phase') {
    const phase = tree.phases.find(({ title }) => title === selected.title);
    if (phase) return <PhaseDetails phase={phase} />;
  }
  return <p className="quiet">What was selected is not part of this attempt of the run.</p>;
}
