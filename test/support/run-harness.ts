import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createAnthropicProvider } from '../../extension/models/anthropic.ts';
import type { RunLimits } from '../../extension/protocol/run-events.ts';
import { openRunManager, type RunManager } from '../../extension/runs/run-manager.ts';
import type { RunOutcome, StartRequest } from '../../extension/runs/run-service.ts';
import type { GovernorTuning } from '../../extension/scheduler/governor.ts';
import { findRipgrep } from '../../extension/tools/find-ripgrep.ts';
import type { McpServer } from '../../extension/tools/mcp/config.ts';
import type { Tool } from '../../extension/tools/tool.ts';
import { builtDist } from './built-dist.ts';
import { type FakeAnthropic, type FakeBody, type FakeScript, startFakeAnthropic } from './fake-anthropic.ts';
import { tempDir } from './temp-dir.ts';

const root = join(import.meta.dirname, '../..');

/** A workspace with a real run manager in it, whose models are a loopback server. */
export interface RunHarness {
  workspace: string;
  api: FakeAnthropic;
  manager: RunManager;
  /** Writes a script (its body; `meta` is added) and starts it. */
  start(body: string, request?: Partial<StartRequest> & { limits?: Partial<RunLimits> }): Promise<string>;
  /** Starts a script and waits for its end. */
  run(body: string, request?: Partial<StartRequest>): Promise<RunOutcome & { runId: string }>;
  /** Another manager over the same workspace, as a second window would have. */
  open(options?: { node: string | null }): Promise<RunManager>;
}

export async function runHarness(
  script: FakeScript,
  options: {
    delayMs?: number;
    silenceMs?: number;
    governor?: GovernorTuning;
    home?: string;
    /** What agents are offered, whatever the profile. */
    tools?: readonly Tool[];
    /** The workspace is this folder of a temporary one. */
    inside?: string;
    /** As in `RunManagerOptions`. */
    editorTools?: readonly Tool[];
    mayStartServer?: (server: McpServer) => Promise<boolean>;
    /** As if a sandbox of the operating system held them. */
    confined?: boolean;
  } = {},
): Promise<RunHarness> {
  const workspace = join(tempDir(), options.inside ?? '');
  mkdirSync(workspace, { recursive: true });
  const { tools, editorTools, mayStartServer } = options;
  const api = await startFakeAnthropic(script, options);
  onTestFinished(() => api.close());
  const open: RunHarness['open'] = async (machine) => {
    const manager = await openRunManager({
      workspace,
      bundledWorkflows: join(root, 'workflows'),
      dist: await builtDist(),
      provider: async () =>
        createAnthropicProvider({
          apiKey: 'loopback',
          baseUrl: api.url,
          defaultModel: 'fake',
          silenceMs: options.silenceMs,
        }),
      ripgrep: await findRipgrep({ near: [root] }),
      node: process.execPath,
      ...machine,
      // Whatever the person who runs the tests has defined for themselves stays out of them.
      home: options.home ?? workspace,
      retryBaseMs: 5,
      ...(tools && { tools: () => tools, confined: async () => options.confined ?? false }),
      ...(editorTools && { editorTools }),
      ...(mayStartServer && { mayStartServer }),
      ...(options.governor && { governor: options.governor }),
    });
    onTestFinished(() => manager.close());
    return manager;
  };
  const manager = await open();
  const start: RunHarness['start'] = (body, request) => {
    const path = join(workspace, 'script.js');
    writeFileSync(path, `export const meta = { name: 'test', description: 'a test' }\n${body}`);
    return manager.start({ script: path, provider: 'anthropic', ...request });
  };
  const run: RunHarness['run'] = async (body, request) => {
    const runId = await start(body, request);
    return { runId, ...(await manager.finished(runId)) };
  };
  return { workspace, api, manager, start, run, open };
}

/** The prompt that a request carries. */
export function promptOf(body: FakeBody): string {
  return body.messages[0]?.content.map((block) => block.text ?? '').join('') ?? '';
}

/** Prompts of all requests so far. */
export function promptsOf(api: FakeAnthropic): string[] {
  return api.requests.map((request) => promptOf(request.body));
}

/** Resolves as soon as the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
