import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { readScript, type Script } from '../dialect/read-script.ts';
import { errorInfo, UserError } from '../protocol/errors.ts';
import type { WorkflowEntry, WorkflowSource } from './run-service.ts';

/** Where scripts are looked for: the workspace's own folders first, then the person's, then what comes with Counterpoint. */
export interface CataloguePlaces {
  workspace: string;
  /** Folder of the bundled scripts. */
  bundled: string;
  /** The person's home; by default that of this process. */
  home?: string;
}

/** A script as found, ready to run. */
export interface LocatedScript {
  /** Relative to the workspace where it lies inside; a bundled one by its name. */
  title: string;
  text: string;
  script: Script;
}

/** Below a workspace and below a home alike. */
const OWN_FOLDER = join('.counterpoint', 'workflows');
const CLAUDE_FOLDER = join('.claude', 'workflows');

/** The folders that scripts are looked for in, those that win first. */
function catalogueFolders(places: CataloguePlaces): { folder: string; source: WorkflowSource }[] {
  const { workspace, bundled, home = homedir() } = places;
  return [
    { folder: join(workspace, OWN_FOLDER), source: 'project' },
    { folder: join(workspace, CLAUDE_FOLDER), source: 'project-claude' },
    { folder: join(home, OWN_FOLDER), source: 'user' },
    { folder: join(home, CLAUDE_FOLDER), source: 'user-claude' },
    { folder: bundled, source: 'bundled' },
  ];
}

/** All scripts that can be named; of two with one name that of the earlier folder wins. */
export async function listWorkflows(places: CataloguePlaces): Promise<WorkflowEntry[]> {
  const entries = new Map<string, WorkflowEntry>();
  for (const { folder, source } of catalogueFolders(places)) {
    for (const file of await scriptsIn(folder)) {
      const entry = await describe(join(folder, file), source);
      if (!entries.has(entry.name)) entries.set(entry.name, entry);
    }
  }
  return [...entries.values()];
}

/** @throws UserError `script-not-found`, ScriptRefusedError. */
export async function locateScript(places: CataloguePlaces, script: string): Promise<LocatedScript> {
  const path = await findPath(places, script);
  const text = await readText(path);
  return { title: titleOf(places, path), text, script: readScript(text) };
}

async function findPath(places: CataloguePlaces, script: string): Promise<string> {
  const path = resolve(places.workspace, script);
  if (await isFile(path)) return path;
  const entries = await listWorkflows(places);
  const named = entries.find((entry) => entry.name === script || basename(entry.path, '.js') === script);
  if (named) return named.path;
  const known = entries.map((entry) => entry.name).join(', ') || 'none';
  const what = isAbsolute(script) || script.endsWith('.js') || script.includes(sep) ? 'No file' : 'No workflow or file';
  throw new UserError(
    'script-not-found',
    `${what} ${JSON.stringify(script)}. Give the path of a script, or one of: ${known}.`,
  );
}

async function describe(path: string, source: WorkflowSource): Promise<WorkflowEntry> {
  try {
    const { meta } = readScript(await readText(path));
    const { name, description, whenToUse = '', args, servedBy } = meta;
    return { name, description, whenToUse, ...(args && { args }), ...(servedBy && { servedBy }), path, source };
  } catch (error) {
    return { name: basename(path, '.js'), description: '', whenToUse: '', path, source, error: errorInfo(error) };
  }
}

async function scriptsIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((file) => file.endsWith('.js')).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UserError('script-not-found', `The script ${path} cannot be read: ${errorInfo(error).message}`, {
      cause: error,
    });
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function titleOf(places: CataloguePlaces, path: string): string {
  const inside = relative(places.workspace, path);
  if (!inside.startsWith('..') && !isAbsolute(inside)) return inside.split(sep).join('/');
  return basename(path);
}
