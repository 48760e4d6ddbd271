import { execFile } from 'node:child_process';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Launch } from './config.ts';
import { serverEnvironment } from './environment.ts';
import type { Environment } from './expand.ts';
import { ProcessTransport } from './process-transport.ts';

/** The way to a server, and how to leave nothing of it behind. */
export interface ServerTransport {
  transport: Transport;
  /** The last of what it wrote to its error output; empty for one that is far away. */
  errors(): string;
  /** Why it ended, where that is known. */
  end(): string;
  close(): Promise<void>;
}

type Program = Extract<Launch, { type: 'stdio' }>;

/** Of one answer, or of one stream of what a server says by itself. */
const MAX_BYTES = 20_000_000;
const MAX_ERRORS = 4_000;

/** Nothing is started before the client connects. */
export async function openTransport(launch: Launch, environment: Environment): Promise<ServerTransport> {
  if (launch.type !== 'stdio') return openHttp(launch);
  const program = { ...launch, env: serverEnvironment(environment, launch.env) };
  return process.platform === 'win32' ? openOnWindows(program) : openProgram(program);
}

function openProgram(program: Program): ServerTransport {
  const transport = new ProcessTransport(program);
  return { transport, errors: () => transport.errors, end: () => transport.end, close: () => transport.close() };
}

/** There, programs such as `npx` are scripts of the shell, which the SDK knows how to start; and there are no process groups. */
function openOnWindows({ command, args, env, cwd }: Program): ServerTransport {
  const transport = new StdioClientTransport({ command, args, env, cwd, stderr: 'pipe' });
  let errors = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-MAX_ERRORS);
  });
  const killTree = (): Promise<void> =>
    new Promise((resolve) => {
      const { pid } = transport;
      if (pid === null) return resolve();
      execFile('taskkill', ['/T', '/F', '/PID', `${pid}`], { windowsHide: true }, () => resolve());
    });
  const close = async (): Promise<void> => {
    await killTree();
    await transport.close();
  };
  return { transport, errors: () => errors, end: () => '', close };
}

function openHttp({ type, url, headers }: Exclude<Launch, Program>): ServerTransport {
  let end = '';
  const bounded = async (address: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await fetch(address, init);
    return boundedBody(response, () => {
      // The stream on which a server speaks by itself is opened again; with any other goes what was asked.
      if (type === 'http' && init?.method === 'GET') return;
      end = `it says more than ${MAX_BYTES / 1_000_000} MB at a time`;
      void transport.close();
    });
  };
  // Redirects are followed by the SDK within the origin alone: what a person allowed is the address as it is written.
  const options = { requestInit: { headers }, fetch: bounded };
  const address = new URL(url);
  const transport =
    type === 'sse' ? new SSEClientTransport(address, options) : new StreamableHTTPClientTransport(address, options);
  const close = async (): Promise<void> => {
    // A server that keeps something for us is told; one that does not answer is left to find out.
    if (transport instanceof StreamableHTTPClientTransport)
      await Promise.race([transport.terminateSession().catch(() => undefined), waited(1_000)]);
    await transport.close();
  };
  return { transport, errors: () => '', end: () => end, close };
}

function boundedBody(response: Response, tooMuch: () => void): Response {
  if (!response.body) return response;
  let bytes = 0;
  const bounded = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes <= MAX_BYTES) return controller.enqueue(chunk);
      controller.error(new Error('too much'));
      tooMuch();
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(bounded), { status, statusText, headers });
}

function waited(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
