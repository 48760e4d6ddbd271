import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { usedWords } from '../../extension/protocol/usage-words.ts';
import { quietOf } from '../../extension/protocol/wait-words.ts';
import { costText, count, duration, elapsedOf, line } from '../format.ts';
import { Icon } from '../icon.tsx';
import { DeniedCalls } from '../permission/denied-calls.tsx';
import { PermissionQuestions } from '../permission/permission-questions.tsx';
import { challengersOf, LOOKS, markOf, stateOfCall } from '../states.ts';
import { AgentActions, Problem } from '../steer/agent-actions.tsx';
import { useAsk } from '../steer/use-ask.ts';
import { useNow, useRun, useStore, useTree } from '../store.ts';
import { phaseOf } from '../tree/cells.ts';
import { useView } from '../view-state.ts';
import { ChangesSection } from './changes.tsx';
import { useLive } from './live.ts';
import { Fact, Facts, Section } from './parts.tsx';
import { Pending, Said } from './said.tsx';
import { useDetails } from './use-details.ts';
import { whatToDo } from './what-to-do.ts';

/** One agent in full: who it is, why it failed, what it was asked, what it did, what it answered. */
export function AgentDetails({ call }: { call: CallNode }) {
  const live = useLive(call);
  const asked = useDetails(call, live?.entries);
  const tree = useTree();
  const asking = useAsk();
  const group = call.info.group === null ? undefined : tree.groups.get(call.info.group);
  const claim = call.info.role === 'challenger' ? group : undefined;
  return (
    <>
      <h2>{line(call.info.label)}</h2>
      <Who call={call} lens={claim?.info.labels[call.info.slot[0] ?? 0]} of={group?.info.size} />
      <Numbers call={call} />
      <PermissionQuestions call={call} asked={asked} />
      <AgentActions call={call} asking={asking} />
      <Problem asking={asking} className="form-problem" />
      <Cause call={call} />
      <DeniedCalls call={call} />
      <ChangesSection call={call} />
      {claim && (
        <Section title="Claim">
          <p>{line(claim.info.label, 2000)}</p>
          <p className="quiet">{line(claim.info.detail, 500)}</p>
        </Section>
      )}
      {call.info.role === 'judge' && group && (
        <Section title="Criteria">
          <p>{line(group.info.label, 2000)}</p>
          <GroupLink group={group.info.id} words="Show the judgement" />
        </Section>
      )}
      {asked.state === 'there' ? (
        <Said details={asked.details} call={call} live={live} />
      ) : (
        <Pending asked={asked} call={call} />
      )}
      {claim && <Beside call={call} claim={claim.info.id} />}
    </>
  );
}

function Who({ call, lens, of }: { call: CallNode; lens: string | undefined; of: number | undefined }) {
  const tree = useTree();
  const role =
    call.info.role === 'agent'
      ? phaseOf(call.info)
      : `${call.info.role} ${(call.info.slot[0] ?? 0) + 1}${of ? ` of ${of}` : ''}`;
  const model = call.info.model || tree.run?.model || '';
  const maker = tree.run?.provider === 'builtin' ? tree.run.providerTitle : model;
  return (
    <p className="quiet side-who">
      {[role, lens && `lens: ${line(lens, 60)}`, maker].filter(Boolean).map((word, index) => (
        <span key={word}>
          {index > 0 && ' · '}
          {word}
        </span>
      ))}
    </p>
  );
}

export function Numbers({ call }: { call: CallNode }) {
  const now = useNow();
  const elapsed = elapsedOf(call, now);
  const { usage, settled } = call;
  const mark = call.settled?.vote ? markOf(call) : null;
  const tree = useTree();
  const state = stateOfCall(tree, call);
  const silence = quietOf(tree, call, now);
  return (
    <Facts>
      <span className={`pill is-${mark?.state ?? state}`}>
        <Icon name={mark?.icon ?? LOOKS[state].icon} />
        {mark?.word ?? LOOKS[state].word}
      </span>
      {elapsed !== null && <Fact value={duration(elapsed)} />}
      {silence && <span className="silent">{silence}</span>}
      {usage.inputTokens > 0 && <Fact value={usedWords(usage, count(usage.inputTokens))} unit="in" />}
      {usage.outputTokens > 0 && <Fact value={usedWords(usage, count(usage.outputTokens))} unit="out" />}
      {usage.costUsd === null ? <span>cost unknown</span> : usage.costUsd > 0 && <Fact value={costText(usage)} />}
      {settled && settled.requests > 0 && (
        <Fact value={String(settled.requests)} unit={settled.requests === 1 ? 'request' : 'requests'} />
      )}
      {settled?.reused && <span>taken from the journal, not asked again</span>}
    </Facts>
  );
}

export function Cause({ call }: { call: CallNode }) {
  const { host } = useStore();
  const status = useRun((store) => store.status());
  const cause = call.settled?.cause;
  if (!cause) return null;
  return (
    <div className={`aside is-${call.state} cause`} role="note">
      <p>
        <b>
          {cause.kind.replaceAll('-', ' ')}
          {cause.status === undefined ? '' : ` (HTTP ${cause.status})`}
        </b>
      </p>
      <p className="cause-text">{line(cause.message, 4000)}</p>
      {host.kind === 'editor' && <p className="cause-way">{whatToDo(cause, status)}</p>}
    </div>
  );
}

/** What the other challengers of the same claim say. */
function Beside({ call, claim }: { call: CallNode; claim: number }) {
  const tree = useTree();
  const view = useView();
  const group = tree.groups.get(claim);
  if (!group) return null;
  return (
    <Section title="Beside it">
      <ul className="votes">
        {challengersOf(tree, group)
          .filter((other) => other.info.id !== call.info.id)
          .map((other) => (
            <li key={other.info.id}>
              <button type="button" className="vote" onClick={() => view.select({ type: 'call', id: other.info.id })}>
                <VoteMark call={other} />
                <span>
                  {line(group.info.labels[other.info.slot[0] ?? 0] ?? other.info.label, 80)}: {markOf(other).word}
                  {reasonOf(group.change.verdict?.reasons[other.info.slot[0] ?? 0])}
                </span>
              </button>
            </li>
          ))}
      </ul>
      <GroupLink group={claim} words="Show the claim" />
    </Section>
  );
}

function GroupLink({ group, words }: { group: number; words: string }) {
  const view = useView();
  return (
    <button type="button" className="link" onClick={() => view.select({ type: 'group', id: group })}>
      {words}
    </button>
  );
}

export function VoteMark({ call }: { call: CallNode }) {
  const mark = markOf(call);
  return (
    <span className={`mark is-${mark.state}`}>
      <Icon name={mark.icon} />
    </span>
  );
}

function reasonOf(reason: string | undefined): string {
  return reason ? `, “${line(reason, 400)}”` : '';
}
