import { ModelError } from '../provider.ts';
import type { Conversation, Step } from './conversation.ts';
import { entryPoints } from './rules/entry-points.ts';
import { searchFiles } from './search.ts';
import { stringListField, type TaskHeader } from './task-header.ts';
import { skipped } from './triage.ts';

const MOST_ENTRIES = 200;
const LONGEST_SHOWN = 160;
/** Minified code is mended where it comes from. */
const LONGEST_LINE = 300;

/**
 * Says where something from outside comes in, by the names of what lets it in. Header: `Files`, `Lenses`.
 * Answer: `{ entryPoints: [{ file, line, kind, what }], skip: [{ lens, why }] }`: one a line in order of file and line, 200 at most;
 * `what` is the line, `skip` the lenses without patterns.
 */
export async function threatsTask(header: TaskHeader, conversation: Conversation): Promise<Step> {
  const lenses = stringListField(header, 'Lenses');
  const files = stringListField(header, 'Files');
  if (!lenses || !files)
    throw new ModelError('The task header "threats" needs Files and Lenses.', { retryable: false });
  const found = searchFiles(entryPoints, files, conversation);
  if ('ask' in found) return found;
  const entries = found.hits
    .filter(({ text }) => text.length <= LONGEST_LINE && !/^\s*(\/\/|\*|#)/.test(text))
    .map(({ file, line, text, rules }) => ({
      file,
      line,
      kind: rules[0]!.title,
      what: text.trim().slice(0, LONGEST_SHOWN),
    }));
  return { answer: { entryPoints: entries.slice(0, MOST_ENTRIES), skip: skipped(lenses) } };
}
