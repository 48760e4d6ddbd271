import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ownFolder } from '../journal/own-folder.ts';
import { UserError } from '../protocol/errors.ts';
import { isJsonObject } from '../protocol/json.ts';
import { findRepository, type GitRepository } from '../tools/git-repository.ts';
import { type ToolContext, ToolError } from '../tools/tool.ts';
import { isInside } from '../tools/workspace-path.ts';
import { addWorktree, applyDiff, diffSince } from './worktree-git.ts';

/** A working tree of one agent. */
export interface Worktree {
  /** The place in it that stands for the workspace. */
  workspace: string;
  /** The commit that it began at. */
  base: string;
  /** Files of the workspace that differed from that commit when it was made: the agent does not see them so. */
  uncommitted: string[];
}

/** What an agent left behind. */
export interface KeptChanges {
  /** Path of the worktree, and of the diff beside it. */
  folder: string;
  diff: string;
  text: string;
  files: string[];
  /** As in `Diff`. */
  heldBack: string[];
}

/** What an agent left that can be applied, or was. Paths are relative to the repository's root. */
export interface LeftChanges {
  files: string[];
  /** Path of the diff. */
  diff: string;
  applied: boolean;
  /** Where it was: the files in which somebody else had changed the same place. */
  conflicts: string[];
}

/** What became of an agent's changes that were applied. */
export interface AppliedChanges {
  files: string[];
  /** Those in which somebody else changed the same place; they have marks of the conflict. */
  conflicts: string[];
}

/** What lies beside a worktree, out of the agent's reach. */
interface Record {
  base: string;
  gitDir: string;
  /** Null until the agent has ended. */
  files: string[] | null;
  applied: boolean;
  conflicts?: string[];
}

export interface WorktreesOptions {
  /** Real path. */
  workspace: string;
  ripgrep: string;
  runId: string;
}

/**
 * The worktrees of a run's agents, in `.counterpoint/worktrees/RUN/CALL`: each made when its agent first writes, found again by the key
 * of the call, and kept only where something changed in it. The paths are made of hashes, for what names them comes out of a journal.
 */
export class Worktrees {
  readonly #options: WorktreesOptions;
  readonly #open = new Map<string, Promise<Worktree>>();

  constructor(options: WorktreesOptions) {
    this.#options = options;
  }

  /** The worktree that the agent has, be it from before a break; null where it has none. */
  async find(key: string): Promise<Worktree | null> {
    const open = this.#open.get(key);
    if (open) return await open;
    const record = await this.#read(key);
    if (!record || !(await isFolder(this.folderOf(key)))) return null;
    const { root } = await findRepository(this.#options.workspace);
    const found = { workspace: this.#placeIn(key, root), base: record.base, uncommitted: [] };
    this.#open.set(key, Promise.resolve(found));
    return found;
  }

  /** The worktree of the agent, made where it has none. @throws ToolError where that cannot be. */
  async open(key: string, signal: AbortSignal): Promise<{ worktree: Worktree; isNew: boolean }> {
    const found = await this.find(key);
    if (found) return { worktree: found, isNew: false };
    const known = this.#open.get(key);
    if (known) return { worktree: await known, isNew: false };
    const making = this.#make(key, signal);
    this.#open.set(key, making);
    making.catch(() => this.#open.delete(key));
    return { worktree: await making, isNew: true };
  }

  /** Ends the agent's worktree: it is removed where nothing changed. @returns what is kept. @throws ToolError where that cannot be told. */
  async end(key: string): Promise<KeptChanges | null> {
    const record = await this.#read(key);
    if (!record) return null;
    const folder = this.folderOf(key);
    const repository = await this.#repositoryOf(key, record);
    const { text, files, heldBack } = await diffSince(
      record.base,
      repository,
      this.#context(new AbortController().signal),
    );
    this.#open.delete(key);
    if (files.length + heldBack.length === 0) {
      await this.forget(key);
      return null;
    }
    const diff = `${folder}.diff`;
    await writeFile(diff, text);
    await this.#write(key, { ...record, files });
    return { folder, diff, text, files, heldBack };
  }

  /** Removes what the agent has, changed or not. */
  async forget(key: string): Promise<void> {
    this.#open.delete(key);
    const record = await this.#read(key);
    if (!record) return;
    await this.#removeTree(key, record);
    await Promise.all(['.json', '.diff'].map((end) => rm(`${this.folderOf(key)}${end}`, { force: true })));
  }

  /** What an agent that has ended left to be applied; null where that is nothing. */
  async left(key: string): Promise<LeftChanges | null> {
    const record = await this.#read(key);
    if (!record?.files?.length) return null;
    const { files, applied, conflicts = [] } = record;
    return { files, diff: `${this.folderOf(key)}.diff`, applied, conflicts };
  }

  /** Applies what an agent changed to the workspace, once. @throws UserError where there is nothing, or it cannot be. */
  async apply(key: string): Promise<AppliedChanges> {
    const record = await this.#read(key);
    if (!record?.files?.length)
      throw new UserError('not-possible', 'This agent has left no changes, or is not done with them.');
    if (record.applied) throw new UserError('not-possible', 'The changes of this agent are in the workspace already.');
    try {
      const context = this.#context(new AbortController().signal);
      const conflicts = await applyDiff(`${this.folderOf(key)}.diff`, record.files, context);
      await this.#write(key, { ...record, applied: true, conflicts });
      // What is in the workspace needs no second place; with conflicts a person may want to look at it.
      if (conflicts.length === 0) await this.#removeTree(key, record);
      return { files: record.files, conflicts };
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      const why = error.message.split('\n').join('; ');
      throw new UserError('not-possible', `The changes could not be applied, and nothing was changed: ${why}`);
    }
  }

  folderOf(key: string): string {
    const { workspace, runId } = this.#options;
    return join(workspace, '.counterpoint', 'worktrees', nameOf(runId), nameOf(key));
  }

  async #make(key: string, signal: AbortSignal): Promise<Worktree> {
    const { workspace } = this.#options;
    const folder = this.folderOf(key);
    // Half a worktree of a process that died in the middle of making it.
    await rm(folder, { recursive: true, force: true });
    // Where a repository brings a link in its place, nothing is written: it must not make us write elsewhere.
    ownFolder(workspace, 'worktrees');
    await mkdir(dirname(folder), { recursive: true });
    const { base, gitDir, uncommitted } = await addWorktree(folder, this.#context(signal));
    await this.#write(key, { base, gitDir, files: null, applied: false });
    const { root } = await findRepository(workspace);
    return { workspace: this.#placeIn(key, root), base, uncommitted };
  }

  #placeIn(key: string, root: string): string {
    return join(this.folderOf(key), relative(root, this.#options.workspace));
  }

  /** By what was written down when it was made: what lies in the worktree itself the agent may have changed. */
  async #repositoryOf(key: string, { gitDir }: Record): Promise<GitRepository> {
    const { commonDir } = await findRepository(this.#options.workspace);
    if (dirname(gitDir) !== join(commonDir, 'worktrees'))
      throw new ToolError('its worktree belongs to another repository');
    return { root: this.folderOf(key), gitDir, commonDir };
  }

  async #removeTree(key: string, record: Record): Promise<void> {
    await rm(this.folderOf(key), { recursive: true, force: true });
    const repository = await this.#repositoryOf(key, record).catch(() => null);
    // What git knows of it; a folder elsewhere is nobody's to remove.
    if (repository && isInside(repository.commonDir, record.gitDir))
      await rm(record.gitDir, { recursive: true, force: true });
  }

  #context(signal: AbortSignal): ToolContext {
    const { workspace, ripgrep } = this.#options;
    return { workspace, ripgrep, signal };
  }

  async #read(key: string): Promise<Record | null> {
    const text = await readFile(`${this.folderOf(key)}.json`, 'utf8').catch(() => null);
    if (text === null) return null;
    let record: unknown;
    try {
      record = JSON.parse(text);
    } catch {
      // Written when its process died; what it was about is made anew.
      return null;
    }
    return isRecord(record) ? record : null;
  }

  async #write(key: string, record: Record): Promise<void> {
    await writeFile(`${this.folderOf(key)}.json`, `${JSON.stringify(record)}\n`);
  }
}

function isRecord(value: unknown): value is Record {
  if (!isJsonObject(value)) return false;
  const { base, gitDir, files, applied, conflicts } = value;
  const isList = (list: unknown) => Array.isArray(list) && list.every((file) => typeof file === 'string');
  return (
    typeof base === 'string' &&
    /^[0-9a-f]{40,64}$/.test(base) &&
    typeof gitDir === 'string' &&
    (files === null || isList(files)) &&
    (conflicts === undefined || isList(conflicts)) &&
    typeof applied === 'boolean'
  );
}

/** A name of a folder that no text can lead elsewhere. */
function nameOf(text: string): string {
  return /^\w[\w-]{0,63}$/.test(text) ? text : createHash('sha256').update(text).digest('hex').slice(0, 32);
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() ?? false;
}
