import type { Json } from '../../protocol/json.ts';
import { ModelError } from '../provider.ts';
import { type Conversation, linesAndNote, type Step, type ToolCall } from './conversation.ts';
import { type Language, LENSES, type Lens, languageOf, matchingRules, type Rule } from './rules/rule.ts';
import { RULES } from './rules/tables.ts';
import { stringField, stringListField, type TaskHeader } from './task-header.ts';

/** As many files in one search as will hardly give more lines than the tool lets through. */
const FILES_A_SEARCH = 40;
const MAX_RESULTS = 5_000;
const BLOCK_LINES = 12;
/** Minified and generated code is mended where it comes from. */
const MAX_LINE = 500;

interface Hit {
  file: string;
  line: number;
  text: string;
  language: Language;
  rules: Rule[];
}

/**
 * Casts wide over the text of files, by one lens. Header: `Lens`, `Files`.
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
  const searches = searchesFor(lens, files).flatMap((search) => narrowed(search, conversation));
  const unsearched = conversation.missing(searches);
  if (unsearched.length > 0) return { ask: unsearched };

  const hits = searches.flatMap((search) => hitsOf(lens, conversation.outcome(search)!.content));
  const reads = hits.filter((hit) => hit.rules.some((rule) => rule.unlessBlock)).map(blockRead);
  const unread = conversation.missing(reads);
  if (unread.length > 0) return { ask: unread };

  const findings = hits.flatMap((hit) => findingOf(lens, hit, conversation));
  return { answer: { findings } };
}

/** One search for each language and part of the files: all patterns of the lens at once. */
function searchesFor(lens: Lens, files: string[]): ToolCall[] {
  const { rules, ignoreCase } = RULES[lens];
  return (['js', 'py'] as const).flatMap((language) => {
    const spoken = files.filter((file) => languageOf(file) === language).sort();
    const pattern = rules
      .filter((rule) => rule.languages.includes(language))
      .map((rule) => `(?:${rule.pattern})`)
      .join('|');
    const parts = Array.from({ length: Math.ceil(spoken.length / FILES_A_SEARCH) }, (_, part) =>
      spoken.slice(part * FILES_A_SEARCH, (part + 1) * FILES_A_SEARCH),
    );
    return parts.map((paths) => ({ name: 'grep', input: { pattern, paths, ignoreCase, maxResults: MAX_RESULTS } }));
  });
}

/** The search itself, or its halves where its output had to be cut. */
function narrowed(search: ToolCall, conversation: Conversation): ToolCall[] {
  const outcome = conversation.outcome(search);
  if (outcome?.isError) throw new ModelError(`The search failed: ${outcome.content}`, { retryable: false });
  const paths = search.input.paths as string[];
  if (!outcome || linesAndNote(outcome.content).note === null || paths.length < 2) return [search];
  const middle = Math.ceil(paths.length / 2);
  return [paths.slice(0, middle), paths.slice(middle)].flatMap((part) =>
    narrowed({ ...search, input: { ...search.input, paths: part } }, conversation),
  );
}

function hitsOf(lens: Lens, output: string): Hit[] {
  return linesAndNote(output).lines.flatMap((match) => {
    const parts = /^(.+?):(\d+):(.*)$/.exec(match);
    if (!parts) return [];
    const [, file = '', line, text = ''] = parts;
    const language = languageOf(file);
    // The tool cuts a line this long: nobody has written it by hand, unless it is a key.
    if (!language || (text.length > MAX_LINE && lens !== 'secrets')) return [];
    const rules = matchingRules(RULES[lens], language, text);
    return rules.length > 0 ? [{ file, line: Number(line), text, language, rules }] : [];
  });
}

function blockRead(hit: Hit): ToolCall {
  return { name: 'read_file', input: { path: hit.file, offset: hit.line, limit: BLOCK_LINES } };
}

function findingOf(lens: Lens, hit: Hit, conversation: Conversation): Json[] {
  const rule = hit.rules.find((candidate) => !candidate.unlessBlock?.test(blockOf(hit, conversation)));
  if (!rule) return [];
  const text = hit.text.trim();
  const evidence = lens === 'secrets' ? masked(text) : text;
  return [{ file: hit.file, line: hit.line, severity: rule.severity, title: rule.title, evidence }];
}

/** The line and those below that are indented deeper: what belongs to it, as far as the text alone can tell. */
function blockOf(hit: Hit, conversation: Conversation): string {
  const { lines } = linesAndNote(conversation.outcome(blockRead(hit))?.content ?? '');
  const [first = hit.text, ...rest] = lines.map((line) => line.slice(line.indexOf('\t') + 1));
  const indent = indentOf(first);
  const end = rest.findIndex((line) => line.trim() !== '' && indentOf(line) <= indent);
  return [first, ...(end === -1 ? rest : rest.slice(0, end))].join('\n');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** A report is passed around; the secret itself stays where it was found. Keys in quotes are kept, for they tell what it is. */
function masked(text: string): string {
  return text
    .replace(/(['"`])([^'"`]{4,})\1(?!\s*[:\]])/g, (_, quote: string, value: string) => {
      const shown = value.slice(0, Math.min(3, Math.floor(value.length / 4)));
      return `${quote}${shown}…${quote}`;
    })
    .replace(/:\/\/([^\s:@/]+):[^\s@/]+@/g, '://$1:…@');
}
