import { ModelError } from '../provider.ts';
import { type Conversation, linesAndNote, type Step, type ToolCall } from './conversation.ts';
import { isProbablyTest } from './syntax/place.ts';
import { stringField, stringListField, type TaskHeader } from './task-header.ts';

const SOURCE = '*.{js,jsx,mjs,cjs,ts,tsx,mts,cts,py,pyw}';
const MAX_LISTED = 10_000;
const DEFAULT_FILES = 400;
/** What the glob tool says instead of an empty list. */
const NONE = 'No files found.';

/** Code of others, or made by a program: nobody mends it there. */
const NOT_OURS =
  /(^|\/)(node_modules|bower_components|vendor|vendored|third[_-]party|site-packages|dist|build|out|coverage|\.venv|venv|\.git|\.yarn|__pycache__)\/|[.-]min\.[cm]?js$|\.(bundle|chunk)\.js$|[.-](?=[a-f]*\d)[0-9a-f]{8,40}\.[cm]?js$|(^|\/)frontend_(es5|latest)\/|\.d\.[cm]?ts$|(^|\/)(jquery|bootstrap|lodash|underscore|d3|angular|moment|materialize|semantic|foundation|react|vue|backbone|ember|knockout|handlebars|chart|select2|datatables|tinymce|ckeditor|codemirror|highlight|prism|mathjax|plotly|swagger-ui|popper|socket\.io|sweetalert|modernizr|require|raphael|morris)([.-][\w.-]*)?\.js$/;

export function isNotOurs(path: string): boolean {
  return NOT_OURS.test(path);
}

/**
 * Lists source files. Header: `Paths` (folders or files), `Glob` (narrows), `MaxFiles`.
 * Answer: `{ files, total }`: `total` is how many are in scope, also where fewer are listed. Tests are in scope only
 * where there is nothing else: a bug in a test hurts nobody, and each finding costs three challengers.
 */
export async function scoutTask(header: TaskHeader, conversation: Conversation): Promise<Step> {
  const pattern = stringField(header, 'Glob') ?? SOURCE;
  const paths = stringListField(header, 'Paths') ?? ['.'];
  const calls: ToolCall[] = paths.map((path) => ({ name: 'glob', input: { pattern, path, maxResults: MAX_LISTED } }));
  const missing = conversation.missing(calls);
  if (missing.length > 0) return { ask: missing };

  const found = new Set<string>();
  let cut = 0;
  for (const [index, call] of calls.entries()) {
    const outcome = conversation.outcome(call)!;
    if (outcome.isError) {
      // The glob tool takes folders only: what is no folder is a file that was named outright.
      if (!/is not a directory/.test(outcome.content)) throw new ModelError(outcome.content, { retryable: false });
      found.add(paths[index]!);
      continue;
    }
    const { lines, note } = linesAndNote(outcome.content);
    for (const line of lines) if (line !== NONE) found.add(line);
    cut += Number(/^\((\d+) more/.exec(note ?? '')?.[1] ?? 0);
  }
  const source = [...found].filter((file) => /\.([cm]?[jt]sx?|pyw?)$/.test(file) && !isNotOurs(file));
  const production = source.filter((file) => !isProbablyTest(file));
  const wanted = production.length > 0 ? production : source;
  const maxFiles = typeof header.fields.MaxFiles === 'number' ? header.fields.MaxFiles : DEFAULT_FILES;
  return { answer: { files: wanted.slice(0, maxFiles), total: wanted.length + cut } };
}
