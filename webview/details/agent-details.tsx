import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { cost, count, duration, elapsedOf, line, plural } from '../format.ts';
import { Icon } from '../icon.tsx';
import { challengersOf, LOOKS, markOf } from '../states.ts';
import { AgentActions, Problem } from '../steer/agent-actions.tsx';
import { useAsk } from '../steer/use-ask.ts';
import { useNow, useStore, useTree } from '../store.ts';
import { phaseOf } from '../tree/cells.ts';
import { useView } from '../view-state.ts';
import { Answer, Block, Fact, Facts, Section, TextActions } from './parts.tsx';
import { Transcript } from './transcript.tsx';
import { type Asked, useDetails } from './use-details.ts';

/** One agent in full: who it is, why it failed, what it was asked, what it did, what it answered. */
export function AgentDetails({ call }: { call: CallNode }) {
  const asked = useDetails(call);
  const tree = useTree();
  const asking = useAsk();
  const group = call.info.group === null ? undefined : tree.groups.get(call.info.group);
  const claim = call.info.role === 'challenger' ? group : undefined;
  return (
    <>
      <h2>{line(call.info.label)}</h2>
      <Who call={call} lens={claim?.info.labels[call.info.slot[0] ?? 0]} of={group?.info.size} />
      <Numbers call={call} />
      <AgentActions call={call} asking={asking} />
      <Problem asking={asking} className="form-problem" />
      <Cause call={call} />
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
      {asked.state === 'there' ? <Said asked={asked} call={call} /> : <Pending asked={asked} call={call} />}
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
  return (
    <Facts>
      <span className={`pill is-${mark?.state ?? call.state}`}>
        <Icon name={mark?.icon ?? LOOKS[call.state].icon} />
        {mark?.word ?? LOOKS[call.state].word}
      </span>
      {elapsed !== null && <Fact value={duration(elapsed)} />}
      {usage.inputTokens > 0 && <Fact value={count(usage.inputTokens)} unit="in" />}
      {usage.outputTokens > 0 && <Fact value={count(usage.outputTokens)} unit="out" />}
      {usage.cacheReadTokens > 0 && <Fact value={count(usage.cacheReadTokens)} unit="from cache" />}
      {usage.costUsd === null ? <span>cost unknown</span> : usage.costUsd > 0 && <Fact value={cost(usage.costUsd)} />}
      {settled && settled.requests > 0 && (
        <Fact value={String(settled.requests)} unit={settled.requests === 1 ? 'request' : 'requests'} />
      )}
      {settled?.reused && <span>taken from the journal, not asked again</span>}
    </Facts>
  );
}

export function Cause({ call }: { call: CallNode }) {
  const cause = call.settled?.cause;
  if (!cause) return null;
  return (
    <div className={`aside is-${call.state} cause`} role="note">
      <p>
        <b>
          {cause.kind}
          {cause.status === undefined ? '' : ` (HTTP ${cause.status})`}
        </b>
      </p>
      <p className="cause-text">{line(cause.message, 4000)}</p>
    </div>
  );
}

export function Pending({ asked, call }: { asked: Asked; call: CallNode }) {
  if (asked.state === 'failed')
    return <p className="aside is-failed">The details cannot be shown: {line(asked.error, 500)}</p>;
  return <p className="quiet">{call.state === 'waiting' ? 'Waits for a free place.' : 'Fetching the details…'}</p>;
}

function Said({ asked, call }: { asked: Extract<Asked, { state: 'there' }>; call: CallNode }) {
  const { details } = asked;
  const { answer } = details;
  const live = call.state === 'working';
  const answerText = typeof answer === 'string' ? answer : JSON.stringify(answer, null, 2);
  return (
    <>
      <Section
        title="Prompt"
        extra={
          <>
            <TextActions title={`Prompt of ${call.info.label}`} text={details.prompt} language="markdown" />
            <ScriptLink call={call} />
          </>
        }
      >
        <Block text={details.prompt} />
      </Section>
      <Section
        title={live ? 'Transcript · live' : 'Transcript'}
        extra={<span className="quiet">{plural(details.transcript.length, 'step')}</span>}
      >
        <Transcript entries={details.transcript} />
        {live && <p className="doing-now">{line(call.doing) || 'at work'}…</p>}
      </Section>
      {answer !== undefined && (
        <Section
          title="Answer"
          extra={
            <TextActions
              title={`Answer of ${call.info.label}`}
              text={answerText ?? ''}
              language={typeof answer === 'string' ? 'markdown' : 'json'}
            />
          }
        >
          <Answer value={answer} />
        </Section>
      )}
    </>
  );
}

export function ScriptLink({ call }: { call: CallNode }) {
  const { host, tree } = useStore();
  const { at } = call.info;
  if (!at) return null;
  const script = at.script ?? tree.run?.script.split('/').at(-1) ?? 'script';
  const name = `${line(script, 60)}:${at.line}`;
  // A script that was called is not the one that `open-script` opens.
  if (host.kind === 'page' || at.script !== undefined) return <span className="quiet mono">{name}</span>;
  return (
    <button
      type="button"
      className="link"
      title="Open the script at the line that asked for this agent"
      onClick={() => void host.request({ method: 'open-script', line: at.line, column: at.column })}
    >
      {name} <Icon name="link-external" />
    </button>
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
