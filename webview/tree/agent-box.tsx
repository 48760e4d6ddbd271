import { askWords } from '../../extension/protocol/permission-words.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { usedWords } from '../../extension/protocol/usage-words.ts';
import { quietOf } from '../../extension/protocol/wait-words.ts';
import { waitsWords } from '../checkpoint/words.ts';
import { count, duration, elapsedOf, line, plural, totalTokens } from '../format.ts';
import { StateIcon } from '../icon.tsx';
import { CardDecision } from '../permission/card-decision.tsx';
import { LOOKS } from '../states.ts';
import { AgentActions, Problem } from '../steer/agent-actions.tsx';
import { agentMenu } from '../steer/native-menu.ts';
import { useAsk } from '../steer/use-ask.ts';
import { useCall, useClock, usePicture, useStore } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';

/** One agent: state, label, what it does now, how long; its left edge is its state. What can be done to it is on it. */
export function AgentBox({ id }: { id: number }) {
  const call = useCall(id);
  const { runId } = useStore();
  const asking = useAsk();
  if (!call) return null;
  const asks = call.asks.length > 0;
  return (
    <div className={`card agent is-${asks ? 'asks' : call.state}`} {...agentMenu(runId, call)}>
      <CardLines call={call} />
      {asks ? <CardDecision call={call} asking={asking} /> : <AgentActions call={call} asking={asking} compact />}
      <Problem asking={asking} className="card-problem" />
    </div>
  );
}

function CardLines({ call }: { call: CallNode }) {
  const { id, label } = call.info;
  const view = useView();
  const selected = useViewState((state) => state.selected?.type === 'call' && state.selected.id === id);
  const tokens = totalTokens(call.usage);
  const silence = useSilence(call);
  return (
    <button
      type="button"
      className={`card-main${selected ? ' selected' : ''}`}
      aria-pressed={selected}
      onClick={({ detail }) =>
        detail === 0 && call.asks.length > 0 ? view.decide(id) : view.select({ type: 'call', id })
      }
    >
      <span className="card-line">
        <StateIcon state={call.asks.length > 0 ? 'asks' : call.state} />
        <span className="card-title" title={line(label)}>
          {line(label)}
        </span>
        <Elapsed call={call} />
      </span>
      <span className="card-line">
        <span className="card-doing" title={doingOf(call, 1000)}>
          {doingOf(call)}
        </span>
        {silence && <span className="card-fact silent">{silence}</span>}
        {/* The reason of a failure and a question need the room, and the buttons beside them. */}
        {!silence && tokens > 0 && call.state !== 'failed' && call.asks.length === 0 && (
          <span className="card-fact">{usedWords(call.usage, count(tokens))}</span>
        )}
      </span>
    </button>
  );
}

/** How long a call has been at work, or was, or waits for a yes; counts by itself. */
export function Elapsed({ call }: { call: CallNode }) {
  const words = useClock((now) => {
    const askedAt = call.asks[0]?.askedAt;
    if (askedAt !== undefined) return waitsWords({ askedAt }, now);
    const elapsed = elapsedOf(call, now);
    return elapsed === null ? '' : duration(elapsed);
  });
  return <span className="card-fact">{words}</span>;
}

/** Since when an agent at work has told nothing; empty while that is no wonder. Counts by itself, and renders only when a minute has passed. */
export function useSilence(call: CallNode): string {
  const store = useStore();
  return useClock((now) => quietOf(store.tree, call, now));
}

/** What an agent does now, or how it ended, in at most so many characters. */
export function doingOf(call: CallNode, most = 160): string {
  const [question] = call.asks;
  if (question) return askWords(question, most);
  if (call.state === 'failed') return line(call.settled?.cause?.message ?? 'failed', most);
  if (call.state === 'working') return line(call.doing, most) || 'at work';
  if (call.state === 'waiting') return LOOKS.waiting.doing ?? (line(call.info.model, 60) || LOOKS.waiting.word);
  return call.state === 'reused' ? 'reused, not asked again' : LOOKS[call.state].word;
}

/** Where the first card of a phase will be, once the phase has begun. */
export function AheadBox({ title }: { title: string }) {
  const tree = usePicture();
  const view = useView();
  const index = tree.phases.findIndex((phase) => phase.title === title);
  const phase = tree.phases[index];
  const before = tree.phases[index - 1];
  const planned = tree.run?.preview === true;
  const over = tree.endedAt !== null || planned;
  const ahead = planned
    ? 'not reached'
    : over
      ? 'was not reached'
      : before
        ? `waits for ${line(before.title, 40)}`
        : 'waits to begin';
  const begun = over ? 'done by the script itself' : 'no agents yet';
  // What a script does last without an agent is its report.
  const reportable = tree.status.startsWith('completed') && phase?.beganAt !== null && index === tree.phases.length - 1;
  return (
    <div className="card ahead">
      {phase?.detail && (
        <span className="card-doing" title={line(phase.detail)}>
          {line(phase.detail, 160)}
        </span>
      )}
      <span className="card-line">
        <span className="card-doing">{phase?.beganAt === null ? ahead : begun}</span>
        {reportable && (
          <button type="button" className="link card-fact" onClick={() => view.change({ view: 'report' })}>
            Read it
          </button>
        )}
      </span>
    </div>
  );
}

/** What has no room for a card says at least how many there are. */
export function MoreBox({ working, failed }: { working: number; failed: number }) {
  const words = [
    working > 0 ? `${plural(working, 'more', 'more')} at work` : '',
    failed > 0 ? `${plural(failed, 'more', 'more')} failed` : '',
  ];
  return <div className="more">{words.filter(Boolean).join(' · ')} in the squares</div>;
}
