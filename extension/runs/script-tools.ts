import { inputProblems } from '../agents/answer-schema.ts';
import type { AgentOutcome } from '../agents/run-agent.ts';
import type { Permit } from '../permissions/permissions.ts';
import type { JsonObject } from '../protocol/json.ts';
import { NO_USAGE } from '../protocol/run-events.ts';
import { outputOf, type Tool, type ToolContext, ToolError } from '../tools/tool.ts';
import { isElsewhere } from './offered-tools.ts';
import type { AskedCall } from './run-permissions.ts';

/** What a script asks what a person had added to the run: answered by the run, and no tool, so that no agent has it. */
export const INBOX = 'inbox';

/** Why the inbox cannot be asked so; null where it can. */
export function inboxProblem(input: JsonObject): string | null {
  const unknown = Object.keys(input).find((key) => key !== 'wait');
  if (unknown !== undefined)
    return `bad input for the tool ${INBOX}: it has no ${JSON.stringify(unknown)}, only \`wait\``;
  if (input.wait === undefined || typeof input.wait === 'boolean') return null;
  return `bad input for the tool ${INBOX}: \`wait\` is true or false`;
}

/** Runs one tool call that the script itself makes, under what its agents may do. The answer is what a model would be told. */
export async function runScriptTool(
  tools: readonly Tool[],
  name: string,
  input: JsonObject,
  context: ToolContext,
  permit?: (call: Omit<AskedCall, 'onWait'>) => Promise<Permit>,
): Promise<AgentOutcome> {
  const tool = tools.find((known) => known.name === name);
  if (!tool) {
    if (isElsewhere(name, tools)) return refused(`the tool ${name} is there only in runs that VS Code drives`);
    const names = [...tools.map((known) => known.name), INBOX].join(', ');
    return refused(`there is no tool ${JSON.stringify(name)}; there are: ${names}`);
  }
  const problems = inputProblems(tool.inputSchema, input);
  if (problems !== null) return refused(`bad input for the tool ${name}: ${problems}`);
  try {
    const permitted = await permit?.({ tool, input, context });
    if (permitted && !permitted.allowed) return refused(permitted.why);
    const within = permitted ? { ...context, bounds: permitted.bounds } : context;
    return { ok: true, value: outputOf(await tool.run(input, within)).forModel, usage: NO_USAGE, requests: 0 };
  } catch (error) {
    if (error instanceof ToolError) return refused(error.message);
    throw error;
  }
}

function refused(message: string): AgentOutcome {
  return { ok: false, cause: { kind: 'tool', message }, usage: NO_USAGE, requests: 0 };
}
