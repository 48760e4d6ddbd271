import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createAnthropicProvider } from '../../extension/models/anthropic.ts';
import type { ErrorInfo } from '../../extension/protocol/errors.ts';
import { isJsonObject, type Json } from '../../extension/protocol/json.ts';
import type { EngineChoice } from '../../extension/protocol/sandbox-wire.ts';
import { openRunManager, type RunManager } from '../../extension/runs/run-manager.ts';
import { findRipgrep } from '../../extension/tools/find-ripgrep.ts';
import { builtDist } from './built-dist.ts';
import {
  type FakeAnthropic,
  type FakeBody,
  type FakeReply,
  type FakeScript,
  startFakeAnthropic,
} from './fake-anthropic.ts';
import { promptOf } from './run-harness.ts';
import { ROOT, writeFiles } from './workspace.ts';

/** What agents say whose prompt has this in it: a text, an answer for their schema, or an HTTP error such as `{ status: 400 }`. */
export type Line = [in_: string | RegExp, answer: Json | ((prompt: string) => Json)];

/** A run of a bundled workflow, and all that its agents were told. */
export interface LibraryRun<Result> {
  status: string;
  /** Only where the run came to one. */
  result: Result;
  error?: ErrorInfo;
  logs: string[];
  /** Of every request, in order of arrival. */
  prompts: string[];
}

/** One manager with one loopback API for all tests of a file: opening them takes longer than most of the runs. */
interface Library {
  workspace: string;
  api: FakeAnthropic;
  manager: RunManager;
}

let opened: Promise<Library> | undefined;
let script: FakeScript = () => ({ status: 400 });

afterAll(async () => {
  const library = await opened;
  if (!library) return;
  await library.manager.close();
  await library.api.close();
  rmSync(library.workspace, { recursive: true, force: true });
});

async function open(): Promise<Library> {
  const workspace = realpathSync(mkdtempSync(join(tmpdir(), 'counterpoint-')));
  const api = await startFakeAnthropic((body, n) => script(body, n));
  const provider = createAnthropicProvider({ apiKey: 'loopback', baseUrl: api.url, defaultModel: 'fake' });
  const manager = await openRunManager({
    workspace,
    bundledWorkflows: join(ROOT, 'workflows'),
    dist: await builtDist(),
    provider: async () => provider,
    ripgrep: await findRipgrep({ near: [ROOT] }),
    node: process.execPath,
    retryBaseMs: 5,
  });
  return { workspace, api, manager };
}

/**
 * Runs a bundled workflow, by its name, or any script, by its path, in a workspace with these files, through the real runtime
 * and SDK. Of the lines the first whose text stands in a prompt answers it; a prompt without any fails the test.
 */
export async function runLibrary<Result>(
  workflow: string,
  args: Json,
  lines: Line[],
  files: Record<string, string> = {},
  { engine = 'auto', deny = [] }: { engine?: EngineChoice; deny?: string[] } = {},
): Promise<LibraryRun<Result>> {
  opened ??= open();
  const { workspace, manager } = await opened;
  for (const name of readdirSync(workspace)) {
    if (name !== '.counterpoint') rmSync(join(workspace, name), { recursive: true });
  }
  writeFiles(workspace, files);
  const prompts: string[] = [];
  const strangers: string[] = [];
  script = (body) => {
    const prompt = promptOf(body);
    prompts.push(prompt);
    const line = lines.find(([text]) => (typeof text === 'string' ? prompt.includes(text) : text.test(prompt)));
    if (!line) strangers.push(prompt);
    const [, answer] = line ?? ['', { status: 400 }];
    return replyOf(typeof answer === 'function' ? answer(prompt) : answer, body);
  };
  const runId = await manager.start({
    script: workflow,
    provider: 'anthropic',
    args,
    engine,
    permissions: { allow: [], ask: [], deny },
  });
  const { status, result, error } = await manager.finished(runId);
  const logs = manager.events(runId, 0, 100_000).flatMap((event) => (event.type === 'log' ? [event.message] : []));
  if (strangers.length > 0) throw new Error(`The test has no answer for ${strangers.length} prompts:\n${strangers[0]}`);
  return { status, result: result as Result, logs, prompts, ...(error && { error }) };
}

function replyOf(answer: Json, body: FakeBody): FakeReply {
  if (isJsonObject(answer) && typeof answer.status === 'number') return { status: answer.status };
  if (body.tools?.some(({ name }) => name === 'answer')) return { tools: [{ name: 'answer', input: answer }] };
  return { text: String(answer) };
}

/** Prompts that begin with this. */
export function thoseOf(prompts: string[], beginning: string): string[] {
  return prompts.filter((prompt) => prompt.startsWith(beginning));
}

/** The claims that challengers were sent for, one for each of them. */
export function claimsOf(prompts: string[]): Record<string, Json>[] {
  return prompts.flatMap((prompt) => {
    const [, claim] = /^Counterpoint-Task: challenge\nLens: .*\nClaim: (.*)$/m.exec(prompt) ?? [];
    return claim === undefined ? [] : [JSON.parse(claim) as Record<string, Json>];
  });
}

/** Challengers that uphold what they are asked about, but for claims that one of these texts stands in. */
export function challengers(refuted: string[] = []): Line {
  return [
    'Counterpoint-Task: challenge',
    (prompt) => {
      const claim = JSON.stringify(claimsOf([prompt])[0]);
      const against = refuted.some((text) => claim.includes(text));
      return { verdict: against ? 'refuted' : 'upheld', reason: against ? 'it is not so' : 'looked at it' };
    },
  ];
}
