import { isJsonObject, type Json } from '../protocol/json.ts';
import type { WorkflowEntry } from '../runs/run-service.ts';

/** How well a workflow fits a goal, and the words of the goal that say so. */
export interface Match {
  entry: WorkflowEntry;
  score: number;
  words: string[];
}

/** Words that tell nothing of what is wanted. */
const EMPTY = new Set(
  (
    'a about after all also an and any are as at be been before but by can code could do does done each every everything for from ' +
    'get give go has have here how i if in into is it its like look make me my name need new no not of off on one only or our out over ' +
    'please project repo repository run should so some such tell than that the their them then there these they this those through to ' +
    'too up us use want was we what when where whether which who whole why will with without work works would workspace you your ' +
    'find file files folder folders code codebase agent agents workflow whatever'
  ).split(' '),
);

/** What people say for what a workflow, or a choice in its args, calls by one name. */
const ALSO: Record<string, string> = {
  'bug-sweep': 'bug bugs defect fault mistake wrong broken',
  'security-audit': 'vulnerability vulnerable exploit attack owasp pentest',
  'review-changes': 'diff commit branch pr',
  secrets: 'secret password credential token apikey hardcoded leaked key',
  injection: 'injection sql xss traversal ssrf unescaped unsanitized sanitize',
  'dangerous-calls': 'eval deserialize deserialization pickle unsafe exec',
  'swallowed-errors': 'swallow swallowed swallowing exception catch caught silent silently ignored errors error',
  'resource-leaks': 'leak leaks leaking unclosed resource resources',
  'weak-crypto': 'crypto cryptography hash hashes md5 sha1 cipher encryption randomness predictable',
};

/** A word of the name weighs most, then one of what it can be told to look at, then one of what it says of itself. */
const WEIGHTS = { name: 3, choice: 2.5, text: 1 };

/** Paths say where, not what; but `SQL/XSS` is two words. */
const PATHS = /(?<!\S)[`'"(]?(?:(?:\.{0,2}|~)\/\S*|\S*\/\S*\.\S+|\S+\/[`'")]?(?!\S))/g;

/** The workflows that the words of a goal point at, the likeliest first; of equal ones in the order of their names. */
export function matches(goal: string, entries: readonly WorkflowEntry[]): Match[] {
  const said = wordsOf(goal.replace(PATHS, ' '));
  const known = entries.map((entry) => ({ entry, words: wordsOfEntry(entry) }));
  return known
    .map(({ entry, words }) => {
      const hits = said.flatMap((word) => {
        const weight = weightOf(word, words);
        if (weight === 0) return [];
        // What nearly all of them say tells nothing.
        const sharing = known.filter((other) => weightOf(word, other.words) > 0).length;
        return [{ word, weight, score: weight * Math.log2(1 + known.length / sharing) }];
      });
      // One word of a description is chance; a name, or a choice, is meant.
      const isMeant = hits.length > 1 || hits.some(({ weight }) => weight > WEIGHTS.text);
      const score = isMeant ? hits.reduce((sum, hit) => sum + hit.score, 0) : 0;
      return { entry, score, words: hits.map(({ word }) => word) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.entry.name < b.entry.name ? -1 : 1));
}

/** The choices that a goal names, by their own words or by what people say for them. */
export function chosen(goal: string, choices: readonly string[]): string[] {
  const said = wordsOf(goal.replace(PATHS, ' '));
  return choices.filter((choice) =>
    wordsOf(ALSO[choice] ?? choice).some((word) => said.some((one) => alike(one, word))),
  );
}

/** What of a text tells something, in lower case, each once. */
function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words.filter((word) => word.length > 1 && !EMPTY.has(word)))];
}

type Words = Record<keyof typeof WEIGHTS, string[]>;

function wordsOfEntry({ name, description, whenToUse, args }: WorkflowEntry): Words {
  const schema = args && 'schema' in args ? args.schema : {};
  return {
    name: wordsOf(`${name} ${ALSO[name] ?? ''}`),
    choice: wordsOf(
      choicesIn(schema)
        .map((choice) => `${choice} ${ALSO[choice] ?? ''}`)
        .join(' '),
    ),
    // What it takes is told there too, for people.
    text: wordsOf(`${description} ${whenToUse.replace(/\bArgs:.*/s, '')}`),
  };
}

/** All texts that a schema lets somebody choose from. */
function choicesIn(schema: Json): string[] {
  if (Array.isArray(schema)) return schema.flatMap(choicesIn);
  if (!isJsonObject(schema)) return [];
  const own = Array.isArray(schema.enum) ? schema.enum.filter((choice) => typeof choice === 'string') : [];
  return [...own, ...Object.values(schema).flatMap(choicesIn)];
}

function weightOf(word: string, words: Words): number {
  const places = (Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[]).filter((place) =>
    words[place].some((other) => alike(word, other)),
  );
  return Math.max(0, ...places.map((place) => WEIGHTS[place]));
}

/** The same word in another form: most of both is their common beginning. */
function alike(a: string, b: string): boolean {
  if (a === b || a === `${b}s` || b === `${a}s`) return true;
  let common = 0;
  while (common < a.length && a[common] === b[common]) common += 1;
  return common >= 5 && common * 2 >= Math.max(a.length, b.length);
}
