import { ModelError } from '../provider.ts';
import { type Conversation, linesAndNote, type ToolCall } from './conversation.ts';
import { type Language, languageOf, matchingRules, type Pattern, type PatternTable } from './rules/rule.ts';

/** As many files in one search as will hardly give more lines than the tool lets through. */
const FILES_A_SEARCH = 40;
const MAX_RESULTS = 5_000;

/** A line that looks like something in a table. */
export interface Hit<P extends Pattern> {
  file: string;
  line: number;
  text: string;
  language: Language;
  rules: P[];
}

/**
 * Looks through files for all patterns of a table at once, by the grep tool.
 * @returns what is still to be asked, or the hits in order of the searches
 * @throws ModelError where a search failed
 */
export function searchFiles<P extends Pattern>(
  table: PatternTable<P>,
  files: string[],
  conversation: Conversation,
): { ask: ToolCall[] } | { hits: Hit<P>[] } {
  const searches = searchesFor(table, files).flatMap((search) => narrowed(search, conversation));
  const unsearched = conversation.missing(searches);
  if (unsearched.length > 0) return { ask: unsearched };
  return { hits: searches.flatMap((search) => hitsOf(table, conversation.outcome(search)!.content)) };
}

/** One search for each language and part of the files. */
function searchesFor({ rules, ignoreCase }: PatternTable<Pattern>, files: string[]): ToolCall[] {
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

function hitsOf<P extends Pattern>(table: PatternTable<P>, output: string): Hit<P>[] {
  return linesAndNote(output).lines.flatMap((match) => {
    const parts = /^(.+?):(\d+):(.*)$/.exec(match);
    if (!parts) return [];
    const [, file = '', line, text = ''] = parts;
    const language = languageOf(file);
    if (!language) return [];
    const rules = matchingRules(table, language, text);
    return rules.length > 0 ? [{ file, line: Number(line), text, language, rules }] : [];
  });
}
