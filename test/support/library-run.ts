import type { ErrorInfo } from '../../extension/protocol/errors.ts';
import { isJsonObject, type Json } from '../../extension/protocol/json.ts';
import type { FakeBody, FakeReply } from './fake-anthropic.ts';
import { promptOf, runHarness } from './run-harness.ts';
import { writeFiles } from './workspace.ts';

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

/**
 * Runs a bundled workflow in a workspace with these files, through the real runtime and SDK. Of the lines the first whose
 * text stands in a prompt answers it; a prompt without any fails the test.
 */
export async function runLibrary<Result>(
  script: string,
  args: Json,
  lines: Line[],
  files: Record<string, string> = {},
): Promise<LibraryRun<Result>> {
  const prompts: string[] = [];
  const strangers: string[] = [];
  const { manager, workspace } = await runHarness((body) => {
    const prompt = promptOf(body);
    prompts.push(prompt);
    const line = lines.find(([text]) => (typeof text === 'string' ? prompt.includes(text) : text.test(prompt)));
    if (!line) strangers.push(prompt);
    const [, answer] = line ?? ['', { status: 400 }];
    return replyOf(typeof answer === 'function' ? answer(prompt) : answer, body);
  });
  writeFiles(workspace, files);
  const runId = await manager.start({ script, provider: 'anthropic', args });
  const outcome = await manager.finished(runId);
  const logs = manager.events(runId, 0, 100_000).flatMap((event) => (event.type === 'log' ? [event.message] : []));
  if (strangers.length > 0) throw new Error(`The test has no answer for ${strangers.length} prompts:\n${strangers[0]}`);
  const { status, result, error } = outcome;
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
