import type { Json } from '../../protocol/json.ts';
import { ModelError } from '../provider.ts';
import { type Conversation, linesAndNote, type Step, type ToolCall } from './conversation.ts';
import { LENSES, type Lens, type Rule } from './rules/rule.ts';
import { RULES } from './rules/tables.ts';
import { type Hit, searchFiles } from './search.ts';
import { objectField, stringField, stringListField, type TaskHeader } from './task-header.ts';

const BLOCK_LINES = 12;
/** Minified and generated code is mended where it comes from. */
const MAX_LINE = 500;

/**
 * Casts wide over the text of files, by one lens. Header: `Lens`, `Files`, and `Lines` where only some lines of
 * the files count: `{ file: [[first, last]] }`.
 * Answer: `{ findings: [{ file, line, severity, title, evidence }] }`, one a line, in order of file and line.
 */
export async function findTask(header: TaskHeader, conversation: Conversation): Promise<Step> {
  const lens = stringField(header, 'Lens') as Lens | undefined;
  const files = stringListField(header, 'Files');
  if (!lens || !LENSES.includes(lens) || !files) {
    throw new ModelError(`The task header "find" needs Files, and a Lens out of: ${LENSES.join(', ')}.`, {
      retryable: false,
    });
  }
  const found = searchFiles(RULES[lens], files, conversation);
  if ('ask' in found) return found;
  const wanted = wantedLines(header);
  // The tool cuts a line this long: nobody has written it by hand, unless it is a key.
  const hits = found.hits.filter((hit) => wanted(hit) && (hit.text.length <= MAX_LINE || lens === 'secrets'));

  const reads = hits.filter((hit) => hit.rules.some((rule) => rule.unlessBlock)).map(blockRead);
  const unread = conversation.missing(reads);
  if (unread.length > 0) return { ask: unread };

  const findings = hits.flatMap((hit) => findingOf(lens, hit, conversation));
  return { answer: { findings } };
}

/** Whether a line counts: every one does, unless the header says which. */
function wantedLines(header: TaskHeader): (hit: Hit<Rule>) => boolean {
  const lines = objectField(header, 'Lines');
  if (lines === undefined) return () => true;
  return ({ file, line }) => {
    const ranges = Object.hasOwn(lines, file) ? lines[file] : undefined;
    return Array.isArray(ranges) && ranges.some((range) => Array.isArray(range) && isBetween(line, range));
  };
}

function isBetween(line: number, [first, last]: Json[]): boolean {
  return typeof first === 'number' && typeof last === 'number' && first <= line && line <= last;
}

function blockRead(hit: Hit<Rule>): ToolCall {
  return { name: 'read_file', input: { path: hit.file, offset: hit.line, limit: BLOCK_LINES } };
}

function findingOf(lens: Lens, hit: Hit<Rule>, conversation: Conversation): Json[] {
  const rule = hit.rules.find((candidate) => !candidate.unlessBlock?.test(blockOf(hit, conversation)));
  if (!rule) return [];
  const text = hit.text.trim();
  const evidence = lens === 'secrets' ? masked(text) : withoutTokens(text);
  return [{ file: hit.file, line: hit.line, severity: rule.severity, title: rule.title, evidence }];
}

/** The line and those below that are indented deeper: what belongs to it, as far as the text alone can tell. */
function blockOf(hit: Hit<Rule>, conversation: Conversation): string {
  const { lines } = linesAndNote(conversation.outcome(blockRead(hit))?.content ?? '');
  const [first = hit.text, ...rest] = lines.map((line) => line.slice(line.indexOf('\t') + 1));
  const indent = indentOf(first);
  const end = rest.findIndex((line) => line.trim() !== '' && indentOf(line) <= indent);
  return [first, ...(end === -1 ? rest : rest.slice(0, end))].join('\n');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** A string, also one without an end on this line. An apostrophe within a word begins none. */
const STRINGS =
  /(?<start>(?<!\w)[bruf]{0,2}(?=['"])|(?=`))(?<quote>['"`])(?<value>(?:\\.|(?!\k<quote>).)*)(?<end>\k<quote>|$)/gi;
/** What is a credential by its form, in quotes or not. */
const TOKENS = /\b(AKIA|gh[pousr]_|[sr]k_live_|xox[abprs]-|AIza|eyJ)[\w.-]{8,}/g;

/** A report is passed around; the secret itself stays where it was found. Keys in quotes are kept, for they tell what it is. */
export function masked(text: string): string {
  const quoted = text.replace(STRINGS, (whole: string, ...found: unknown[]) => {
    const { start, quote, value, end } = found.at(-1) as Record<string, string>;
    const at = found.at(-3) as number;
    if (value!.length < 4 || isKey(text.slice(0, at), text.slice(at + whole.length))) return whole;
    const shown = value!.slice(0, Math.min(3, Math.floor(value!.length / 4)));
    return `${start}${quote}${shown}…${end}`;
  });
  return withoutTokens(quoted);
}

/** What another lens reports may have a credential in it, too. */
function withoutTokens(text: string): string {
  return text.replace(TOKENS, '$1…').replace(/:\/\/([^\s:@/]+):[^\s@/]+@/g, '://$1:…@');
}

/** Whether a string is what something is named by: `{ 'a': …`, `it['a']`. */
function isKey(before: string, after: string): boolean {
  if (/^\s*:/.test(after)) return /(^|[{,])\s*$/.test(before);
  return /^\s*\]/.test(after) && /[\w)\]]\[\s*$/.test(before);
}
