import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../protocol/json.ts';
import { plain } from '../../protocol/plain-text.ts';
import { ConfigTextError, readConfigText } from './config-text.ts';
import { type Environment, expansion, variablesOf } from './expand.ts';
import { type NamedFiles, namedFiles } from './named-files.ts';
import { toolName } from './tool-name.ts';

/** A server as a file of the workspace defines it: what a person has to allow before it is started. */
export interface McpServer {
  /** Letters, digits, `_`, `-` and `.`; no other server has it, nor one whose tools would be called alike. */
  name: string;
  /** Relative to the workspace. */
  file: '.mcp.json' | '.vscode/mcp.json';
  /** Counted from 1. */
  line: number;
  /** SHA-256 of file, name, definition and the files that it names, hex: what a person's yes is bound to. */
  digest: string;
  /** What of the workspace it names. */
  names: NamedFiles;
  /** Its command line or its address as it is written, in one line. */
  what: string;
  /** Names of the variables of the person's environment that it is given. */
  takes: string[];
  /** All of it as it is written: without the values of variables. */
  written: JsonObject;
  /** The same, understood. */
  launch: Launch;
  /** Why it cannot be started as things are (a variable that is not set, an address that is none), to be put behind its name; null where nothing is known of that. */
  hindrance: string | null;
}

export type Launch =
  | { type: 'stdio'; command: string; args: string[]; env: Record<string, string>; cwd: string }
  | { type: 'http' | 'sse'; url: string; headers: Record<string, string> };

export interface McpConfig {
  servers: McpServer[];
  problems: ConfigProblem[];
}

/** What cannot be used, and why. */
export interface ConfigProblem {
  file: McpServer['file'];
  /** Counted from 1; null where the file could not be looked into. */
  line: number | null;
  /** What the file calls the server, in one line; null where it is about all of the file. */
  title: string | null;
  why: string;
}

const FILES = [
  { file: '.mcp.json', key: 'mcpServers' },
  { file: '.vscode/mcp.json', key: 'servers' },
] as const;
const MAX_BYTES = 1_000_000;
const MAX_SERVERS = 100;

/** The fields of both files; further ones, such as those for how an editor shows a server, change nothing here. */
const DEFINITION = z.looseObject({
  type: z.enum(['stdio', 'http', 'streamable-http', 'sse']).optional(),
  command: z.string().min(1).optional(),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).default({}),
  cwd: z.string().optional(),
  url: z.string().min(1).optional(),
  headers: z.record(z.string(), z.string()).default({}),
});

/** Fields without which a server would be started as nobody meant it. */
const NOT_SUPPORTED = ['envFile', 'headersHelper', 'socket'];

/**
 * Reads the servers that `.mcp.json` (https://code.claude.com/docs/en/mcp) and `.vscode/mcp.json`
 * (https://code.visualstudio.com/docs/copilot/reference/mcp-configuration) of a workspace define. What is wrong with one file or one
 * server keeps no other away; of two with one name the first is taken. Nothing is started. Never rejects for what files say.
 * @param environment What variables in definitions stand for.
 */
export async function readMcpConfig(workspace: string, environment: Environment = process.env): Promise<McpConfig> {
  const found: Found = { servers: [], problems: [] };
  for (const { file, key } of FILES) {
    try {
      const text = await textOf(join(workspace, file));
      if (text !== null) readServers(text, file, key, found);
    } catch (error) {
      const line = error instanceof ConfigTextError ? error.line : null;
      found.problems.push({ file, line, title: null, why: plain(error instanceof Error ? error.message : '') });
    }
  }
  const servers = await Promise.all(found.servers.map((server) => withNames(server, workspace, environment)));
  return { servers, problems: found.problems };
}

async function textOf(path: string): Promise<string | null> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new Error(`it cannot be read (${error.code})`);
  });
  if (!found) return null;
  // A pipe would never end.
  if (!found.isFile()) throw new Error('it is no file');
  if (found.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1_000} kB`);
  return await readFile(path, 'utf8');
}

function readServers(text: string, file: McpServer['file'], key: string, config: Found): void {
  const { value, lineOf } = readConfigText(text);
  const all = isJsonObject(value) ? (value[key] ?? {}) : null;
  if (!isJsonObject(all)) throw new ConfigTextError(`"${key}" has to be an object of servers`, lineOf(key));
  for (const [title, written] of Object.entries(all)) {
    const line = lineOf(key, title);
    const wrong = (why: string): number => config.problems.push({ file, line, title: plain(title, 60), why });
    const name = serverName(title);
    const same = config.servers.find((server) => toolName(server.name, '') === toolName(name, ''));
    if (same) wrong(`${same.file}:${same.line} already defines one of that name`);
    else if (config.servers.length >= MAX_SERVERS) wrong(`there are more than ${MAX_SERVERS}`);
    else {
      const launch = launchOf(written);
      if (typeof launch === 'string') wrong(launch);
      else config.servers.push(serverOf({ name, file, line }, written as JsonObject, launch));
    }
  }
}

/** A name that rules, tools and messages can hold; in VS Code a server may be called `My Server` or `io.github.x/y`. */
function serverName(title: string): string {
  return title.replace(/[^\w.-]+/g, '_').slice(0, 60) || '_';
}

/** How it is started, or why it cannot be. */
function launchOf(written: Json): Launch | string {
  const read = DEFINITION.safeParse(written);
  if (!read.success) {
    const [issue] = read.error.issues;
    return plain(`${issue?.path.join('.') || 'it'}: ${issue?.message}`);
  }
  const { type, command, args, cwd = '', url, headers } = read.data;
  const missing = NOT_SUPPORTED.find((field) => Object.hasOwn(read.data, field));
  if (missing !== undefined) return `"${missing}" is not supported; write what it brings into "env" or "headers"`;
  if (type === 'stdio' || (type === undefined && url === undefined)) {
    if (command === undefined) return 'it has neither a "command" nor a "url"';
    const env = Object.entries(read.data.env).flatMap(([name, value]) => (value === null ? [] : [[name, `${value}`]]));
    return { type: 'stdio', command, args, env: Object.fromEntries(env), cwd };
  }
  if (url === undefined) return 'its "url" is missing';
  return { type: type === 'sse' ? 'sse' : 'http', url, headers };
}

function serverOf(at: Pick<McpServer, 'name' | 'file' | 'line'>, written: JsonObject, launch: Launch): Written {
  const what = launch.type === 'stdio' ? [launch.command, ...launch.args].join(' ') : launch.url;
  return { ...at, what: plain(what, 500), takes: variablesOf(launch, at.file), written, launch };
}

/** As the definition alone tells it. */
type Written = Omit<McpServer, 'digest' | 'names' | 'hindrance'>;

interface Found {
  servers: Written[];
  problems: ConfigProblem[];
}

async function withNames(server: Written, workspace: string, environment: Environment): Promise<McpServer> {
  const { launch, hindrance } = expansion(server, workspace, environment);
  const names = await namedFiles(launch, workspace);
  const { file, name, written } = server;
  const files = names.files.map(({ path, sha256 }) => [path, sha256]);
  const digest = createHash('sha256')
    .update(canonicalJson([file, name, written, ...files]))
    .digest('hex');
  return { ...server, digest, names, hindrance };
}
