import { plain } from '../../protocol/plain-text.ts';
import { type Tool, ToolError } from '../tool.ts';
import type { McpConfig, McpServer } from './config.ts';
import type { Connection, TimeLimits } from './connection.ts';
import type { Environment } from './expand.ts';
import { toolName } from './tool-name.ts';
import { callTool, directTool, searchTool } from './tools.ts';

export interface McpServersOptions {
  /** Real path. */
  workspace: string;
  /**
   * Whether a person allows that this server is started; what they said is bound to its `digest`. Asked once for all that wait for it, and
   * again at the next start: whoever is not to be asked twice has that remembered here.
   */
  mayStart(server: McpServer): Promise<boolean>;
  /** What variables in definitions stand for, and of which servers get what is harmless; by default that of this process. */
  environment?: Environment;
  /** Hears what cannot be had, in a line. */
  tell?(line: string): void;
  limits?: Partial<TimeLimits>;
}

/** The MCP servers of a workspace. Nothing is started, and nothing of the SDK loaded, before a tool needs it. */
export interface McpServers {
  /** What the workspace defines now, with what of it cannot be used. Starts nothing. */
  list(): Promise<McpConfig>;
  /**
   * The tools for an agent that names some, as `toolNames` of extension/agents/tool-aliases.ts gives the names; others among them are none of ours. `mcp__SERVER__TOOL` brings that
   * tool itself, for which its server is started; `mcp__SERVER__*` two small ones that find and call the tools of such servers. Without names
   * these two for all servers; none where there are none.
   * @param tell Hears what of them cannot be had, in a line; by default whoever hears it for all.
   */
  tools(names?: readonly string[], tell?: (line: string) => void): Promise<Tool[]>;
  /** Ends all that was started; nothing is started after it. */
  close(): Promise<void>;
}

export const TIME_LIMITS: TimeLimits = { start: 60_000, silence: 300_000, call: 1_800_000, ping: 5_000, again: 30_000 };

/** For a window or a run of the CLI: agents of all its runs share each server. */
export function createMcpServers(options: McpServersOptions): McpServers {
  return new Servers(options);
}

interface Start {
  digest: string;
  connection: Promise<Connection>;
  opened: Connection | null;
  /** When it failed; null where it did not. */
  failedAt: number | null;
}

class Servers implements McpServers {
  readonly #options: McpServersOptions;
  readonly #limits: TimeLimits;
  readonly #starts = new Map<string, Start>();
  readonly #asked = new Map<string, Promise<boolean>>();
  #config: Promise<McpConfig> | null = null;
  #closed = false;

  constructor(options: McpServersOptions) {
    this.#options = options;
    this.#limits = { ...TIME_LIMITS, ...options.limits };
  }

  list(): Promise<McpConfig> {
    const { workspace, environment = process.env } = this.#options;
    this.#config = import('./config.ts').then(({ readMcpConfig }) => readMcpConfig(workspace, environment));
    return this.#config;
  }

  async tools(names?: readonly string[], tell = this.#options.tell): Promise<Tool[]> {
    const { servers } = await this.list();
    const all = names?.filter((name) => name.startsWith('mcp__')) ?? servers.map(({ name }) => toolName(name, '*'));
    const wanted = all.map((name) => name.replace(/[^\w*-]/g, '_'));
    const open = servers.filter(({ name }) => wanted.includes(toolName(name, '*'))).map(({ name }) => name);
    const named = wanted.filter((name) => !name.endsWith('__*'));
    const direct = await Promise.all(named.map((name) => this.#named(name, servers, tell)));
    for (const name of wanted)
      if (name.endsWith('__*') && !servers.some((server) => toolName(server.name, '*') === name))
        tell?.(`There is no MCP server for ${plain(name, 100)}: no .mcp.json or .vscode/mcp.json defines it.`);
    const connect = (name: string): Promise<Connection> => this.#connect(name);
    const small = open.length === 0 ? [] : [searchTool(open, connect), callTool(open, connect)];
    return [...small, ...direct.filter((tool) => tool !== null)];
  }

  async close(): Promise<void> {
    this.#closed = true;
    const starts = [...this.#starts.values()];
    await Promise.all(starts.map(({ connection }) => connection.then((one) => one.close()).catch(() => undefined)));
  }

  /** The tool of that name; null, and a word about it, where it cannot be had. */
  async #named(name: string, servers: readonly McpServer[], tell: McpServersOptions['tell']): Promise<Tool | null> {
    const none = (why: string): null => {
      tell?.(`The tool ${plain(name, 100)} cannot be had: ${why}`);
      return null;
    };
    const candidates = servers.filter((server) => name.startsWith(toolName(server.name, '')));
    if (candidates.length === 0) return none('no .mcp.json or .vscode/mcp.json defines its server.');
    for (const server of candidates) {
      try {
        const { tools } = await this.#connect(server.name);
        const listed = tools.find((tool) => toolName(server.name, tool.name) === name);
        if (listed) return directTool(server.name, listed, () => this.#connect(server.name));
      } catch (error) {
        if (error instanceof ToolError) return none(error.message);
        throw error;
      }
    }
    return none('its server has no such tool.');
  }

  /** @throws ToolError where it cannot be had, or a person does not allow it. */
  async #connect(name: string): Promise<Connection> {
    const known = this.#known(named(name, await (this.#config ?? this.list())));
    if (known) return await known.connection;
    // What it runs may have been changed since the definitions were read, also by an agent; and again while a person was asked.
    const server = named(name, await this.list());
    const started = this.#known(server);
    if (started) return await started.connection;
    if (!(await this.#allowed(server)))
      throw new ToolError(`The server ${name} is not started: a person has to allow it, and did not.`);
    if (named(name, await this.list()).digest !== server.digest)
      throw new ToolError(
        `The server ${name} is not started: what it runs was changed while it was to be allowed. Try again.`,
      );
    // Somebody else may have started it meanwhile; from here on nobody can come between.
    return await (this.#known(server) ?? this.#start(server)).connection;
  }

  /** The start that is under way or went well, or failed just now; null where it has to be started. */
  #known({ name, digest }: McpServer): Start | null {
    const start = this.#starts.get(name);
    if (!start) return null;
    if (start.digest !== digest) {
      // The file says something else by now: what was allowed was the other one.
      this.#starts.delete(name);
      void start.connection.then((one) => one.close()).catch(() => undefined);
      return null;
    }
    const failed = start.failedAt !== null && Date.now() - start.failedAt >= this.#limits.again;
    return failed || start.opened?.closed ? null : start;
  }

  #allowed(server: McpServer): Promise<boolean> {
    const { digest } = server;
    let asked = this.#asked.get(digest);
    if (!asked) {
      asked = this.#options.mayStart(server);
      this.#asked.set(digest, asked);
      const forget = (): boolean => this.#asked.delete(digest);
      asked.then((yes) => yes || forget(), forget);
    }
    return asked;
  }

  #start(server: McpServer): Start {
    if (this.#closed) throw new ToolError(`The server ${server.name} is not started: its run has ended.`);
    const { workspace, environment = process.env } = this.#options;
    const connection = import('./connection.ts').then(({ Connection }) =>
      Connection.open(server, { workspace, environment, limits: this.#limits }),
    );
    const start: Start = { digest: server.digest, connection, opened: null, failedAt: null };
    this.#starts.set(server.name, start);
    // A yes is for this start.
    this.#asked.delete(server.digest);
    connection.then(
      (opened) => {
        start.opened = opened;
      },
      () => {
        start.failedAt = Date.now();
      },
    );
    return start;
  }
}

/** @throws ToolError where there is none of that name. */
function named(name: string, { servers }: McpConfig): McpServer {
  const server = servers.find((one) => one.name === name);
  if (!server) throw new ToolError(`There is no server ${plain(name, 60)}.`);
  return server;
}
