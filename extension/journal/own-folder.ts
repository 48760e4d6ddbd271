import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';

/** Runs and drafts are nobody else's; workflows are kept for all who work on the project. */
const IGNORE = '*\n!/workflows/\n!/workflows/**\n';
/** As it was written before projects kept workflows there. */
const IGNORE_ALL = '*\n';

/**
 * `.counterpoint` in the workspace, or a folder in it, made where it is missing. In git it ignores all but its workflows.
 * @throws UserError `workspace-unusable`, also where a repository brings a link in its place: it must not make us write elsewhere.
 */
export function ownFolder(workspace: string, part?: 'workflows' | 'drafts' | 'worktrees'): string {
  const folder = join(workspace, '.counterpoint');
  try {
    makeFolder(folder);
    const ignore = join(folder, '.gitignore');
    unlessThere(() => writeFileSync(ignore, IGNORE, { flag: 'wx' }));
    if (part === 'workflows' && readFileSync(ignore, 'utf8') === IGNORE_ALL) writeFileSync(ignore, IGNORE);
    if (part === undefined) return folder;
    makeFolder(join(folder, part));
    return join(folder, part);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      'workspace-unusable',
      `Counterpoint keeps its files in ${folder}, which cannot be written (${reason}). Make it writable, or choose another workspace.`,
      { cause: error },
    );
  }
}

function makeFolder(folder: string): void {
  // Not `recursive`: that never returns where the parent refuses with ENOENT, as /proc does.
  unlessThere(() => mkdirSync(folder));
  if (lstatSync(folder).isSymbolicLink()) throw new Error(`${folder} is a symbolic link`);
}

function unlessThere(make: () => void): void {
  try {
    make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
