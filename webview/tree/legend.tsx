import { Panel } from '@xyflow/react';
import { type CellState, LOOKS } from '../states.ts';
import { usePermissions, usePicture, useQuestions, useRun } from '../store.ts';

const ORDER = ['succeeded', 'reused', 'working', 'waiting', 'failed', 'skipped', 'stopped'] as const;
const WHILE_RUNNING: ReadonlySet<CellState> = new Set(['working', 'waiting']);

/** What the colours mean, with how many agents of each there are; and how the claims fell. */
export function Legend() {
  const tree = usePicture();
  const running = useRun((store) => store.status() === 'running');
  const questions = useQuestions().length + usePermissions().length;
  const fallen = { refuted: 0, unverified: 0 };
  for (const group of tree.groups.values()) {
    const verdict = group.change.verdict?.verdict;
    if (verdict === 'refuted' || verdict === 'unverified') fallen[verdict] += 1;
  }
  const shown = ORDER.filter((state) => tree.counts[state] > 0 || (running && WHILE_RUNNING.has(state)));
  if (shown.length === 0 && questions === 0) return null;
  return (
    <Panel position="bottom-left" className="legend">
      {shown.map((state) => (
        <Entry key={state} state={state} count={tree.counts[state]} />
      ))}
      {questions > 0 && <Entry state="asks" count={questions} of="questions" />}
      {fallen.refuted > 0 && <Entry state="refuted" count={fallen.refuted} of="claims" />}
      {fallen.unverified > 0 && <Entry state="unverified" count={fallen.unverified} of="claims" />}
    </Panel>
  );
}

function Entry({ state, count, of = 'agents' }: { state: CellState; count: number; of?: string }) {
  return (
    <span className="legend-entry" title={`${of}: ${LOOKS[state].word}`}>
      <svg width="8" height="8" aria-hidden="true" className={`square is-${state}`}>
        <path className="square-fill" d="M1 1h6v6h-6z" />
      </svg>
      {LOOKS[state].word} <b>{count}</b>
    </span>
  );
}
