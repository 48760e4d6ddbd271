import type { ContentBlock } from '../models/provider.ts';
import type { TranscriptEntry } from '../protocol/call-details.ts';
import { errorInfo } from '../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../protocol/json.ts';
import { outputOf, type Tool, type ToolContext, ToolError, type ToolOutput } from '../tools/tool.ts';
import { inputProblems } from './answer-schema.ts';
import { INPUT_CUT } from './instructions.ts';

export type ToolCall = Extract<ContentBlock, { type: 'tool_use' }>;
export type ToolResult = Extract<ContentBlock, { type: 'tool_result' }>;

/** Whether a tool call may be done: where it works, with what the model should know of that; or why not, in words for the model. */
export type Admission = { allowed: true; context: ToolContext; note?: string } | { allowed: false; why: string };

export interface ToolCallDeps {
  tools: readonly Tool[];
  toolContext: ToolContext;
  signal: AbortSignal;
  /** Asked before each call; absent: all may be done, in `toolContext`. @throws ToolError where the tool cannot say what it would touch. */
  admit?(tool: Tool, input: JsonObject): Promise<Admission>;
  /** It is done from now on, which has to be known before where a tool does more than look. */
  onBegin?(call: ToolCall): Promise<void>;
  onDoing(doing: string): void;
  onTranscript(entry: TranscriptEntry): void;
}

/**
 * Runs one call of a model. Whatever goes wrong is told to the model, so that it can try another way; only a stop is thrown.
 * @throws the signal's reason when aborted.
 */
export async function runToolCall(call: ToolCall, deps: ToolCallDeps): Promise<ToolResult> {
  const at = Date.now();
  const { forModel: output, whole, images, isError } = await outcome(call, deps);
  deps.signal.throwIfAborted();
  const { id, name, input } = call;
  const all = whole === undefined ? {} : { whole };
  deps.onTranscript({ type: 'tool', at, id, name, input, output, ...all, isError, durationMs: Date.now() - at });
  return { type: 'tool_result', toolUseId: id, content: output, isError, ...(images && { images }) };
}

async function outcome(call: ToolCall, deps: ToolCallDeps): Promise<ToolOutput & { isError: boolean }> {
  const tool = deps.tools.find(({ name }) => name === call.name);
  if (!tool) {
    const names = deps.tools.map(({ name }) => name).join(', ') || 'none';
    return { forModel: `There is no tool "${call.name}". There are: ${names}.`, isError: true };
  }
  // What is not an object is JSON that could not be read: it was cut.
  if (!isJsonObject(call.input)) return { forModel: INPUT_CUT, isError: true };
  const problems = inputProblems(tool.inputSchema, call.input);
  if (problems !== null) return { forModel: `Bad input:\n${problems}`, isError: true };
  try {
    const admission = await admit(tool, call.input, deps);
    if (!admission.allowed) return { forModel: admission.why, isError: true };
    if (tool.access !== 'read') await deps.onBegin?.(call);
    deps.onDoing(tool.describe(call.input));
    const context = { ...admission.context, onProgress: deps.onDoing };
    const output = outputOf(await tool.run(call.input, context));
    const forModel = [admission.note, output.forModel].filter(Boolean).join('\n\n');
    return { ...output, forModel, isError: false };
  } catch (error) {
    if (error instanceof ToolError) return { forModel: error.message, isError: true };
    // A defect of ours: the model cannot mend it, and its words may carry what the model has no business with.
    if (!deps.signal.aborted)
      deps.onTranscript({ type: 'note', at: Date.now(), text: `${call.name} failed: ${errorInfo(error).message}` });
    return { forModel: 'The tool failed for a reason of its own. Try another way.', isError: true };
  }
}

async function admit(tool: Tool, input: JsonObject, { admit, toolContext }: ToolCallDeps): Promise<Admission> {
  return (await admit?.(tool, input)) ?? { allowed: true, context: toolContext };
}
