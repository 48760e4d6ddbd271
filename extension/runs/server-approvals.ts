import { realpath } from 'node:fs/promises';
import type { ConfigProblem, McpServer } from '../tools/mcp/config.ts';
import { Approvals, type ApprovedVersion } from './approvals.ts';

/** How it stands with a yes for good: given to it as it is now, to another version of it, or to none. */
export type ServerStanding = 'allowed' | 'changed' | 'asked';

export const STANDING_WORDS: Readonly<Record<ServerStanding, string>> = {
  allowed: 'allowed',
  changed: 'changed since it was allowed: asked again when an agent wants it',
  asked: 'not allowed yet: asked when an agent wants it',
};

/** Of one that was allowed, and could come back. */
export const GONE = 'was allowed here, and nothing defines it any more';

/** A server as it is defined, and how it stands. */
export interface ListedServer<Standing = ServerStanding> {
  server: McpServer;
  standing: Standing;
}

/** All that a person may look through of the servers of a folder. */
export interface ServerList<Standing = ServerStanding> {
  servers: ListedServer<Standing>[];
  /** Names of those that were allowed here and that nothing defines any more, in order: who brings such a one back is asked only for another version. */
  gone: string[];
  problems: ConfigProblem[];
}

export const NO_SERVERS = 'There is neither a .mcp.json nor a .vscode/mcp.json that defines one.';

/** What came of a yes for good. */
export const ALLOWED = 'is allowed from now on, in this folder and as it is now';

/** What came of taking it back. @param was Whether there was a yes. */
export function forbiddenWords(was: boolean): string {
  if (!was) return 'was not allowed in this folder';
  return 'is not allowed any more, in this folder: you are asked before it is started again';
}

/** What an approval of a server is called, for a person who looks through them, and for taking it back. */
const PREFIX = 'MCP server ';

/** What a person has said for good to the MCP servers of one folder. */
export class ServerApprovals {
  readonly #workspace: string;
  readonly #approvals: Approvals;

  /** @param home The person's home; by default that of this process. */
  constructor(workspace: string, home?: string) {
    this.#workspace = workspace;
    this.#approvals = new Approvals(home);
  }

  /** Whether it is allowed as it is now. @throws UserError where that cannot be told. */
  async has(server: McpServer): Promise<boolean> {
    return await this.#approvals.has(await this.#version(server));
  }

  /** @throws UserError where it cannot be kept. */
  async add(server: McpServer): Promise<void> {
    await this.#approvals.add(await this.#version(server), PREFIX + server.name);
  }

  /** Also of a server that nothing defines any more. Gives how many versions were allowed. @throws UserError where it cannot be done. */
  async takeBack(name: string): Promise<number> {
    return await this.#approvals.removeNamed(await realpath(this.#workspace), PREFIX + name);
  }

  /** What the folder defines, and how each stands. Starts nothing. @throws UserError where what was allowed cannot be told. */
  async list(): Promise<ServerList> {
    const workspace = await realpath(this.#workspace);
    // Only who looks through them needs what reads definitions.
    const { readMcpConfig } = await import('../tools/mcp/config.ts');
    const [{ servers, problems }, approved] = await Promise.all([
      readMcpConfig(workspace),
      this.#approvals.namesIn(workspace),
    ]);
    const listed = servers.map(async (server): Promise<ListedServer> => {
      if (await this.has(server)) return { server, standing: 'allowed' };
      return { server, standing: approved.has(PREFIX + server.name) ? 'changed' : 'asked' };
    });
    const names = [...approved].filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));
    const gone = names.filter((name) => !servers.some((server) => server.name === name)).sort();
    return { servers: await Promise.all(listed), gone, problems };
  }

  async #version({ digest }: McpServer): Promise<ApprovedVersion> {
    return { workspace: await realpath(this.#workspace), digest };
  }
}
