import { homedir } from 'node:os';
import { basename, isAbsolute, resolve } from 'node:path';
import { plain } from '../../protocol/plain-text.ts';
import { ToolError } from '../tool.ts';
import type { Launch, McpServer } from './config.ts';
import { isHarmless } from './environment.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How a server is started, with the values of its variables: it may hold secrets, and is shown to nobody. */
export interface Expanded {
  launch: Launch;
  /** Values out of the person's environment that must not come back in what the server says. */
  secrets: string[];
}

type Defined = Pick<McpServer, 'launch' | 'file' | 'name'>;
type File = McpServer['file'];

/** What a variable stands for; `name` null: for nothing of the person's environment. */
interface Variable {
  name: string | null;
  fallback?: string;
}

const VARIABLES = /\$\{([^{}]*)\}/g;
/** Shorter ones are words that any text may have. */
const MIN_SECRET = 6;

/** The variables of the environment that a definition names. */
export function variablesOf(launch: Launch, file: File): string[] {
  return namesOf(variablesIn(launch, file));
}

/** Those that have neither a value nor a default. */
function unsetIn(launch: Launch, file: File, environment: Environment): string[] {
  const needed = variablesIn(launch, file).filter(({ fallback }) => fallback === undefined);
  return namesOf(needed).filter((name) => environment[name] === undefined);
}

function variablesIn(launch: Launch, file: File): Variable[] {
  const texts =
    launch.type === 'stdio'
      ? [launch.command, ...launch.args, ...Object.values(launch.env), launch.cwd]
      : [launch.url, ...Object.values(launch.headers)];
  const found = texts.flatMap((text) => [...text.matchAll(VARIABLES)]);
  return found.flatMap(([, inner = '']) => variable(inner, file) ?? []);
}

function namesOf(variables: readonly Variable[]): string[] {
  return [...new Set(variables.flatMap(({ name }) => name ?? []))].sort();
}

/** Of very many the first are told. */
const MAX_TOLD = 5;

function notSet(names: readonly string[]): string {
  const told = names.slice(0, MAX_TOLD).map((name) => plain(name, 60));
  const more = names.length > MAX_TOLD ? ` and ${names.length - MAX_TOLD} more` : '';
  return names.length === 1
    ? `the environment variable ${told[0]} is not set`
    : `the environment variables ${told.join(', ')}${more} are not set`;
}

/** Why a server cannot be started as things are, to be put behind its name. */
class Hindrance extends Error {}

/**
 * Puts values in the place of variables, once: a value that looks like a variable is none. In `.mcp.json` they are `${NAME}` and
 * `${NAME:-default}`, in `.vscode/mcp.json` `${env:NAME}`, `${workspaceFolder}`, `${workspaceFolderBasename}` and `${userHome}`.
 * @throws ToolError for a variable that has no value or that only an editor has, and for an address that is none.
 */
export function expanded(server: Defined, workspace: string, environment: Environment): Expanded {
  try {
    return expand(server, workspace, environment);
  } catch (error) {
    if (error instanceof Hindrance) throw new ToolError(`The server ${server.name} ${error.message}`);
    throw error;
  }
}

/** What is started, or why nothing can be as things are, to be put behind the server's name. */
export function expansion(
  server: Defined,
  workspace: string,
  environment: Environment,
): { launch: Launch | null; hindrance: string | null } {
  try {
    return { launch: expand(server, workspace, environment).launch, hindrance: null };
  } catch (error) {
    if (error instanceof Hindrance) return { launch: null, hindrance: error.message };
    throw error;
  }
}

/** @throws Hindrance */
function expand({ launch, file }: Defined, workspace: string, environment: Environment): Expanded {
  const unset = unsetIn(launch, file, environment);
  if (unset.length > 0) throw new Hindrance(`cannot be started: ${notSet(unset)}, which ${file} names.`);
  const secrets = new Set<string>();
  const fixed: Record<string, string> = {
    CLAUDE_PROJECT_DIR: workspace,
    workspaceFolder: workspace,
    workspaceFolderBasename: basename(workspace),
    userHome: homedir(),
  };
  const value = (whole: string, inner: string): string => {
    const found = variable(inner, file);
    if (found === null) throw new Hindrance(`cannot be started: ${notKnown(whole, file)}`);
    if (found.name === null) return fixed[inner]!;
    const own = environment[found.name];
    // What a default stands for says nothing of the person; without one nobody came this far.
    if (own === undefined) return found.fallback ?? '';
    if (own.length >= MIN_SECRET && !isHarmless(found.name)) secrets.add(own);
    return own;
  };
  const fill = (text: string): string => text.replace(VARIABLES, value);
  return { launch: filled(launch, fill, workspace), secrets: [...secrets] };
}

function filled(launch: Launch, fill: (text: string) => string, workspace: string): Launch {
  if (launch.type === 'stdio') {
    const { type, command, args, env, cwd } = launch;
    return {
      type,
      command: commandOf(fill(command), workspace),
      args: args.map(fill),
      env: mapped(env, fill),
      cwd: resolve(workspace, fill(cwd)),
    };
  }
  const url = fill(launch.url);
  const address = URL.parse(url);
  if (!address || !/^https?:$/.test(address.protocol) || address.username !== '' || address.password !== '')
    throw new Hindrance(
      'cannot be reached: its "url" has to be an http or https address without a name and password in it.',
    );
  return { ...launch, url, headers: mapped(launch.headers, fill) };
}

/** A program by its path lies where the workspace says; one by its name alone is looked for on the PATH. */
function commandOf(command: string, workspace: string): string {
  return !isAbsolute(command) && /[\\/]/.test(command) ? resolve(workspace, command) : command;
}

function mapped(texts: Readonly<Record<string, string>>, fill: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text)]));
}

/** Null: nothing that there is here. */
function variable(inner: string, file: File): Variable | null {
  if (file === '.mcp.json') {
    if (inner === 'CLAUDE_PROJECT_DIR') return { name: null };
    const [, name, fallback] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inner) ?? [];
    return name === undefined ? null : { name, ...(fallback !== undefined && { fallback }) };
  }
  if (['workspaceFolder', 'workspaceFolderBasename', 'userHome'].includes(inner)) return { name: null };
  const [, name] = /^env:([A-Za-z_]\w*)$/.exec(inner) ?? [];
  return name === undefined ? null : { name };
}

function notKnown(whole: string, file: File): string {
  const shown = plain(whole, 60);
  return whole.startsWith('${input:')
    ? `it wants to ask a person for ${shown}, which nobody can answer here. Write \${env:NAME} in ${file}, and set that variable.`
    : `${shown} of ${file} is not known here.`;
}
