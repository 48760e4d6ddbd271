import { type CellCounts, type CellState, LOOKS } from '../states.ts';

/** What asks for a person first, then what is over, and last what has not begun. */
const ORDER: readonly CellState[] = [
  'asks',
  'succeeded',
  'reused',
  'refuted',
  'unverified',
  'working',
  'failed',
  'skipped',
  'stopped',
  'waiting',
];

/** The shares of the states as one thin bar; words beside it say the same. `whole`: over, without an agent. */
export function StateBar({ counts, whole = false }: { counts: CellCounts; whole?: boolean }) {
  const words = countsInWords(counts);
  return (
    <span className="state-bar">
      {whole && <span className="share is-succeeded" style={{ flexGrow: 1 }} />}
      {words !== '' && <span className="unseen">{words}</span>}
      {ORDER.map((state) => {
        const share = counts[state] ?? 0;
        return share > 0 && <span key={state} className={`share is-${state}`} style={{ flexGrow: share }} />;
      })}
    </span>
  );
}

/** `40 done, 5 refuted`. */
export function countsInWords(counts: CellCounts): string {
  return ORDER.filter((state) => counts[state])
    .map((state) => `${counts[state]} ${state === 'asks' ? 'unanswered' : LOOKS[state].word}`)
    .join(', ');
}
