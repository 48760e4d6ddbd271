import {
  CALL_STATES,
  type CallNode,
  type GroupNode,
  type NodeRef,
  type PhaseNode,
  type RunTree,
  type StateCounts,
  totalOf,
} from '../../extension/protocol/run-tree.ts';
import { duration, line, plural, usageText } from '../format.ts';
import { Icon, StateIcon } from '../icon.tsx';
import { challengersOf, fullLabel, judgingOf, LOOKS, markOf, stateOfCall } from '../states.ts';
import { useNow, usePlanned, useTree } from '../store.ts';
import { doingOf, useSilence } from '../tree/agent-box.tsx';
import { estimateWords } from '../tree/group-boxes.tsx';
import { Scores } from '../tree/judge-box.tsx';
import { groupsIn } from '../tree/sections.ts';
import { StateBar } from '../tree/state-bar.tsx';
import { useView } from '../view-state.ts';
import { VoteMark } from './agent-details.tsx';
import { Census } from './census.tsx';
import { Fact, Facts, Section } from './parts.tsx';

const LISTED = 50;
const STOPPED = {
  dry: 'further rounds brought nothing new',
  maxRounds: 'the limit of rounds was reached',
  budget: 'the budget was spent',
};
const KINDS = {
  parallel: 'Parallel agents',
  pipeline: 'Pipeline',
  challenge: 'Challenge',
  converge: 'Rounds until nothing new',
  round: 'Round',
  judge: 'Judgement',
  workflow: 'Workflow that the script called',
};

/** A phase as a whole. */
export function PhaseDetails({ phase }: { phase: PhaseNode }) {
  const now = useNow();
  const planned = usePlanned();
  const used = usageText(phase.usage);
  return (
    <>
      <h2>{line(phase.title) || 'Agents'}</h2>
      {phase.detail && <p>{line(phase.detail, 1000)}</p>}
      <Facts>
        {phase.beganAt !== null && !planned && <Fact value={duration((phase.endedAt ?? now) - phase.beganAt)} />}
        {used && <span>{used}</span>}
      </Facts>
      <States counts={phase.counts} />
      <Agents refs={phase.roots} phase={phase.title} />
      <Census />
    </>
  );
}

/** A group as a whole: how its agents stand, and what a round or a converge brought. */
export function GroupDetails({ group }: { group: GroupNode }) {
  const tree = useTree();
  const now = useNow();
  const planned = usePlanned();
  const { change, info } = group;
  const used = usageText(group.usage);
  const rounds = groupsIn(tree, group.children).filter((child) => child.info.kind === 'round');
  return (
    <>
      <h2>{line(info.label) || KINDS[info.kind]}</h2>
      <p className="quiet">
        {[
          info.label ? KINDS[info.kind] : '',
          info.detail && line(info.detail, 500),
          info.size > 0 ? plural(info.size, info.kind === 'judge' ? 'judge' : 'item') : '',
          info.stages > 0 ? plural(info.stages, 'stage') : '',
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <Facts>
        {!planned && <Fact value={duration((group.closedAt ?? now) - group.openedAt)} />}
        {change.fresh !== undefined && info.kind === 'round' && <Fact value={String(change.fresh)} unit="new" />}
        {change.total !== undefined && <Fact value={String(change.total)} unit="in all" />}
        {used && <span>{used}</span>}
      </Facts>
      {change.estimate && <p>{estimateWords(group)}, by the Chao1 estimate with its 95 % interval.</p>}
      {change.stopped && <p>It stopped because {STOPPED[change.stopped]}.</p>}
      {info.kind === 'judge' && <Judgement group={group} />}
      <States counts={group.counts} />
      {rounds.length > 0 && (
        <Section title="Rounds">
          <ul className="plain">
            {rounds.map((round, index) => (
              <li key={round.info.id}>
                {line(round.info.label) || `round ${index + 1}`}:{' '}
                {round.change.fresh !== undefined ? `${round.change.fresh} new, ` : !planned && 'not finished, '}
                {plural(totalOf(round.counts), 'agent')}
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Agents refs={group.children} phase={null} />
    </>
  );
}

/** Every candidate's score, and the judges, whose answers say why. */
function Judgement({ group }: { group: GroupNode }) {
  const tree = useTree();
  const view = useView();
  return (
    <>
      <p>{judgingOf(tree, group).words}.</p>
      <Section title="Mean scores, 0 to 10">
        <Scores group={group} most={group.info.labels.length} />
      </Section>
      <Section title="Judges">
        <ul className="votes">
          {challengersOf(tree, group).map((call) => (
            <li key={call.info.id}>
              <button type="button" className="vote" onClick={() => view.select({ type: 'call', id: call.info.id })}>
                <VoteMark call={call} />
                <span>
                  <b>{line(call.info.label, 80)}</b> {markOf(call).word}
                </span>
                <Icon name="chevron-right" />
              </button>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

export function States({ counts }: { counts: StateCounts }) {
  return (
    <Section title={plural(totalOf(counts), 'agent')}>
      <StateBar counts={counts} />
      <ul className="plain states">
        {CALL_STATES.filter((state) => counts[state] > 0).map((state) => (
          <li key={state}>
            <StateIcon state={state} word="" /> {LOOKS[state].word} <b>{counts[state]}</b>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Those that failed or are at work, to go on from; the list view has all. */
function Agents({ refs, phase }: { refs: NodeRef[]; phase: string | null }) {
  const tree = useTree();
  const view = useView();
  const loud = [...callsBelow(tree, refs)].filter(
    (call) =>
      call.info.kind === 'agent' &&
      (call.state === 'failed' || call.state === 'working') &&
      (phase === null || (call.info.phase ?? '') === phase),
  );
  const loudness = ({ asks, state }: CallNode) => (asks.length > 0 ? 2 : state === 'failed' ? 1 : 0);
  loud.sort((a, b) => loudness(b) - loudness(a));
  if (loud.length === 0) return null;
  return (
    <Section title={loud.every((call) => call.state === 'failed') ? 'Failed' : 'Failed and at work'}>
      <ul className="votes">
        {loud.slice(0, LISTED).map((call) => (
          <li key={call.info.id}>
            <button type="button" className="vote" onClick={() => view.select({ type: 'call', id: call.info.id })}>
              <StateIcon state={stateOfCall(tree, call)} />
              <span>
                {fullLabel(tree, call)}
                <Doing call={call} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {loud.length > LISTED && <p className="quiet">{loud.length - LISTED} more are in the list.</p>}
    </Section>
  );
}

function Doing({ call }: { call: CallNode }) {
  const silence = useSilence(call);
  return (
    <span className="vote-reason">
      {doingOf(call)}
      {silence && <span className="silent"> · {silence}</span>}
    </span>
  );
}

function* callsBelow(tree: RunTree, refs: NodeRef[]): Generator<CallNode> {
  for (const ref of refs) {
    if (ref.type === 'call') {
      const call = tree.calls.get(ref.id);
      if (call) yield call;
    } else yield* callsBelow(tree, tree.groups.get(ref.id)?.children ?? []);
  }
}
