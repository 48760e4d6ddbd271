import type { TranscriptEntry } from '../../extension/protocol/call-details.ts';
import type { Json } from '../../extension/protocol/json.ts';
import { isJsonObject } from '../../extension/protocol/json.ts';
import { duration, line, plural } from '../format.ts';
import { Icon } from '../icon.tsx';
import { MarkdownText } from '../markdown/markdown-text.tsx';
import { Block } from './parts.tsx';

/** What an agent said and did, in order; tool calls are folded. */
export function Transcript({ entries }: { entries: TranscriptEntry[] }) {
  if (entries.length === 0) return <p className="quiet">Nothing yet.</p>;
  return (
    <ol className="transcript">
      {entries.map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added.
        <li key={index}>
          <Entry entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function Entry({ entry }: { entry: TranscriptEntry }) {
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
            <Block text={JSON.stringify(entry.answer, null, 2)} />
          </details>
        </div>
      );
    case 'retry':
      return (
        <p className="aside">
          <Icon name="debug-restart" /> {line(entry.reason, 1000)}; tried again after {duration(entry.delayMs)}
        </p>
      );
    case 'note':
      return (
        <p className="aside">
          <Icon name="info" /> {line(entry.text, 2000)}
        </p>
      );
  }
}

function ToolCall({ entry }: { entry: Extract<TranscriptEntry, { type: 'tool' }> }) {
  return (
    <details className={`tool${entry.isError ? ' is-failed' : ''}`}>
      <summary>
        <Icon name="chevron-right" className="twistie" />
        <span className="tool-name">{line(entry.name, 60)}</span>
        <span className="tool-input">{summaryOf(entry.input)}</span>
        {entry.isError && (
          <span className="tool-error">
            <Icon name="close" /> failed
          </span>
        )}
        <span className="tool-time">{duration(entry.durationMs)}</span>
      </summary>
      <h4>Input</h4>
      <Block text={typeof entry.input === 'string' ? entry.input : JSON.stringify(entry.input, null, 2)} />
      <h4>{entry.isError ? 'Error' : `Output, ${plural(entry.output.length, 'character')}`}</h4>
      <Block text={entry.output || '(empty)'} />
    </details>
  );
}

/** The values of an input on one line, without their names: `web/files.ts 40 80`. */
function summaryOf(input: Json): string {
  if (!isJsonObject(input)) return line(JSON.stringify(input), 120);
  const values = Object.values(input).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return line(values.join(' '), 120);
}
