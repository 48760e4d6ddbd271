import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { renamedScript } from '../dialect/rename-script.ts';
import { ownFolder } from '../journal/own-folder.ts';
import { UserError } from '../protocol/errors.ts';

export interface WorkflowToSave {
  text: string;
  /** The name it is run by, and that of its file. */
  name: string;
  /** `.counterpoint/workflows` of the workspace, or of the person's home. */
  to: 'project' | 'user';
  /** What lies there under that name may be lost. */
  replace?: boolean;
}

/** As folders of all systems take them, and a command line without quotes. */
const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/i;

/** Why a workflow cannot have this name; null where it can. */
export function workflowNameProblem(name: string): string | null {
  if (NAME.test(name)) return null;
  return 'A name has up to 64 letters, digits, dots, dashes and underscores, and begins and ends with a letter or digit.';
}

/**
 * Keeps a script as a command: under its name in the workflows of the project or of the person. Its `meta.name` becomes
 * that name too, for it is what lists show and what it is run by.
 * @returns the path.
 * @throws UserError `bad-arguments` for the name, `name-taken` where another text lies there; ScriptRefusedError.
 */
export async function saveWorkflow(
  { workspace, home = homedir() }: { workspace: string; home?: string },
  { text, name, to, replace = false }: WorkflowToSave,
): Promise<string> {
  const problem = workflowNameProblem(name);
  if (problem) throw new UserError('bad-arguments', `${JSON.stringify(name)} is no name for a workflow. ${problem}`);
  const named = renamedScript(text, name);
  const folder = to === 'project' ? ownFolder(workspace, 'workflows') : await folderOfPerson(home);
  const path = join(folder, `${name}.js`);
  const draft = join(folder, `.${name}.${randomBytes(6).toString('hex')}`);
  await writeFile(draft, named);
  try {
    if (replace) await rename(draft, path);
    // A link is refused where there is a file by now, whoever has written it.
    else await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((await readFile(path, 'utf8')) !== named) throw taken(name, to);
  } finally {
    await rm(draft, { force: true });
  }
  return path;
}

async function folderOfPerson(home: string): Promise<string> {
  const folder = join(home, '.counterpoint', 'workflows');
  await mkdir(folder, { recursive: true });
  return folder;
}

function taken(name: string, to: WorkflowToSave['to']): UserError {
  const whose = to === 'project' ? 'The project has' : 'You have';
  return new UserError(
    'name-taken',
    `${whose} another workflow called ${JSON.stringify(name)}. Take another name, or replace that one.`,
  );
}
