import type { CallDetails, TranscriptEntry } from '../../extension/protocol/call-details.ts';
import type { Json } from '../../extension/protocol/json.ts';
import { duration } from '../format.ts';

/** The whole of what was asked, said, done and answered, as one Markdown document. */
export function transcriptMarkdown(label: string, { prompt, transcript, answer }: CallDetails): string {
  const parts = [`# ${label.replace(/\s+/g, ' ')}`, '## Prompt', fenced(prompt), '## Transcript'];
  parts.push(...transcript.map(entryMarkdown));
  if (answer !== undefined) parts.push('## Answer', typeof answer === 'string' ? answer : json(answer));
  return `${parts.join('\n\n')}\n`;
}

function entryMarkdown(entry: TranscriptEntry): string {
  switch (entry.type) {
    case 'text':
      return entry.text;
    case 'tool': {
      const end = `${entry.isError ? 'failed' : 'done'} in ${duration(entry.durationMs)}`;
      return [`### ${entry.name} (${end})`, json(entry.input), fenced(entry.output)].join('\n\n');
    }
    case 'answer-rejected':
      return [`### Answer rejected`, fenced(entry.problems), json(entry.answer)].join('\n\n');
    case 'retry':
      return `*${entry.reason}; tried again after ${duration(entry.delayMs)}*`;
    case 'message':
      return ['### A person said', entry.text].join('\n\n');
    case 'note':
      return `*${entry.text}*`;
  }
}

function json(value: Json): string {
  return fenced(JSON.stringify(value, null, 2), 'json');
}

/** A fence longer than any in the text. */
function fenced(text: string, language = ''): string {
  const longest = Math.max(2, ...(text.match(/`{3,}/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
