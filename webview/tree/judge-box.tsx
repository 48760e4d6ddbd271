import type { GroupNode } from '../../extension/protocol/run-tree.ts';
import { line, plural } from '../format.ts';
import { Icon, StateIcon } from '../icon.tsx';
import { candidateName, challengersOf, judgingOf, markOf } from '../states.ts';
import { useGroup, usePicture } from '../store.ts';
import { useCursor, useView, useViewState } from '../view-state.ts';
import { Panel } from './group-boxes.tsx';
import { MOST_CANDIDATES } from './heights.ts';

/** A `judge`: a bar for the mean score of each candidate, the winner marked, a mark a judge. */
export function JudgeBox({ group: id }: { group: number }) {
  const tree = usePicture();
  const group = useGroup(id);
  if (!group) return null;
  const standing = judgingOf(tree, group);
  return (
    <Panel
      group={id}
      title={
        <>
          <StateIcon state={standing.state} word="Judge:" />
          <b title={line(group.info.label)}>{line(group.info.label, 60) || 'judge'}</b>
          <span className="panel-fact">{group.change.winner === undefined ? standing.words : ''}</span>
        </>
      }
    >
      <Scores group={group} most={MOST_CANDIDATES} />
      <Judges group={group} />
    </Panel>
  );
}

/** Best score a judge can give. */
const BEST = 10;

/** Each candidate with its mean score, in their order; where there are more than `most` the best of them. */
export function Scores({ group, most }: { group: GroupNode; most: number }) {
  const { labels } = group.info;
  const { scores, winner } = group.change;
  const all = labels.map((_, index) => index);
  const best = [...all].sort((a, b) => (scores?.[b] ?? 0) - (scores?.[a] ?? 0) || a - b).slice(0, most);
  const shown = best.sort((a, b) => a - b);
  return (
    <ul className="scores">
      {shown.map((index) => {
        const score = scores?.[index];
        const won = index === winner;
        return (
          <li key={index} className={`score${won ? ' won' : ''}`}>
            <span className="score-name" title={candidateName(group, index)}>
              {won && <Icon name="star-full" />}
              {candidateName(group, index)}
            </span>
            <span className="score-track" aria-hidden="true">
              {score !== undefined && (
                <span className="score-bar" style={{ width: `${Math.max(0, Math.min(1, score / BEST)) * 100}%` }} />
              )}
            </span>
            <span className="score-words">
              {score === undefined ? '–' : score.toFixed(1)}
              <span className="unseen">
                {score === undefined ? ' not judged yet' : ` of ${BEST}${won ? ', the winner' : ''}`}
              </span>
            </span>
          </li>
        );
      })}
      {labels.length > shown.length && (
        <li className="quiet">{plural(labels.length - shown.length, 'more candidate')}</li>
      )}
    </ul>
  );
}

function Judges({ group }: { group: GroupNode }) {
  const tree = usePicture();
  const view = useView();
  const selected = useViewState((state) => (state.selected?.type === 'call' ? state.selected.id : null));
  const cursor = useCursor((current) => (current?.type === 'call' ? current.id : null));
  const calls = challengersOf(tree, group);
  const total = Math.max(group.info.size, calls.length);
  return (
    <div className="judges">
      <span className="quiet">{plural(total, 'judge')}</span>
      <span className="marks">
        {Array.from({ length: Math.min(total, 9) }, (_, index) => {
          const call = calls.find(({ info }) => info.slot[0] === index);
          const mark = markOf(call);
          const words = `judge ${index + 1}: ${mark.word}`;
          return (
            <button
              // biome-ignore lint/suspicious/noArrayIndexKey: a mark is its judge's place.
              key={index}
              type="button"
              className={`mark is-${mark.state}${call && call.info.id === selected ? ' selected' : ''}${call && call.info.id === cursor ? ' walked' : ''}`}
              aria-label={words}
              title={words}
              aria-disabled={call === undefined}
              onClick={() => call && view.select({ type: 'call', id: call.info.id })}
            >
              <Icon name={mark.icon} />
            </button>
          );
        })}
      </span>
    </div>
  );
}
