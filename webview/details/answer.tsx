import { useState } from 'react';
import type { CallDetails, TranscriptEntry } from '../../extension/protocol/call-details.ts';
import type { Json, JsonObject } from '../../extension/protocol/json.ts';
import { line, plural } from '../format.ts';
import { Icon } from '../icon.tsx';
import { MarkdownText } from '../markdown/markdown-text.tsx';
import { Block, Section, TextActions, textOf } from './parts.tsx';
import { Value } from './value.tsx';

/** What an agent answered, held against its schema where it has one. */
export function AnswerSection({
  details,
  label,
  title = 'Answer',
}: {
  details: CallDetails;
  label: string;
  title?: string;
}) {
  const [raw, setRaw] = useState(false);
  const { answer } = details;
  if (answer === undefined) return null;
  const { text, language } = textOf(answer);
  const structured = typeof answer === 'object' && answer !== null;
  return (
    <Section
      title={title}
      part="answer"
      extra={
        <span className="text-actions">
          {structured && (
            <button
              type="button"
              className="icon-button"
              aria-pressed={raw}
              aria-label="Raw JSON"
              title="Raw JSON"
              onClick={() => setRaw(!raw)}
            >
              <Icon name="json" />
            </button>
          )}
          <TextActions title={`${title} of ${label}`} text={text} language={language} />
        </span>
      }
    >
      <SchemaLine details={details} />
      {raw && structured ? (
        <Block text={text} language="json" />
      ) : (
        <Answer value={answer} schema={details.options.schema} />
      )}
    </Section>
  );
}

/** A structured answer as names and values, a text as the Markdown it mostly is. */
export function Answer({ value, schema }: { value: Json; schema?: JsonObject | undefined }) {
  if (value === '') return <p className="quiet">An empty text.</p>;
  if (typeof value === 'string') return <MarkdownText text={value} />;
  return <Value value={value} {...(schema && { schema })} />;
}

type Rejected = Extract<TranscriptEntry, { type: 'answer-rejected' }>;

/** Only an answer that satisfies its schema is taken; one that a person gave in its place is not held against it. */
function SchemaLine({ details }: { details: CallDetails }) {
  const { options, transcript, settled } = details;
  if (options.schema === undefined) return null;
  const rejected = transcript.filter((entry): entry is Rejected => entry.type === 'answer-rejected');
  const given = settled?.requests === 0 && !settled.reused;
  return (
    <div className="schema-line">
      <p>
        {given ? (
          <>
            <Icon name="person" /> A person gave it in place of the agent; it was not held against the schema.
          </>
        ) : (
          <>
            <span className="is-succeeded tone">
              <Icon name="pass" />
            </span>{' '}
            It matches its schema{rejected.length > 0 && `, after ${plural(rejected.length, 'answer')} that did not:`}
          </>
        )}
      </p>
      {rejected.length > 0 && (
        <ul className="plain quiet">
          {rejected.map(({ problems, at }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an entry is its place.
            <li key={index} title={new Date(at).toLocaleString('en')}>
              {line(problems, 400)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
