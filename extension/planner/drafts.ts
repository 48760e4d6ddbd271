import { lstat, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownFolder } from '../journal/own-folder.ts';
import { UserError } from '../protocol/errors.ts';
import { slug } from './plan-name.ts';
import type { Plan } from './plan-request.ts';

const MOST_TRIES = 1_000;

/**
 * Keeps a plan's script in `.counterpoint/drafts` of the workspace, so that it can be looked at, edited and run. A draft
 * of the same text is found again; one of another text stays, and this one gets a number.
 * @returns its path.
 * @throws UserError `workspace-unusable`.
 */
export async function saveDraft(workspace: string, { name, text }: Pick<Plan, 'name' | 'text'>): Promise<string> {
  const folder = ownFolder(workspace, 'drafts');
  const base = slug(name);
  for (let number = 1; number <= MOST_TRIES; number += 1) {
    const path = join(folder, number === 1 ? `${base}.js` : `${base}-${number}.js`);
    if (await isKept(path, text)) return path;
  }
  throw unusable(folder, `there are ${MOST_TRIES} drafts called ${base} already; delete some`);
}

/** Whether the file is of this text, by us or already; false where another lies there, or a link, or a folder. */
async function isKept(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(path, error);
  }
  // What a link leads to may become another text while somebody looks at this one.
  if (!(await lstat(path)).isFile()) return false;
  return (await readFile(path, 'utf8')) === text;
}

function unusable(place: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError('workspace-unusable', `The draft cannot be written to ${place}: ${reason}.`, { cause: error });
}
