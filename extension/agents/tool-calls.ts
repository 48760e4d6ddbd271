import type { ContentBlock } from '../models/provider.ts';
import { asData } from '../protocol/as-data.ts';
import type { TranscriptEntry } from '../protocol/call-details.ts';
import { errorInfo } from '../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../protocol/json.ts';
import { outputOf, type Tool, type ToolContext, ToolError, type ToolOutput, ToolRefusal } from '../tools/tool.ts';
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
  /** It is not done, for a reason that no rule could change: nobody offered that tool, or the tool itself refuses. */
  onRefused?(call: Pick<ToolCall, 'name' | 'input'>, why: string): Promise<void>;
  /** It is done from now on, which has to be known before where a tool does more than look. */
  onBegin?(call: ToolCall): Promise<void>;
  onDoing(doing: string): void;
  onTranscript(entry: TranscriptEntry): void;
}

/**
 * Runs one call of a model. Whatever goes wrong is told to the model, so that it can try another way; only a stop is thrown. This is the one
 * place where what tools bring is marked as data: tools themselves mark nothing, and people read it without the mark.
 * @throws the signal's reason when aborted.
 */
export async function runToolCall(call: ToolCall, deps: ToolCallDeps): Promise<ToolResult> {
  const at = Date.now();
  const { forModel: output, whole, images, isError, isOurs } = await outcome(call, deps);
  deps.signal.throwIfAborted();
  const { id, name, input } = call;
  const all = whole === undefined ? {} : { whole };
  deps.onTranscript({ type: 'tool', at, id, name, input, output, ...all, isError, durationMs: Date.now() - at });
  const content = isOurs ? output : asData(output);
  return { type: 'tool_result', toolUseId: id, content, isError, ...(images && { images }) };
}

/**
 * `isOurs` are words that no tool has a part in, which the model is to heed: a refusal names nothing but what the model asked for. All else
 * may be anybody's: failures quote files and servers, what is wrong with an input is told in the words of a schema, which a server may have
 * written, and the note of an admission names files.
 */
type Outcome = ToolOutput & { isError: boolean; isOurs: boolean };

function ours(words: string): Outcome {
  return { forModel: words, isError: true, isOurs: true };
}

function failed(why: string): Outcome {
  return { forModel: why, isError: true, isOurs: false };
}

async function outcome(call: ToolCall, deps: ToolCallDeps): Promise<Outcome> {
  const tool = deps.tools.find(({ name }) => name === call.name);
  if (!tool) {
    const names = deps.tools.map(({ name }) => name).join(', ') || 'none';
    await deps.onRefused?.(call, 'Not allowed: this agent has no such tool.');
    return ours(`There is no tool "${call.name}". There are: ${names}.`);
  }
  // What is not an object is JSON that could not be read: it was cut.
  if (!isJsonObject(call.input)) return ours(INPUT_CUT);
  const problems = inputProblems(tool.inputSchema, call.input);
  if (problems !== null) return failed(`Bad input:\n${problems}`);
  try {
    const admission = await admit(tool, call.input, deps);
    if (!admission.allowed) return ours(admission.why);
    if (tool.access !== 'read') await deps.onBegin?.(call);
    deps.onDoing(tool.describe(call.input));
    const context = { ...admission.context, onProgress: deps.onDoing };
    const output = outputOf(await tool.run(call.input, context));
    const forModel = [admission.note, output.forModel].filter(Boolean).join('\n\n');
    return { ...output, forModel, isError: false, isOurs: false };
  } catch (error) {
    if (error instanceof ToolRefusal) await deps.onRefused?.(call, `Not allowed. ${error.message}`);
    if (error instanceof ToolError) return failed(error.message);
    // A defect of ours: the model cannot mend it, and its words may carry what the model has no business with.
    if (!deps.signal.aborted)
      deps.onTranscript({ type: 'note', at: Date.now(), text: `${call.name} failed: ${errorInfo(error).message}` });
    return ours('The tool failed for a reason of its own. Try another way.');
  }
}

async function admit(tool: Tool, input: JsonObject, { admit, toolContext }: ToolCallDeps): Promise<Admission> {
  return (await admit?.(tool, input)) ?? { allowed: true, context: toolContext };
}
