import { copyFile, lstat, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitText } from './git-process.ts';
import type { GitRepository } from './git-repository.ts';
import { type ToolContext, ToolError } from './tool.ts';

/**
 * A folder that stands in for a repository's own: it has the objects of that, a copy of its index and refs, and a
 * configuration of ours. So whatever programs the repository's configuration names (filters, drivers for differences, monitors, hooks,
 * helpers of remotes, and those of versions of git to come), git finds none of them, and writes nothing there.
 */
export interface StandIn {
  /** The commit that is checked out; null where there is none yet. */
  head: string | null;
  /** The tree without files, to compare with where there is no commit. */
  emptyTree: string;
  /** What each call of git needs to work on it. */
  env: Record<string, string>;
  remove(): Promise<void>;
}

/** Settings that say how files lie on disk: without them, files would look changed that are not. They name no programs. */
const KEPT = /^core\.(autocrlf|eol|filemode|ignorecase|symlinks|precomposeunicode)$/;
/** By the object format; git knows them without having them. */
const EMPTY_TREES: Record<string, string> = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};
const OURS = { 'core.quotepath': 'false', 'core.bare': 'false', 'core.hookspath': '/dev/null' };

/** Makes a stand-in in a temporary folder; whoever takes it removes it. */
export async function makeStandIn(git: string, repository: GitRepository, context: ToolContext): Promise<StandIn> {
  const { root, gitDir, commonDir } = repository;
  // These three read settings and refs, and neither objects nor files: nothing that could set off a program.
  const ask = async (args: string[], env: Record<string, string | undefined>) =>
    await gitText({ git, args: [`--git-dir=${gitDir}`, ...args], directory: root, env }, context);
  const [config, refs, head] = await Promise.all([
    ask(['config', '--null', '--list'], ofThePerson()),
    ask(['for-each-ref', '--format=%(objectname) %(refname)'], {}),
    ask(['rev-parse', '--verify', '--quiet', 'HEAD'], {}),
  ]);
  for (const { code, errors } of [config, refs])
    if (code !== 0) throw new ToolError(`git cannot read this repository: ${errors || `it ended with ${code}`}.`);

  const folder = await mkdtemp(join(tmpdir(), 'counterpoint-git-'));
  const remove = async () => await rm(folder, { recursive: true, force: true });
  try {
    const settings = readSettings(config.text);
    const format = settings.get('extensions.objectformat') ?? 'sha1';
    const emptyTree = EMPTY_TREES[format];
    if (emptyTree === undefined) throw new ToolError(`The object format ${format} of this repository is unknown.`);
    const commit = head.code === 0 ? head.text.trim() : null;
    await mkdir(join(folder, 'refs'));
    await writeFile(join(folder, 'HEAD'), `${commit ?? 'ref: refs/heads/none'}\n`);
    await writeFile(join(folder, 'packed-refs'), refs.text);
    await writeFile(join(folder, 'config'), formatOf(format));
    await copyFiles(repository, folder);
    const kept = [...settings].filter(([key]) => KEPT.test(key));
    const ignored = (settings.get('core.excludesfile') ?? usualIgnoreFile()).replace(/^~(?=[\\/])/, homedir());
    const env = {
      GIT_DIR: folder,
      GIT_WORK_TREE: root,
      GIT_OBJECT_DIRECTORY: join(commonDir, 'objects'),
      ...asEnvironment([...kept, ...Object.entries(OURS), ['core.excludesfile', ignored]]),
    };
    return { head: commit, emptyTree, env, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The person's own settings, too, say how files lie on disk and what is ignored. */
function ofThePerson(): Record<string, string | undefined> {
  const { XDG_CONFIG_HOME } = process.env;
  return { HOME: homedir(), XDG_CONFIG_HOME, GIT_CONFIG_NOSYSTEM: undefined, GIT_CONFIG_GLOBAL: undefined };
}

function usualIgnoreFile(): string {
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'git', 'ignore');
}

/** `key LF value NUL`; of several values the last one holds, and a key without a value is true. */
function readSettings(text: string): Map<string, string> {
  const entries = text.split('\0').filter((entry) => entry !== '');
  return new Map(
    entries.map((entry) => {
      const end = entry.indexOf('\n');
      return end === -1 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
    }),
  );
}

function formatOf(format: string): string {
  if (format === 'sha1') return '[core]\n\trepositoryformatversion = 0\n';
  return `[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = ${format}\n`;
}

/** What git looks for beside objects and refs: its index, where history ends, and what is ignored. */
async function copyFiles({ gitDir, commonDir }: GitRepository, folder: string): Promise<void> {
  await mkdir(join(folder, 'info'));
  const index = (await readdir(gitDir)).filter((name) => name === 'index' || name.startsWith('sharedindex.'));
  const copies = [
    [join(commonDir, 'shallow'), 'shallow'],
    [join(commonDir, 'info', 'exclude'), join('info', 'exclude')],
    ...index.map((name) => [join(gitDir, name), name]),
  ] as [string, string][];
  for (const [from, to] of copies) {
    const found = await lstat(from).catch(() => null);
    // A pipe would never end.
    if (!found?.isFile()) continue;
    await copyFile(from, join(folder, to));
    // A file that changed after the index was written is told by the times of both; rounded down, it is looked at once too often.
    const written = Math.floor(found.mtimeMs / 1_000);
    await utimes(join(folder, to), written, written);
  }
}

function asEnvironment(settings: [string, string][]): Record<string, string> {
  const pairs = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(pairs) };
}
