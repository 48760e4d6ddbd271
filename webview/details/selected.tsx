import type { RefObject } from 'react';
import { useTree } from '../store.ts';
import { useViewState } from '../view-state.ts';
import { AgentDetails } from './agent-details.tsx';
import { CheckpointDetails } from './checkpoint-details.tsx';
import { ClaimDetails } from './claim-details.tsx';
import { useMarks } from './marks.ts';
import { RunDetails } from './run-details.tsx';
import { GroupDetails, PhaseDetails } from './summary-details.tsx';
import { ToolDetails } from './tool-details.tsx';

/** The details of what is selected: all that the script for the side holds; `side.tsx` brings it. `body`: what they stand in. */
export function Selected({ body }: { body: RefObject<HTMLElement | null> }) {
  useMarks(body);
  return <Details />;
}

function Details() {
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
