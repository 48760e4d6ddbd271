import { duration, line } from '../format.ts';
import { StateIcon } from '../icon.tsx';
import { stateOfCall } from '../states.ts';
import { sinceBegin } from './axis.ts';
import { reasonOf } from './draw.ts';
import type { Stage } from './sight.ts';
import type { Hit } from './use-pointer.ts';
import type { Timeline } from './use-timeline.ts';
import { barWords, clock, moreWords } from './words.ts';

const WIDTH = 340;
const HEIGHT = 96;

/** What is under the pointer, in words; the same words are in the grid, so it is for the eye alone. */
export function Tip({ hit, timeline, stage, at }: { hit: Hit; timeline: Timeline; stage: Stage; at: number }) {
  const { tree, axis, now, packing } = timeline;
  const { bar, phase, x = 0, y = 0 } = hit;
  const room = Math.min(WIDTH, stage.width - 16);
  const style = {
    left: Math.max(8, Math.min(x + 12, stage.width - room - 8)),
    ...(y + HEIGHT > stage.height ? { bottom: stage.height - y + 10 } : { top: y + 16 }),
    maxWidth: room,
  };
  if (bar)
    return (
      <div className="timeline-tip" style={style} aria-hidden="true">
        <b>
          <StateIcon state={stateOfCall(tree, bar.call)} /> {barWords(tree, bar, now)}
        </b>
        {moreWords(bar, axis.begin).map((words) => (
          <span key={words}>{words}</span>
        ))}
      </div>
    );
  const waiting = phase === undefined ? 0 : (packing.bands.get(phase)?.waiting.size ?? 0);
  const piece = axis.pieces.find(({ skipped, from, to }) => skipped && from <= at && at <= to);
  const ms = Math.max(0, at - axis.begin);
  return (
    <div className="timeline-tip" style={style} aria-hidden="true">
      {phase !== undefined && (
        <b>{[line(phase, 60) || 'Agents', waiting > 0 && `${waiting} waiting`].filter(Boolean).join(' · ')}</b>
      )}
      {piece && (
        <span>
          {duration(piece.to - piece.from)} left out: {reasonOf(timeline, piece.from, piece.to)}
        </span>
      )}
      <span>
        {sinceBegin(ms < 10_000 ? Math.round(ms) : Math.round(ms / 1000) * 1000)} · {clock(at, axis.begin)}
      </span>
    </div>
  );
}
