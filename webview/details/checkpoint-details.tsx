import type { CheckpointInfo } from '../../extension/protocol/run-events.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import type { CheckpointAnswer } from '../../extension/protocol/sandbox-wire.ts';
import { momentWords } from '../../extension/protocol/wait-words.ts';
import { AnswerForm } from '../checkpoint/answer-form.tsx';
import { defaultWords, endWords, waitsWords } from '../checkpoint/words.ts';
import { line, shown } from '../format.ts';
import { Icon } from '../icon.tsx';
import { MarkdownText } from '../markdown/markdown-text.tsx';
import { isOpenQuestion, LOOKS, stateOfCall } from '../states.ts';
import { useNow, useTree } from '../store.ts';
import { phaseOf } from '../tree/cells.ts';
import { Block, Facts, Section } from './parts.tsx';
import { Pending, ScriptLink } from './said.tsx';
import { useDetails } from './use-details.ts';
import { Value } from './value.tsx';

/** The events carry a question and its detail up to this length. */
const CUT_AT = 2000;

/** A checkpoint in full: what is asked and may be answered, or what was answered, and by whom. */
export function CheckpointDetails({ call }: { call: CallNode }) {
  const tree = useTree();
  const asks = call.info.checkpoint;
  const open = isOpenQuestion(tree, call);
  const state = stateOfCall(tree, call);
  if (!asks) return null;
  const cut = asks.question.length >= CUT_AT || asks.detail.length >= CUT_AT;
  return (
    <>
      <h2>Checkpoint</h2>
      <p className="quiet side-who">
        {line(phaseOf(call.info), 80)} <ScriptLink call={call} />
      </p>
      <Facts>
        <span className={`pill is-${state}`}>
          <Icon name={LOOKS[state].icon} />
          {open ? 'asks you' : (call.settled?.answer && 'answered') || LOOKS[state].word}
        </span>
        {open && <Times asks={asks} />}
      </Facts>
      <Section title="Question" part="prompt">
        <p className="as-written">{shown(asks.question)}</p>
      </Section>
      {asks.detail && (
        <Section title="Detail" part="prompt">
          <MarkdownText text={asks.detail} />
        </Section>
      )}
      {cut && <Whole call={call} />}
      <Section title="Answer" part="answer">
        {open ? <AnswerForm call={call} /> : <Given call={call} answer={call.settled?.answer} />}
      </Section>
      {!open && asks.choices.length > 1 && (
        <Section title="Choices">
          <ul className="plain">
            {asks.choices.map((choice, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a choice is its place.
              <li key={index}>{line(choice, 300)}</li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function Times({ asks }: { asks: CheckpointInfo }) {
  const now = useNow();
  return (
    <>
      <span title={`Asked ${momentWords(asks.askedAt)}`}>{waitsWords(asks, now)}</span>
      <span>{defaultWords(asks, now) || 'It waits for you, however long.'}</span>
    </>
  );
}

/** What did not fit into the events. */
function Whole({ call }: { call: CallNode }) {
  const asked = useDetails(call);
  return (
    <Section title="All of it" part="prompt">
      {asked.state === 'there' ? <Block text={asked.details.prompt} /> : <Pending asked={asked} call={call} />}
    </Section>
  );
}

function Given({ call, answer }: { call: CallNode; answer: CheckpointAnswer | undefined }) {
  if (!answer) return <p className="quiet">{endWords(call)}</p>;
  return (
    <>
      <p>
        <b>{line(answer.choice, 300)}</b>
      </p>
      <p className="quiet">{endWords(call)}</p>
      {answer.comment && <p className="aside as-written">{shown(answer.comment)}</p>}
      {answer.values && <Value value={answer.values} schema={call.info.checkpoint?.schema ?? {}} />}
    </>
  );
}
