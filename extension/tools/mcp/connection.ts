import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  type CallToolResult,
  CallToolResultSchema,
  ErrorCode,
  ListToolsResultSchema,
  McpError,
  type Tool as McpTool,
} from '@modelcontextprotocol/sdk/types.js';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { plain, plainLines } from '../../protocol/plain-text.ts';
import { ToolError } from '../tool.ts';
import type { McpServer } from './config.ts';
import { type Environment, expanded } from './expand.ts';
import { openTransport, type ServerTransport } from './open-transport.ts';

/** A tool as its server tells of it: hostile until shown otherwise. */
export interface ListedTool {
  name: string;
  description: string;
  inputSchema: JsonObject;
}

export type CallResult = CallToolResult;

export interface CallWatch {
  signal: AbortSignal;
  onProgress?(doing: string): void;
}

/** How long a server has, in milliseconds; `TIME_LIMITS` of servers.ts where nobody says otherwise. */
export interface TimeLimits {
  /** To start and to say what it has; `npx` may have to download it. */
  start: number;
  /** Without a word of progress. */
  silence: number;
  call: number;
  /** To answer whether it still hears, after a call that took too long. */
  ping: number;
  /** After it could not be started, until that is tried again. */
  again: number;
}

const MAX_PAGES = 20;
const MAX_TOOLS = 1_000;
/** Between two words of progress; each of them is an event. */
const PROGRESS_MS = 1_000;

/** A server that runs, or that ran: one connection for all agents. */
export class Connection {
  readonly tools: readonly ListedTool[];
  readonly #client: Client;
  readonly #transport: ServerTransport;
  readonly #server: McpServer;
  readonly #limits: TimeLimits;
  /** What must not come back in what it says. */
  readonly #secrets: readonly string[];
  #closed = false;
  #looking = false;

  private constructor(parts: {
    client: Client;
    transport: ServerTransport;
    server: McpServer;
    limits: TimeLimits;
    secrets: readonly string[];
    tools: ListedTool[];
  }) {
    this.tools = parts.tools;
    this.#client = parts.client;
    this.#transport = parts.transport;
    this.#server = parts.server;
    this.#limits = parts.limits;
    this.#secrets = parts.secrets;
    this.#client.onclose = () => {
      this.#closed = true;
    };
    // Where an answer was to come by a stream that broke, nobody else says that it never will.
    this.#client.onerror = () => void this.#look();
  }

  /**
   * Starts a server, or goes to it, and asks what tools it has. Only for one that a person has allowed.
   * @throws ToolError saying why it cannot be had; then nothing of it runs any more.
   */
  static async open(
    server: McpServer,
    { workspace, environment, limits }: { workspace: string; environment: Environment; limits: TimeLimits },
  ): Promise<Connection> {
    const { launch, secrets } = expanded(server, workspace, environment);
    const transport = await openTransport(launch, environment);
    // It is given no files, no model and nobody to ask: it brings tools, and that is all that it may do.
    const client = new Client({ name: 'counterpoint', version: '1' }, { capabilities: {} });
    let last: Error | undefined;
    client.onerror = (error) => {
      last = error;
    };
    const signal = AbortSignal.timeout(limits.start);
    try {
      await client.connect(transport.transport as Transport, { signal, timeout: limits.start });
      const tools = await listTools(client, { signal, timeout: limits.start });
      return new Connection({ client, transport, server, limits, secrets, tools });
    } catch (error) {
      const why = signal.aborted
        ? `it did not answer within ${limits.start / 1_000} s`
        : reason(error, last, transport);
      await transport.close();
      throw new ToolError(
        withoutSecrets(`The server ${server.name} cannot be had: ${why}.${saying(transport)}`, secrets),
      );
    }
  }

  /** It ended, or was ended: whoever needs it opens another. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Calls a tool. What it brings is as it came, but for the values that the server was given out of the person's environment.
   * @throws ToolError where the server fails; the signal's reason when aborted: then the server is told.
   */
  async call(tool: string, input: JsonObject, { signal, onProgress }: CallWatch): Promise<CallResult> {
    signal.throwIfAborted();
    let told = 0;
    try {
      const params = { name: tool, arguments: input };
      const result = await this.#client.request({ method: 'tools/call', params }, CallToolResultSchema, {
        signal,
        timeout: this.#limits.silence,
        maxTotalTimeout: this.#limits.call,
        resetTimeoutOnProgress: true,
        onprogress: ({ progress, total, message }) => {
          if (Date.now() - told < PROGRESS_MS) return;
          told = Date.now();
          const count = total === undefined ? `${progress}` : `${progress} of ${total}`;
          onProgress?.(plain(withoutSecrets(message ?? `${this.#server.name} ${tool}: ${count}`, this.#secrets), 80));
        },
      });
      return this.#secrets.length === 0 ? result : cleaned(result, this.#secrets);
    } catch (error) {
      signal.throwIfAborted();
      throw await this.#failure(error, tool);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#transport.close();
  }

  /** One call may be slow; a server that does not even answer this is stuck or gone, and the next call needs another. */
  async #look(): Promise<void> {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    await this.#client.ping({ timeout: this.#limits.ping }).catch(() => this.close());
    this.#looking = false;
  }

  async #failure(error: unknown, tool: string): Promise<ToolError> {
    const { name } = this.#server;
    let why: string;
    if (error instanceof McpError && error.code === ErrorCode.RequestTimeout) {
      why = `${name}: ${tool} took too long and was given up.`;
      await this.#look();
    } else if (error instanceof McpError && error.code !== ErrorCode.ConnectionClosed) {
      return new ToolError(
        withoutSecrets(`${name}: ${tool} failed: ${plainLines(error.message, 4_000)}`, this.#secrets),
      );
    } else {
      why = `${name}: ${tool} failed: ${reason(error, undefined, this.#transport)}.`;
      await this.close();
    }
    return new ToolError(
      withoutSecrets(
        `${why}${saying(this.#transport)} What it did by then is not known.${this.#closed ? ' The next call starts it anew.' : ''}`,
        this.#secrets,
      ),
    );
  }
}

/** Not by the SDK's own method, which compiles what the server says that its answers look like. */
async function listTools(client: Client, limits: { signal: AbortSignal; timeout: number }): Promise<ListedTool[]> {
  const tools = new Map<string, ListedTool>();
  if (!client.getServerCapabilities()?.tools) return [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && tools.size < MAX_TOOLS; page++) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await client.request({ method: 'tools/list', params }, ListToolsResultSchema, limits);
    for (const tool of answer.tools) if (!tools.has(tool.name)) tools.set(tool.name, listed(tool));
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return [...tools.values()].slice(0, MAX_TOOLS);
}

function listed({ name, title, description, inputSchema }: McpTool): ListedTool {
  return { name, description: description ?? title ?? '', inputSchema: inputSchema as JsonObject };
}

function reason(error: unknown, last: Error | undefined, { end }: ServerTransport): string {
  if (end() !== '') return end();
  const { code, message } = (error instanceof Error ? error : (last ?? {})) as { code?: unknown; message?: string };
  if (code === 'ENOENT') return 'its program, or the folder that it is to run in, is not there';
  if (code === 'EACCES') return 'its program may not be run';
  if (code === 401 || code === 403)
    return `it wants to know who asks (${code}): put what it needs into the "headers" of its definition`;
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return plain(`${message ?? String(error)}${cause}`, 300).replace(/\.$/, '');
}

/** What it wrote to its error output, which is often the only word about what is wrong. */
function saying({ errors }: ServerTransport): string {
  const text = plainLines(errors(), 4_000);
  return text === '' ? '' : `\nIt wrote:\n${text.slice(-1_000)}\n`;
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shorter, secret) => shorter.replaceAll(secret, '***'), text);
}

function cleaned<T>(value: T, secrets: readonly string[]): T {
  if (typeof value === 'string') return withoutSecrets(value, secrets) as T;
  if (Array.isArray(value)) return value.map((item) => cleaned(item, secrets)) as T;
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, cleaned(item, secrets)])) as T;
}
