import { type KeyboardEvent, type MouseEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { exactLine } from '../../extension/protocol/exact-text.ts';
import { askWords, isWhollySaid } from '../../extension/protocol/permission-words.ts';
import {
  PERMISSION_ANSWERS,
  type PermissionAnswer,
  type PermissionQuestion,
  type WholeCall,
} from '../../extension/protocol/permissions.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { momentWords } from '../../extension/protocol/wait-words.ts';
import { waitsWords } from '../checkpoint/words.ts';
import { Section } from '../details/parts.tsx';
import type { Asked } from '../details/use-details.ts';
import { Icon } from '../icon.tsx';
import { Problem } from '../steer/agent-actions.tsx';
import { useAsk } from '../steer/use-ask.ts';
import { useClock, useRun, useStore } from '../store.ts';
import { useView } from '../view-state.ts';
import { AllOfIt } from './all-of-it.tsx';
import { ANSWERS, coverWords, silenceWords } from './answers.ts';
import { ExactText } from './exact-text.tsx';
import { TargetList } from './target-list.tsx';

/** What of a call waits for a person's yes or no: each with all that it would do, and the four answers. */
export function PermissionQuestions({ call, asked: details }: { call: CallNode; asked: Asked }) {
  const place = useRef<HTMLDivElement>(null);
  const view = useView();
  const asked = call.asks.length > 0;
  useEffect(() => {
    if (!asked || !view.decisionAsked) return;
    view.decisionAsked = false;
    // The question, not a button: a key that is held down would answer it.
    place.current?.querySelector<HTMLElement>('.permission')?.focus();
  });
  if (!asked) return null;
  return (
    <div ref={place}>
      <Section title="Waits for a permission">
        {call.asks.map((question) => (
          <Question key={question.id} call={call} question={question} whole={wholeOf(details, question)} />
        ))}
      </Section>
    </div>
  );
}

/** All that a question is about; `asking` while that is fetched, null where it is not known. */
function wholeOf(asked: Asked, { id }: PermissionQuestion): WholeCall | 'asking' | null {
  if (asked.state !== 'there') return asked.state === 'asking' ? 'asking' : null;
  return asked.details.wanted?.find(({ question }) => question === id)?.call ?? null;
}

interface QuestionProps {
  call: CallNode;
  question: PermissionQuestion;
  whole: WholeCall | 'asking' | null;
}

function Question({ call, question, whole }: QuestionProps) {
  const { host } = useStore();
  const { askedAt } = question;
  const waits = useClock((now) => (askedAt === undefined ? '' : waitsWords({ askedAt }, now)));
  const silence = useClock((now) => silenceWords(question, now));
  const group = useFocusKept();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border and a legend of its own.
    <div
      className="permission aside is-asks"
      role="group"
      aria-label={`Permission for ${exactLine(question.tool, 60)}: ${askWords(question)}`}
      tabIndex={-1}
      ref={group}
    >
      <p>
        <b>
          <ExactText text={question.tool} />
        </b>{' '}
        <span className="quiet">asks, for</span> <ExactText text={question.why} />
      </p>
      <TargetList question={question} whole={whole} />
      {whole !== null && whole !== 'asking' && !isWhollySaid(question, whole) && <AllOfIt whole={whole} />}
      {host.kind === 'page' ? <p className="quiet">It waits for a person.</p> : <Answers call={call} of={question} />}
      <p className="quiet">
        For this run, or this version: holds for {coverWords(question)}, where that is not allowed yet. “Always” is for
        this version of the script in this folder, and ends after 30 days.
      </p>
      {(waits || silence) && (
        <p className="quiet">
          {waits && (
            <span title={askedAt === undefined ? undefined : `Asked ${momentWords(askedAt)}`}>It {waits}.</span>
          )}{' '}
          {silence}
        </p>
      )}
    </div>
  );
}

/** When what has the focus goes, the details have it, so that the keys are not lost. */
function useFocusKept() {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const own = element.current;
    return () => {
      if (own?.contains(document.activeElement)) own.closest<HTMLElement>('.side-body')?.focus();
    };
  }, []);
  return element;
}

/** The four answers. While one of them has the focus a letter does the same as the first and the last. */
function Answers({ call, of }: { call: CallNode; of: PermissionQuestion }) {
  const asking = useAsk();
  const [sent, setSent] = useState<PermissionAnswer | null>(null);
  const restricted = useRun((store) => store.restricted);
  const reason = useId();
  const off = asking.busy || restricted || sent !== null;
  const answer = async (given: PermissionAnswer) => {
    if (off) return;
    const on = { call: call.info.id, key: call.info.key };
    if (await asking.ask({ method: 'permit', on, permission: of.id, answer: given })) setSent(given);
  };
  const onClick = (event: MouseEvent, given: PermissionAnswer) => {
    // The second click of two was for what stood here before.
    if (event.detail < 2) void answer(given);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A key that is held down has answered what stood here before.
    if (event.repeat && (event.key === 'Enter' || event.key === ' ')) return event.preventDefault();
    const given = PERMISSION_ANSWERS.find((each) => ANSWERS[each].key === event.key.toUpperCase());
    if (!given) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) void answer(given);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its buttons have the focus, it only hears their keys. */}
      <div className="choices" onKeyDown={onKeyDown}>
        {PERMISSION_ANSWERS.map((each) => {
          const { label, hint, key } = ANSWERS[each];
          return (
            <button
              key={each}
              type="button"
              className={`button choice${each === 'once' ? ' primary' : ''}`}
              title={key ? `${hint} (${key})` : hint}
              aria-keyshortcuts={key}
              aria-disabled={off}
              aria-describedby={restricted ? reason : undefined}
              onClick={(event) => onClick(event, each)}
            >
              {label}
            </button>
          );
        })}
      </div>
      {restricted && (
        <p className="form-problem" id={reason}>
          <Icon name="workspace-untrusted" /> This folder is not trusted: nothing can be allowed or denied here. Trust
          it with “Workspaces: Manage Workspace Trust”.
        </p>
      )}
      {sent !== null && (
        <p className="sent" role="status">
          <Icon name="check" /> {ANSWERS[sent].sent}: on its way.
        </p>
      )}
      <Problem asking={asking} className="form-problem" />
    </>
  );
}
