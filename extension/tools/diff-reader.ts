import { printablePath } from './tool-output.ts';
import { mayHoldSecret } from './workspace-path.ts';

/** What changed in one file. */
export interface FileDiff {
  path: string;
  /** Under which name it was there before, where that was another. */
  from?: string;
  /** The lines of its part of a unified diff. */
  lines: string[];
  /** Why the lines are not shown; then there are none. */
  hidden?: 'binary' | 'too long' | 'may hold secrets' | 'a link' | 'cannot be read';
}

/** Characters of one file's part; about 25,000 tokens. */
const MAX_FILE = 100_000;
const MAX_LINE = 2_000;

/**
 * Reads the output of `git diff` line by line. Names are written plain, whatever is in them: without quotes, control
 * characters replaced, so that `+++ b/` is followed by the path and nothing else. Lines over 2,000 characters are cut and end in `…`.
 */
export class DiffReader {
  readonly files: FileDiff[] = [];
  #file: FileDiff | undefined;
  #inHeader = false;
  #length = 0;

  push(raw: string): void {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    // Every line of a file's contents begins with a blank, a sign or a backslash.
    if (line.startsWith('diff --git ')) this.#begin(line);
    else if (!this.#file) return;
    else if (this.#inHeader && !line.startsWith('@@ ')) this.#readHeader(this.#file, line);
    else {
      this.#inHeader = false;
      this.#add(this.#file, line);
    }
  }

  #begin(line: string): void {
    // A name and the same name again, where the lines that follow do not say better.
    const names = line.slice('diff --git '.length);
    const path = unquoted(names.slice(0, (names.length - 1) / 2)).slice('a/'.length);
    this.#file = { path, lines: [] };
    this.#inHeader = true;
    this.#length = 0;
    this.files.push(this.#file);
  }

  #readHeader(file: FileDiff, line: string): void {
    const [, key = '', name = ''] =
      /^(--- a\/|--- "a\/|\+\+\+ b\/|\+\+\+ "b\/|rename from |rename to )(.*)$/s.exec(line) ?? [];
    if (key === '') {
      if (/^Binary files /.test(line)) hide(file, 'binary');
      else file.lines.push(line);
      return;
    }
    // A blank in a name is followed by a tab at the line's end.
    const path = unquoted((key.includes('"') ? '"' : '') + name.replace(/\t$/, ''));
    if (key === 'rename from ') file.from = path;
    else file.path = path;
    file.lines.push(`${key.replace('"', '')}${printablePath(path)}`);
  }

  #add(file: FileDiff, line: string): void {
    // Anything else is a remark of git's, such as on a file with conflicts.
    if (file.hidden || !/^[ +\-\\@]/.test(line)) return;
    const shown = line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
    this.#length += shown.length + 1;
    if (this.#length > MAX_FILE) hide(file, 'too long');
    else file.lines.push(shown);
  }
}

/** A file's part of the diff, with its first line; what may hold secrets is kept back by its names. */
export function finished(file: FileDiff): FileDiff {
  const from = file.from ?? file.path;
  if (mayHoldSecret(file.path) || mayHoldSecret(from)) hide(file, 'may hold secrets');
  if (!file.hidden) file.lines.unshift(`diff --git a/${printablePath(from)} b/${printablePath(file.path)}`);
  return file;
}

/** The part of a diff that a new file is: all of its text added. */
export function newFileDiff(path: string, text: string): FileDiff {
  const reader = new DiffReader();
  reader.push(`diff --git a/${path} b/${path}`);
  const file = reader.files[0]!;
  file.path = path;
  file.lines.push('new file mode 100644');
  if (text === '') return file;
  const lines = text.split('\n');
  const ends = lines.at(-1) === '';
  if (ends) lines.pop();
  file.lines.push('--- /dev/null', `+++ b/${printablePath(path)}`);
  reader.push(`@@ -0,0 +1,${lines.length} @@`);
  for (const line of lines) reader.push(`+${line}`);
  if (!ends) reader.push('\\ No newline at end of file');
  return file;
}

function hide(file: FileDiff, why: NonNullable<FileDiff['hidden']>): void {
  file.hidden = why;
  file.lines = [];
}

const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** A name as git quotes it: in quotes, as in C, where there is anything odd in it. */
function unquoted(name: string): string {
  if (!name.startsWith('"')) return name;
  return name
    .slice(1, name.endsWith('"') ? -1 : undefined)
    .replace(/\\([0-7]{3}|.)/g, (_, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : (ESCAPES[escaped] ?? escaped),
    );
}
