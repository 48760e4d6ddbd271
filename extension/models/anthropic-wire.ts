import type { Messages } from '@anthropic-ai/sdk/resources/messages/messages';
import { isJsonObject, type JsonObject } from '../protocol/json.ts';
import type { Effort } from '../protocol/sandbox-wire.ts';
import { markCached } from './cache-marks.ts';
import type { Feature } from './features.ts';
import { knownModel } from './prices.ts';
import type { ContentBlock, ModelMessage, ModelRequest, ToolSpec } from './provider.ts';
import { strictSchema } from './strict-schema.ts';

/** Of a request, streamed or not; `anthropic_version` is in the body where a cloud has no header for it. */
export type Params = Messages.MessageCreateParams & { anthropic_version?: string };

export interface WireOptions {
  /** Whether the other side takes a feature, as far as is known; `detail` is the schema that is to be held. */
  takes(feature: Feature, detail?: string): boolean;
  /** A model that is not in our table is asked for all that the request wants; else only for what every model does. */
  optimistic: boolean;
  /** How much of the first prompt, in characters, is known to be that of other agents, too. */
  shared: number;
  /** The version of the API for such a model, where it goes into the body. */
  version?: string | undefined;
}

export interface Wire {
  params: Params;
  /** What is in it that the other side may refuse. */
  used: Feature[];
  /** The schemas that are to be held, as text. */
  strict: string;
}

/** Turns a request of ours into the parameters of the Messages API. */
export function toWire(request: ModelRequest, options: WireOptions): Wire {
  const { model, toolChoice, effort, maxOutputTokens } = request;
  const known = knownModel(model);
  const can = (feature: Feature, knows: boolean | undefined): boolean =>
    (known ? knows === true : options.optimistic) && options.takes(feature);
  const forced = toolChoice !== undefined && can('tool_choice', known?.forcedTool);
  // A model that thinks cannot be forced.
  const thinking = forced || !options.takes('thinking') ? undefined : thinkingFor(request);
  const { tools, strict } = toTools(
    request.tools,
    (schema) => (known || options.optimistic) && options.takes('strict', schema),
  );
  const params: Params = {
    model,
    max_tokens: maxOutputTokens,
    messages: request.messages.map((message) => toMessageParam(message, options.takes('images'))),
    stream: options.takes('stream'),
    ...(request.system !== '' && { system: request.system }),
    ...(tools.length > 0 && { tools }),
    ...(forced && { tool_choice: { type: 'tool' as const, name: toolChoice } }),
    ...(effort !== undefined && can('effort', known?.effort) && { output_config: { effort } }),
    ...(thinking && { thinking }),
    ...(options.version !== undefined && { anthropic_version: options.version }),
  };
  if (options.takes('cache')) markCached(params, options.shared);
  return { params, used: usedIn(request, params, strict, options), strict };
}

function usedIn(request: ModelRequest, params: Params, strict: string, options: WireOptions): Feature[] {
  const used: [Feature, boolean][] = [
    ['tool_choice', params.tool_choice !== undefined],
    ['thinking', params.thinking !== undefined],
    ['effort', params.output_config !== undefined],
    ['cache', options.takes('cache')],
    ['strict', strict !== ''],
    ['stream', params.stream === true],
    ['images', options.takes('images') && request.messages.some(hasImages)],
  ];
  return used.flatMap(([feature, is]) => (is ? [feature] : []));
}

/** Tokens that a model may think for, where it has to be told how many. */
const BUDGETS: Record<Effort, number> = { low: 0, medium: 4_000, high: 10_000, xhigh: 16_000, max: 24_000 };
/** The API takes no less. */
const LEAST_BUDGET = 1_024;

/** Effort is what scripts say, and thinking is what it takes: without effort a model does what it does by default. */
function thinkingFor({ model, effort, maxOutputTokens }: ModelRequest): Messages.ThinkingConfigParam | undefined {
  const how = knownModel(model)?.thinking;
  if (effort === undefined || how === undefined || how === 'by-default') return undefined;
  if (how === 'adaptive') return { type: 'adaptive' };
  // The other half is left for the answer.
  const budget = Math.min(BUDGETS[effort], Math.floor(maxOutputTokens / 2));
  return budget < LEAST_BUDGET ? undefined : { type: 'enabled', budget_tokens: budget };
}

/** Holds the model to the schema of a strict tool, where model, schema and server allow; all models of our table do. */
function toTools(
  specs: readonly ToolSpec[],
  holds: (schema: string) => boolean | undefined,
): { tools: Messages.Tool[]; strict: string } {
  const held: string[] = [];
  const tools = specs.map((spec) => {
    const schema = spec.strict ? strictSchema(spec.inputSchema) : null;
    const detail = JSON.stringify(schema);
    if (!schema || !holds(detail)) return toTool(spec, spec.inputSchema);
    held.push(detail);
    return { ...toTool(spec, schema), strict: true };
  });
  return { tools, strict: held.join('\n') };
}

function toTool({ name, description }: ToolSpec, schema: JsonObject): Messages.Tool {
  return { name, description, input_schema: schema as Messages.Tool.InputSchema };
}

function hasImages({ content }: ModelMessage): boolean {
  return content.some((block) => block.type === 'tool_result' && block.images !== undefined && block.images.length > 0);
}

function toMessageParam(message: ModelMessage, images: boolean): Messages.MessageParam {
  return { role: message.role, content: message.content.map((block) => toBlockParam(block, images)) };
}

function toBlockParam(block: ContentBlock, images: boolean): Messages.ContentBlockParam {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text };
    case 'tool_use':
      // Input that was cut off is kept as text; the API takes nothing but objects.
      return { type: 'tool_use', id: block.id, name: block.name, input: isJsonObject(block.input) ? block.input : {} };
    case 'tool_result':
      return toToolResult(block, images);
    case 'opaque':
      return block.value as unknown as Messages.ContentBlockParam;
  }
}

const NO_IMAGES = '(There is a picture here, which this model cannot be shown.)';

function toToolResult(
  block: Extract<ContentBlock, { type: 'tool_result' }>,
  images: boolean,
): Messages.ToolResultBlockParam {
  const { toolUseId: tool_use_id, content: text, isError: is_error, images: pictures = [] } = block;
  const result = { type: 'tool_result' as const, tool_use_id, is_error };
  if (pictures.length === 0) return { ...result, content: text };
  if (!images) return { ...result, content: [text, NO_IMAGES].filter(Boolean).join('\n') };
  const shown = pictures.map(({ mediaType, data }) => ({
    type: 'image' as const,
    source: { type: 'base64' as const, media_type: mediaType, data },
  }));
  // An empty text is refused.
  return { ...result, content: text === '' ? shown : [{ type: 'text', text }, ...shown] };
}
