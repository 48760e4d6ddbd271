import type { Occasion } from './leaning.ts';

/** As much of a prompt as is read. */
const READ = 20_000;
const FILE_NAME = /^(files?|paths?|file_?(names?|paths?)|source_?files?|entry_?points?|modules?|locations?)$/i;
const PATH_IN_TEXT = /(?<![\w.@/-])(?:[\w.@-]+\/)*[\w.@-]+\.[A-Za-z]\w{0,7}\b/g;
/** Paths that are taken out of a prompt at most. */
const MOST_PATHS = 500;

const LINE_NAME = /^(start_?)?line(_?(no|number))?$/i;

/** Whether a property of this name holds the number of a line. */
export function namesLine(name: string): boolean {
  return LINE_NAME.test(name);
}

/** Whether a property of this name holds the paths of files. */
export function namesFiles(name: string): boolean {
  return FILE_NAME.test(name);
}

/** A place that a finding may be about. */
export interface Spot {
  file: string;
  line: number;
}

/** Added lines of a diff that are taken out of a prompt at most. */
const MOST_SPOTS = 400;

/** The files that an answer would be about: those that the prompt names, else those of the workspace as the leaning has it. */
export function filesFor({ leaning, prompt, files }: Occasion): readonly string[] {
  if (!files) return [];
  const named = readPrompt(prompt, files).files;
  const among = named.length > 1 ? named : files;
  if (leaning === 'lean') return among.slice(0, 1);
  return leaning === 'rich' || named.length > 1 ? among : among.filter(isSource);
}

/** The files of the workspace that a prompt names. */
export function namedFiles({ prompt, files }: Occasion): readonly string[] {
  return files ? readPrompt(prompt, files).files : NO_FILES;
}

/** Lines that were added, where the prompt shows a diff; else none. */
export function spotsIn({ prompt, files }: Occasion): readonly Spot[] {
  return readPrompt(prompt, files ?? NO_FILES).spots;
}

interface Reading {
  prompt: string;
  all: readonly string[];
  files: string[];
  spots: Spot[];
}

const NO_FILES: readonly string[] = [];
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();
/** An answer asks for the same prompt again and again. */
let last: Reading | null = null;

function readPrompt(prompt: string, all: readonly string[]): Reading {
  if (last?.prompt === prompt && last.all === all) return last;
  const text = prompt.slice(0, READ);
  last = { prompt, all, files: filesNamed(text, all), spots: addedLines(text) };
  return last;
}

function filesNamed(text: string, all: readonly string[]): string[] {
  const known = sets.get(all) ?? new Set(all);
  sets.set(all, known);
  const named = new Set<string>();
  for (const [path] of text.matchAll(PATH_IN_TEXT)) {
    if (known.has(path)) named.add(path);
    if (named.size >= MOST_PATHS) break;
  }
  return [...named];
}

function addedLines(text: string): Spot[] {
  const spots: Spot[] = [];
  let file = '';
  let line = 0;
  if (!text.includes('\n@@ -')) return spots;
  for (const row of text.split('\n')) {
    if (spots.length >= MOST_SPOTS) break;
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(row);
    if (row.startsWith('+++ ')) file = row.slice(4).replace(/^b\//, '');
    else if (hunk) line = Number(hunk[1]);
    else if (row.startsWith('+')) spots.push({ file, line: line++ });
    else if (row.startsWith(' ')) line += 1;
  }
  return spots;
}

const SOURCE =
  /\.(?:[cm]?[jt]sx?|py|rb|php|java|kt|kts|scala|go|rs|c|h|cc|cpp|hpp|cs|swift|m|mm|lua|pl|sh|bash|ps1|sql|vue|svelte|dart|ex|exs|erl|clj|hs|ml|r|jl)$/i;
const ASIDE =
  /(^|\/)(\.[^/]+|tests?|__tests__|spec|fixtures?|vendor|third[-_]party|dist|build|generated|examples?)\/|[._-](test|spec|min)\.\w+$/i;

/** A file of the program itself, as far as its name tells. */
export function isSource(path: string): boolean {
  return SOURCE.test(path) && !ASIDE.test(path);
}

/** How many items of that name a prompt asks for, as in `give 8 approaches`; null where it does not say. */
export function askedCount(prompt: string, name: string): number | null {
  const stem = name
    .split(/[^A-Za-z]+|(?=[A-Z])/)
    .at(-1)
    ?.replace(/(ies|es|s)$/i, '')
    .toLowerCase();
  if (!stem || stem.length < 3) return null;
  const asked = new RegExp(`\\b(\\d{1,3})\\b(?:[^\\d\\n.]{1,30})?\\b${stem}`, 'i').exec(prompt.slice(0, READ));
  const count = Number(asked?.[1] ?? 0);
  return count > 0 && count <= 100 ? count : null;
}
