import { onTestFinished } from 'vitest';
import type { AgentDeps, AgentTask } from '../../extension/agents/conversation.ts';
import { type AgentOutcome, runAgent } from '../../extension/agents/run-agent.ts';
import { createAnthropicProvider } from '../../extension/models/anthropic.ts';
import type { TranscriptEntry } from '../../extension/protocol/call-details.ts';
import type { Tool } from '../../extension/tools/tool.ts';
import { type FakeAnthropic, type FakeScript, startFakeAnthropic } from './fake-anthropic.ts';

export interface AgentRun {
  outcome: AgentOutcome;
  server: FakeAnthropic;
  transcript: TranscriptEntry[];
  /** What was shown as being done, in order. */
  doing: string[];
}

/** Runs one agent against scripted replies of a loopback API. */
export async function runAgainst(
  script: FakeScript,
  given: {
    task?: Partial<AgentTask>;
    tools?: Tool[];
    workspace?: string;
    ripgrep?: string;
    signal?: AbortSignal;
    maxTurns?: number;
    takeMessages?: AgentDeps['takeMessages'];
    checkAnswer?: AgentDeps['checkAnswer'];
  } & Partial<Pick<AgentDeps, 'admit' | 'turns' | 'maxTokens' | 'contextWindow'>> = {},
): Promise<AgentRun> {
  const server = await startFakeAnthropic(script);
  onTestFinished(() => server.close());
  const provider = createAnthropicProvider({ apiKey: 'test-key', baseUrl: server.url });
  const signal = given.signal ?? new AbortController().signal;
  const transcript: TranscriptEntry[] = [];
  const doing: string[] = [];
  const deps: AgentDeps = {
    complete: (request, watch) => provider.complete(request(), watch),
    tools: given.tools ?? [],
    toolContext: { workspace: given.workspace ?? '/nowhere', ripgrep: given.ripgrep ?? '/nowhere/rg', signal },
    signal,
    onProgress: (what) => doing.push(what),
    onTranscript: (entry) => transcript.push(entry),
    ...(given.takeMessages && { takeMessages: given.takeMessages }),
    ...(given.checkAnswer && { checkAnswer: given.checkAnswer }),
    ...(given.maxTurns !== undefined && { maxTurns: given.maxTurns }),
    ...(given.maxTokens !== undefined && { maxTokens: given.maxTokens }),
    ...(given.contextWindow !== undefined && { contextWindow: given.contextWindow }),
    ...(given.turns && { turns: given.turns }),
    ...(given.admit && { admit: given.admit }),
  };
  const task: AgentTask = { prompt: 'Do it.', options: {}, model: 'claude-haiku-4-5', role: 'agent', ...given.task };
  return { outcome: await runAgent(task, deps), server, transcript, doing };
}
