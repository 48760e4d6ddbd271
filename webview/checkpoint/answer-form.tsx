import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { line, plural } from '../format.ts';
import { Icon } from '../icon.tsx';
import { Problem } from '../steer/agent-actions.tsx';
import { TEXT_MENU } from '../steer/native-menu.ts';
import { useAsk } from '../steer/use-ask.ts';
import { useRun, useStore } from '../store.ts';
import { useDraft, useView } from '../view-state.ts';
import { Fields } from './fields.tsx';
import { formOf, readForm } from './schema-form.ts';

const NO_PROBLEMS: ReadonlyMap<string, string> = new Map();

/** Answers a checkpoint: the values it asks for, a comment where one is wanted, and a button for each choice. */
export function AnswerForm({ call }: { call: CallNode }) {
  const { host } = useStore();
  const { key } = call.info;
  const choices = call.info.checkpoint?.choices ?? [];
  const view = useView();
  const draft = useDraft(key);
  const asking = useAsk();
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  const schema = call.info.checkpoint?.schema ?? null;
  const fields = useMemo(() => formOf(schema), [schema]);
  const read = readForm(fields, draft.fields);
  const problems = tried && !read.ok ? read.problems : NO_PROBLEMS;
  if (host.kind === 'page')
    return <p className="quiet">It can be answered with: {choices.map((c) => line(c, 60)).join(' · ')}.</p>;
  const give = async (choice: string) => {
    setTried(true);
    if (!read.ok) return focusFirstProblem(form.current);
    const comment = draft.comment?.trim();
    const answer = { choice, ...(comment && { comment }), ...(schema && { values: read.values }) };
    if (await asking.ask({ method: 'answer', on: { call: call.info.id, key }, answer }))
      view.changeDraft(key, { sent: choice });
  };
  if (draft.sent !== null) return <Sent choice={draft.sent} again={() => view.changeDraft(key, { sent: null })} />;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border and a legend of its own.
    <div className="answer" role="group" aria-label="Answer" ref={form}>
      <Fields
        fields={fields}
        typed={draft.fields}
        problems={problems}
        change={(name, text) => view.changeDraft(key, { fields: { ...draft.fields, [name]: text } })}
      />
      {draft.comment !== null && (
        <Comment text={draft.comment} change={(comment) => view.changeDraft(key, { comment })} />
      )}
      {problems.size > 0 && (
        <p className="form-problem" role="alert">
          Not sent: {plural(problems.size, 'value is', 'values are')} not right yet.
        </p>
      )}
      <div className="choices">
        {choices.map((choice, index) => (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: a choice is its place.
            key={index}
            type="button"
            className={`button choice${index === 0 ? ' primary' : ''}`}
            aria-disabled={asking.busy}
            title={line(choice, 300)}
            onClick={() => void give(choice)}
          >
            {line(choice, 80) || '(empty)'}
          </button>
        ))}
        <button
          type="button"
          className="button"
          aria-expanded={draft.comment !== null}
          onClick={() => view.changeDraft(key, { comment: draft.comment === null ? '' : null })}
        >
          {draft.comment === null ? 'Comment…' : 'No comment'}
        </button>
      </div>
      <Problem asking={asking} className="form-problem" />
    </div>
  );
}

function Sent({ choice, again }: { choice: string; again: () => void }) {
  const driven = useRun((store) => store.status() === 'running');
  return (
    <p className="sent" role="status">
      <Icon name="check" /> “{line(choice, 80)}” {driven ? 'is on its way.' : 'is kept until the run is resumed.'}{' '}
      <button type="button" className="link" onClick={again}>
        Answer again
      </button>
    </p>
  );
}

function Comment({ text, change }: { text: string; change: (text: string) => void }) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  // A comment that is unfolded is to be written; one that a reload brings back is not.
  useEffect(() => {
    if (area.current?.value === '') area.current.focus({ preventScroll: true });
  }, []);
  return (
    <div className="form-field">
      <label htmlFor={id} className="form-label">
        Comment
      </label>
      <textarea
        id={id}
        ref={area}
        className="input nowheel"
        rows={3}
        placeholder="Goes to the script with the answer"
        value={text}
        onChange={(event) => change(event.target.value)}
        {...TEXT_MENU}
      />
    </div>
  );
}

/** The fields say what is wrong once they are drawn again. */
function focusFirstProblem(form: HTMLElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
