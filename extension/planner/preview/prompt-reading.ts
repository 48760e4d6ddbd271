import type { Occasion } from './leaning.ts';

/** As much of a prompt as is read. */
const READ = 20_000;
const FILE_NAME = /^(files?|paths?|file_?(names?|paths?)|source_?files?|entry_?points?|modules?|locations?)$/i;
const PATH_IN_TEXT = /(?:[\w.@-]+\/)*[\w.@-]+\.[A-Za-z]\w{0,7}\b/g;
/** Paths that are taken out of a prompt at most. */
const MOST_PATHS = 500;

/** Whether a property of this name holds the paths of files. */
export function namesFiles(name: string): boolean {
  return FILE_NAME.test(name);
}

/** The files that an answer would be about: those that the prompt names, else those of the workspace as the leaning has it. */
export function filesFor({ leaning, prompt, files }: Occasion): readonly string[] {
  if (!files) return [];
  const known = new Set(files);
  const named = new Set<string>();
  for (const [path] of prompt.slice(0, READ).matchAll(PATH_IN_TEXT)) {
    if (known.has(path)) named.add(path);
    if (named.size >= MOST_PATHS) break;
  }
  const among = named.size > 1 ? [...named] : files;
  if (leaning === 'lean') return among.slice(0, 1);
  return leaning === 'rich' || named.size > 1 ? among : among.filter(isSource);
}

const SOURCE =
  /\.(?:[cm]?[jt]sx?|py|rb|php|java|kt|kts|scala|go|rs|c|h|cc|cpp|hpp|cs|swift|m|mm|lua|pl|sh|bash|ps1|sql|vue|svelte|dart|ex|exs|erl|clj|hs|ml|r|jl)$/i;
const ASIDE =
  /(^|\/)(tests?|__tests__|spec|fixtures?|vendor|third[-_]party|dist|build|generated|examples?)\/|[._-](test|spec|min)\.\w+$/i;

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
