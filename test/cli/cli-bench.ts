import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { openRunManager, type RunManager } from '../../extension/runs/run-manager.ts';
import { type CliProcess, type CliResult, runCli, startCli } from '../support/cli-process.ts';
import { type FakeAnthropic, type FakeReply, type FakeScript, startFakeAnthropic } from '../support/fake-anthropic.ts';
import { promptOf, until } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';

const META = `export const meta = { name: 'test', description: 'a test' }\n`;

export function workspaceWith(body: string): { workspace: string; script: string } {
  const workspace = tempDir();
  return { workspace, script: writeScript(workspace, 'script.js', body) };
}

/** Writes the body of a script, with its meta, and returns its path. */
export function writeScript(workspace: string, name: string, body: string): string {
  const path = join(workspace, name);
  writeFileSync(path, `${META}${body}`);
  return path;
}

export async function modelApi(script: FakeScript, delayMs = 0) {
  const api = await startFakeAnthropic(script, { delayMs });
  onTestFinished(() => api.close());
  return { api, env: { ANTHROPIC_API_KEY: 'sk-loopback-secret', ANTHROPIC_BASE_URL: api.url } };
}

/** The one document that stdout must be. */
export function documentOf(result: CliResult) {
  expect(result.stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(result.stdout);
}

/**
 * A workspace with a script, a model that answers `re: PROMPT` but holds back prompts that begin with `held`, and
 * command lines in it.
 */
export interface CliBench {
  workspace: string;
  script: string;
  api: FakeAnthropic;
  env: Record<string, string>;
  /** Starts `run` on the script, and resolves with its process once the run is in the journal. */
  run(...flags: string[]): Promise<{ process: CliProcess; runId: string }>;
  start(...args: string[]): CliProcess;
  cli(...args: string[]): Promise<CliResult>;
  /** Runs a command that must be refused, and returns the one line that says why. */
  refused(...args: string[]): Promise<string>;
  /** Answers the oldest request with this prompt, that is there or comes. */
  release(prompt: string, reply?: FakeReply): Promise<void>;
  /** Resolves with an agent, a tool or a question of the newest run, once it is in this state. */
  call(label: string, state: CallNode['state']): Promise<CallNode['info']>;
  /** Looks at the same journal. */
  observer: RunManager;
}

export async function cliBench(body: string): Promise<CliBench> {
  const { workspace, script } = workspaceWith(body);
  const { answer, release } = heldAnswers();
  const { api, env } = await modelApi(answer);
  const observer = await openRunManager({
    workspace,
    bundledWorkflows: workspace,
    dist: workspace,
    provider: () => Promise.reject(new Error('it only looks')),
    ripgrep: 'rg',
    node: null,
  });
  onTestFinished(() => observer.close());
  const start: CliBench['start'] = (...args) => {
    const process = startCli([...args, '--workspace', workspace], { env });
    onTestFinished(() => void process.child.kill('SIGKILL'));
    return process;
  };
  const cli: CliBench['cli'] = (...args) => runCli([...args, '--workspace', workspace], { env });
  const newest = (): string => observer.runs()[0]?.run.id ?? '';
  return {
    ...{ workspace, script, api, env, observer, release, start, cli },
    async run(...flags) {
      const before = observer.runs().length;
      const process = start('run', script, '--json', ...flags);
      await until(() => observer.runs().length > before);
      return { process, runId: newest() };
    },
    async refused(...args) {
      const result = await cli(...args);
      expect(result.code).toBe(1);
      expect(result.stderr.trim().split('\n')).toHaveLength(1);
      return result.stderr;
    },
    async call(label, state) {
      const find = () =>
        [...observer.tree(newest()).calls.values()].find((call) => call.info.label === label && call.state === state);
      await until(() => find() !== undefined);
      return (find() as CallNode).info;
    },
  };
}

function heldAnswers(): { answer: FakeScript } & Pick<CliBench, 'release'> {
  const waiting = new Map<string, ((reply: FakeReply) => void)[]>();
  return {
    answer: (body) => {
      const prompt = promptOf(body);
      if (!prompt.startsWith('held')) return { text: `re: ${prompt}` };
      return new Promise((resolve) => waiting.set(prompt, [...(waiting.get(prompt) ?? []), resolve]));
    },
    async release(prompt, reply = { text: `re: ${prompt}` }) {
      await until(() => (waiting.get(prompt) ?? []).length > 0);
      waiting.get(prompt)?.shift()?.(reply);
    },
  };
}
