import { lstat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { JsonObject } from '../protocol/json.ts';
import { keptBackNote } from './bounds.ts';
import { DiffReader, type FileDiff, finished, newFileDiff } from './diff-reader.ts';
import { findGit, gitLines, gitText } from './git-process.ts';
import { findRepository } from './git-repository.ts';
import { makeStandIn, type StandIn } from './git-stand-in.ts';
import { readText } from './read-file.ts';
import { type TextTool, type ToolContext, ToolError, ToolRefusal } from './tool.ts';
import { integerInput, stringInput, stringListInput } from './tool-input.ts';
import { printablePath } from './tool-output.ts';
import { isInside, resolveInWorkspace, toRelative } from './workspace-path.ts';

/** Characters of all files' parts; what is over is named. */
const MAX_DIFF = 1_000_000;
const MAX_NAMES = 20;
const MAX_PATHS = 1_000;
/** Where a branch came from, if nobody says; the first that exists. */
const MAIN_BRANCHES = ['refs/remotes/origin/HEAD', 'origin/main', 'origin/master', 'main', 'master'];

/** The same whatever is configured. Nothing is asked of submodules but which commit they are at. */
const AS_TEXT = [
  '--patch',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--find-renames',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--submodule=short',
  '--ignore-submodules=dirty',
  '--relative',
];

/**
 * What has changed in the workspace since a commit, as a unified diff. The system's git, run on a stand-in for the repository
 * (`git-stand-in.ts`), so that none of the programs that its configuration names runs. Nothing is written.
 * Input `{ base?, paths?, staged?, context? }`: `base` is a branch, tag or commit, and what counts is what came since HEAD parted
 * from it, commits and files on disk together. Without: what is not committed; where there is nothing of that, what came since
 * HEAD parted from the main branch. `paths`: files or folders, also such as are gone. `staged`: the index in place of the files
 * on disk. `context`: lines around a change, 3 by default, at most 100.
 * Output: each file's part, paths relative to the workspace; files that git does not know yet are new ones. Only what lies in the
 * workspace, no files that may hold secrets or that rules keep back, binary or very long ones by name only; at most 1,000,000 characters. Notes follow after an
 * empty line, each in round brackets: with what it was compared, and what is not shown. Exactly `No changes.` where there are none.
 */
export const gitDiffTool: TextTool = {
  name: 'git_diff',
  description: 'Show what changed since a commit, as a unified diff; by default, since HEAD or the main branch.',
  inputSchema: {
    type: 'object',
    properties: {
      base: { type: 'string', description: 'Branch, tag or commit' },
      paths: { type: 'array', items: { type: 'string' } },
      staged: { type: 'boolean', description: 'What is staged only' },
      context: { type: 'integer', description: 'Lines around a change, default 3' },
    },
    additionalProperties: false,
  },
  access: 'read',
  targets: async (input, { workspace }) =>
    checkedPaths(stringListInput(input, 'paths'), workspace).map((path) => ({ kind: 'path', path, access: 'read' })),
  describe: (input) => `comparing with ${String(input.base ?? 'HEAD')}`,
  run: gitDiff,
};

/** One call of the tool: what is wanted, and git on the stand-in. */
interface Comparison {
  git: string;
  standIn: StandIn;
  paths: string[];
  staged: boolean;
  lines: number;
  context: ToolContext;
}

async function gitDiff(input: JsonObject, context: ToolContext): Promise<string> {
  const base = input.base === undefined ? undefined : checkedRef(stringInput(input, 'base'));
  const paths = checkedPaths(stringListInput(input, 'paths'), context.workspace);
  const lines = integerInput(input, 'context', { fallback: 3, min: 0, max: 100 });
  const git = await findGit();
  const standIn = await makeStandIn(git, await findRepository(context.workspace), context);
  try {
    return await compare({ git, standIn, paths, staged: input.staged === true, lines, context }, base);
  } finally {
    await standIn.remove();
  }
}

async function compare(wanted: Comparison, base: string | undefined): Promise<string> {
  const { head } = wanted.standIn;
  if (base !== undefined) {
    const since = await partingFrom(wanted, base);
    return answer(wanted, await changesSince(wanted, since), `what came since ${base}, from ${short(since)} on`);
  }
  const pending = await changesSince(wanted, head ?? wanted.standIn.emptyTree);
  if (pending.length > 0 || head === null || wanted.staged)
    return answer(
      wanted,
      pending,
      head === null ? 'all, for nothing is committed yet' : `what is not committed, over ${short(head)}`,
    );
  for (const name of MAIN_BRANCHES) {
    if ((await commitOf(wanted, name)) === null) continue;
    const since = await partingFrom(wanted, name);
    const shown = name.replace('refs/remotes/', '');
    return answer(
      wanted,
      await changesSince(wanted, since),
      `what came since ${shown}, from ${short(since)} on; all is committed`,
    );
  }
  return answer(wanted, [], '');
}

function answer({ context }: Comparison, all: FileDiff[], compared: string): string {
  const { bounds } = context;
  const holds = ({ path, from = path }: FileDiff): boolean =>
    !bounds || (bounds.holds(path, 'read') && bounds.holds(from, 'read'));
  const files = all.filter(holds);
  const keptBack = keptBackNote(all.length - files.length);
  if (files.length === 0) return keptBack === null ? 'No changes.' : `No changes.\n\n${keptBack}`;
  let room = MAX_DIFF;
  const lines: string[] = [];
  const left = new Map<string, string[]>();
  for (const file of files) {
    const length = lengthOf(file);
    const why = file.hidden ?? (length > room ? 'the whole is too long' : null);
    if (why !== null) left.set(why, [...(left.get(why) ?? []), printablePath(file.path)]);
    else {
      lines.push(...file.lines);
      room -= length;
    }
  }
  const notes = [...left].map(([why, names]) => `(not shown, ${why}: ${listed(names)})`);
  return `${lines.join('\n')}\n\n${[`(${compared})`, ...notes, ...(keptBack === null ? [] : [keptBack])].join('\n')}`;
}

function lengthOf({ lines }: FileDiff): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}

function listed(names: string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

async function changesSince(wanted: Comparison, since: string): Promise<FileDiff[]> {
  const { git, standIn, paths, staged, lines, context } = wanted;
  const reader = new DiffReader();
  const args = ['diff', ...AS_TEXT, `--unified=${lines}`, ...(staged ? ['--cached'] : []), since, '--', ...paths];
  await gitLines({ git, args, directory: context.workspace, env: standIn.env }, context, (line) => reader.push(line));
  return [...reader.files.map(finished), ...(staged ? [] : await untracked(wanted))];
}

/** Files that git does not know yet and does not ignore; nobody has reviewed them, so they count as changes. */
async function untracked({ git, standIn, paths, context }: Comparison): Promise<FileDiff[]> {
  const args = ['ls-files', '--others', '--exclude-standard', '-z', '--', ...paths];
  const { code, text, errors } = await gitText({ git, args, directory: context.workspace, env: standIn.env }, context);
  if (code !== 0) throw new ToolError(`git cannot list new files: ${errors}`);
  const files: FileDiff[] = [];
  let length = 0;
  // A name that ends in a slash is a repository within this one.
  for (const path of text
    .split('\0')
    .filter((name) => name !== '' && !name.endsWith('/'))
    .sort()) {
    const file = length > MAX_DIFF ? hiddenFile(path, 'too long') : await newFile(path, context);
    length += lengthOf(file);
    files.push(finished(file));
  }
  return files;
}

async function newFile(path: string, context: ToolContext): Promise<FileDiff> {
  const found = await lstat(join(context.workspace, path)).catch(() => null);
  if (found?.isSymbolicLink()) return hiddenFile(path, 'a link');
  try {
    const place = await resolveInWorkspace(context, path);
    return newFileDiff(path, await readText(path, place, context.signal));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return hiddenFile(path, /is a binary file/.test(error.message) ? 'binary' : 'cannot be read');
  }
}

function hiddenFile(path: string, hidden: NonNullable<FileDiff['hidden']>): FileDiff {
  return { path, lines: [], hidden };
}

/** The last commit that HEAD and `name` have in common. */
async function partingFrom(wanted: Comparison, name: string): Promise<string> {
  const { git, standIn, context } = wanted;
  const commit = await commitOf(wanted, name);
  if (commit === null)
    throw new ToolError(
      `There is no commit ${JSON.stringify(name)} here. Give a branch, a tag or a commit; one of a remote is named like origin/main.`,
    );
  if (standIn.head === null) return commit;
  const args = ['merge-base', commit, standIn.head];
  const { code, text } = await gitText({ git, args, directory: context.workspace, env: standIn.env }, context);
  if (code === 0) return text.trim();
  throw new ToolError(
    `HEAD and ${name} have no commit in common here. In a shallow clone, fetch more history first: git fetch --unshallow.`,
  );
}

async function commitOf({ git, standIn, context }: Comparison, name: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', `${name}^{commit}`];
  const { code, text } = await gitText({ git, args, directory: context.workspace, env: standIn.env }, context);
  return code === 0 ? text.trim() : null;
}

/** One commit by its name; neither an option, nor a range, nor a path in a commit. */
function checkedRef(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const odd = name === '' || name.startsWith('-') || name.includes('..') || /[\x00-\x20\x7f:?*[\\]/.test(name);
  if (!odd && name.length <= 250) return name;
  throw new ToolError(
    `${JSON.stringify(name.slice(0, 100))} is not the name of a commit. Give one branch, tag or commit.`,
  );
}

/** Relative to the workspace. A file that is gone has no real path, so they are told by their names alone; git follows no links. */
function checkedPaths(given: string[], workspace: string): string[] {
  if (given.length > MAX_PATHS) throw new ToolError(`"paths" may name at most ${MAX_PATHS} files.`);
  const inside = given.map((path) => {
    const asked = resolve(workspace, path);
    if (!isInside(workspace, asked)) throw new ToolRefusal(`${path} lies outside the workspace.`);
    return toRelative(workspace, asked);
  });
  return inside.length === 0 ? ['.'] : inside;
}

function short(commit: string): string {
  return commit.slice(0, 10);
}
