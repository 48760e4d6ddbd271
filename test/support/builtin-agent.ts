import { type AgentOutcome, runAgent } from '../../extension/agents/run-agent.ts';
import { createBuiltinProvider } from '../../extension/models/builtin/provider.ts';
import type { TranscriptEntry } from '../../extension/protocol/call-details.ts';
import type { Json, JsonObject } from '../../extension/protocol/json.ts';
import { READ_ONLY_TOOLS } from '../../extension/tools/read-only-tools.ts';
import { copyGrammars } from '../../scripts/copy-grammars.ts';
import { tempDir } from './temp-dir.ts';
import { workspaceWith } from './workspace.ts';

const ANYTHING = { type: 'object' };

export interface BuiltinRun {
  outcome: AgentOutcome;
  transcript: TranscriptEntry[];
}

/** Runs one agent over the built-in analyst and the real tools, in a workspace with these files. */
export async function runBuiltin(
  files: Record<string, string>,
  prompt: string,
  schema: JsonObject | null = ANYTHING,
): Promise<BuiltinRun> {
  const dist = tempDir();
  await copyGrammars(dist);
  const provider = createBuiltinProvider({ dist });
  const toolContext = await workspaceWith(files);
  const transcript: TranscriptEntry[] = [];
  const outcome = await runAgent(
    { prompt, options: schema === null ? {} : { schema }, model: provider.defaultModel, role: 'agent' },
    {
      complete: (request, watch) => provider.complete(request(), watch),
      tools: READ_ONLY_TOOLS,
      toolContext,
      signal: toolContext.signal,
      onProgress: () => undefined,
      onTranscript: (entry) => transcript.push(entry),
    },
  );
  return { outcome, transcript };
}

/** The answer of a run that must have one. */
export function answerOf({ outcome }: BuiltinRun): Json {
  if (!outcome.ok) throw new Error(`${outcome.cause.kind}: ${outcome.cause.message}`);
  return outcome.value;
}

/** A challenger of one side on a claim about a line of the only file; the line is found by a text in it. */
export async function challengeLine(
  file: string,
  text: string,
  claim: { lens: string; at: string },
  side: string,
): Promise<{ verdict: string; reason: string }> {
  const line = text.split('\n').findIndex((candidate) => candidate.includes(claim.at)) + 1;
  if (line === 0) throw new Error(`No line has ${claim.at} in it.`);
  const json = JSON.stringify({ file, line, lens: claim.lens, title: 'a claim', evidence: claim.at });
  const prompt = `Counterpoint-Task: challenge\nLens: ${JSON.stringify(side)}\nClaim: ${json}\n\nTry to refute it.`;
  return answerOf(await runBuiltin({ [file]: text }, prompt)) as unknown as { verdict: string; reason: string };
}
