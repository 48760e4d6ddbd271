import { memo, useMemo, useState } from 'react';
import type { TranscriptEntry } from '../../extension/protocol/call-details.ts';
import type { Json } from '../../extension/protocol/json.ts';
import { isJsonObject } from '../../extension/protocol/json.ts';
import { ChangeText } from '../code/diff-text.tsx';
import { editsIn } from '../code/edits.ts';
import { isUnifiedDiff, languageOfFile } from '../code/languages.ts';
import { duration, line, plural } from '../format.ts';
import { Icon } from '../icon.tsx';
import { MarkdownText } from '../markdown/markdown-text.tsx';
import { beginningsIn } from './attempts.ts';
import { Block, Output, TextActions } from './parts.tsx';
import { sizeWords, toldWords } from './told.ts';
import { Value } from './value.tsx';

/** What an agent said and did, in order; tool calls are folded. `startedAt`: when its present try began. */
export function Transcript({ entries, startedAt }: { entries: TranscriptEntry[]; startedAt: number | null }) {
  const begun = beginningsIn(entries, startedAt);
  return (
    <ol className="transcript">
      {entries.map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added.
        <li key={index}>
          {begun.has(index) && (
            <p className="begun-anew">
              <Icon name="debug-restart" /> begun anew
            </p>
          )}
          <Entry entry={entry} />
        </li>
      ))}
    </ol>
  );
}

/** An entry never changes: a long transcript is not drawn again for each that comes to it. */
const Entry = memo(function Entry({ entry }: { entry: TranscriptEntry }) {
  switch (entry.type) {
    case 'text':
      return <MarkdownText text={entry.text} />;
    case 'tool':
      return <ToolCall entry={entry} />;
    case 'answer-rejected':
      return (
        <div className="aside is-unverified">
          <p>
            <Icon name="warning" /> Answer rejected: {line(entry.problems, 1000)}
          </p>
          <details>
            <summary>The answer</summary>
            <Block text={JSON.stringify(entry.answer, null, 2)} language="json" />
          </details>
        </div>
      );
    case 'retry':
      return (
        <p className="aside">
          <Icon name="debug-restart" /> {line(entry.reason, 1000)}; tried again after {duration(entry.delayMs)}
        </p>
      );
    case 'message':
      return (
        <div className="aside is-working said">
          <p className="quiet">
            <Icon name="person" /> A person said
          </p>
          <MarkdownText text={entry.text} />
        </div>
      );
    case 'note':
      return <Note text={entry.text} />;
  }
});

/** What is to be known beside what was said; a diff behind it is one. */
function Note({ text }: { text: string }) {
  const at = text.indexOf('\n\n');
  const diff = at < 0 ? '' : text.slice(at + 2);
  const isDiff = isUnifiedDiff(diff);
  return (
    <div className="aside">
      <p>
        <Icon name="info" /> {line(isDiff ? text.slice(0, at) : text, 2000)}
      </p>
      {isDiff && (
        <details>
          <summary>The diff</summary>
          <Output text={diff} language="" />
        </details>
      )}
    </div>
  );
}

function ToolCall({ entry }: { entry: Extract<TranscriptEntry, { type: 'tool' }> }) {
  const name = line(entry.name, 60);
  return (
    <details className={`tool${entry.isError ? ' is-failed' : ''}`}>
      <summary>
        <Icon name="chevron-right" className="twistie" />
        <span className="tool-name">{name}</span>
        <span className="tool-input">{summaryOf(entry.input)}</span>
        {entry.isError && (
          <span className="tool-error">
            <Icon name="close" /> failed
          </span>
        )}
        <span className="tool-time">{duration(entry.durationMs)}</span>
      </summary>
      <h4>Input</h4>
      <Input input={entry.input} />
      <div className="tool-head">
        <h4>{entry.isError ? 'Error' : `Output, ${plural(entry.output.length, 'character')}`}</h4>
        <TextActions title={`Output of ${name}`} text={entry.whole ?? entry.output} language="plaintext" />
      </div>
      <Output text={entry.output} language={entry.isError ? '' : languageOfOutput(entry)} />
      {entry.whole !== undefined && <Whole whole={entry.whole} output={entry.output} />}
    </details>
  );
}

/** All that a tool brought, where the model was told a part: drawn once somebody wants to see it, for it may be a megabyte. */
function Whole({ whole, output }: { whole: string; output: string }) {
  const [open, setOpen] = useState(false);
  const told = useMemo(() => toldWords(output, whole), [output, whole]);
  return (
    <>
      <p className="quiet">
        <Icon name="info" /> The model was told {told}.
      </p>
      <details className="tool-whole" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <Icon name="chevron-right" className="twistie" />
          All that it brought, {sizeWords(whole)}
        </summary>
        {open && <Output text={whole} language="" />}
      </details>
    </>
  );
}

/** What a tool was given: an edit as what it changes, a file's new content in its colours, anything else as JSON. */
function Input({ input }: { input: Json }) {
  const edits = editsIn(input);
  if (typeof input === 'string' || !isJsonObject(input))
    return <Block text={typeof input === 'string' ? input : JSON.stringify(input, null, 2)} />;
  const path = pathIn(input);
  if (edits)
    return (
      <>
        {path && <p className="mono">{line(path, 300)}</p>}
        {edits.map((edit, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an edit is its place.
          <ChangeText key={index} {...edit} />
        ))}
      </>
    );
  if (Object.values(input).every((value) => typeof value !== 'object' && !String(value).includes('\n')))
    return <Value value={input} />;
  const { content } = input;
  if (path && typeof content === 'string')
    return (
      <>
        <p className="mono">{line(path, 300)}</p>
        <Block text={content} language={languageOfFile(path)} />
      </>
    );
  return <Block text={JSON.stringify(input, null, 2)} language="json" />;
}

function pathIn(input: Json): string {
  if (!isJsonObject(input)) return '';
  const path = input.path ?? input.file_path ?? input.file;
  return typeof path === 'string' ? path : '';
}

/** Only what reads one file gives back that file's language; lists of places and the like have none. */
function languageOfOutput({ name, input, output }: { name: string; input: Json; output: string }): string {
  if (/^(read|view|cat|open|get|show)(_?file)?/i.test(name)) return languageOfFile(pathIn(input));
  return /^\s*[{[]/.test(output) && isJson(output) ? 'json' : '';
}

function isJson(text: string): boolean {
  if (text.length > 50_000) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Then it is a text that only begins like one.
    return false;
  }
}

/** The values of an input on one line, without their names: `web/files.ts 40 80`. */
function summaryOf(input: Json): string {
  if (!isJsonObject(input)) return line(JSON.stringify(input), 120);
  const values = Object.values(input).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return line(values.join(' '), 120);
}
