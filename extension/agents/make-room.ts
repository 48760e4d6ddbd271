import { contextWindow } from '../models/prices.ts';
import type { ContentBlock, ModelMessage, ModelReply, ModelRequest } from '../models/provider.ts';
import { NO_USAGE, type Usage } from '../protocol/run-events.ts';
import { AgentFailure } from './agent-failure.ts';
import { type Conversation, note } from './conversation.ts';
import { CUT_RESULT, FROM_PERSON, SUMMARISE, summarised, textOf } from './instructions.ts';
import { tokensOf } from './size.ts';

/** Of the context window: from here on room is made, and so little is aimed at. */
const FULL = 0.8;
const ROOMY = 0.5;
/** Replies at the end of a conversation that stay as they are, with what their tools gave. */
const LAST_REPLIES = 3;
/** A result shorter than this is not worth cutting. */
const WORTH_CUTTING = 400;
const SUMMARY_TOKENS = 8_192;

/** Whether the next request might not fit. */
export function isFull(conversation: Conversation): boolean {
  return conversation.size >= FULL * windowOf(conversation) && lastReplies(conversation.messages) > 1;
}

/**
 * Makes room in a conversation: older results of tools are cut down to a word, and where that is not enough, the model sums
 * up what it has done. What it was asked, what a person said, and its last replies stay as they are.
 * @param ask Sends a request of its own, which is paid for like any other.
 * @throws AgentFailure `context` where there is nothing to be cut.
 */
export async function makeRoom(
  conversation: Conversation,
  ask: (request: ModelRequest) => Promise<ModelReply>,
): Promise<void> {
  const { deps, didNotFit } = conversation;
  const window = windowOf(conversation);
  if (conversation.messages.length < 2) throw tooLong('its prompt alone is too long');
  // What did not fit is larger than we thought.
  const before = didNotFit ? Math.max(conversation.size, window) : conversation.size;
  deps.onProgress('making room in its conversation', conversation.usage);
  const original = conversation.messages;
  const cut = cutResults(original, didNotFit ? original.length : lastReplies(original));
  const sized = (messages: ModelMessage[]): number => Math.ceil((before * tokensOf(messages)) / tokensOf(original));
  let messages = cut;
  let usage = NO_USAGE;
  const summing = sized(cut) > ROOMY * window;
  if (summing) ({ messages, usage } = await sumUp(conversation, cut, ask));
  const after = sized(messages);
  if (after >= before) throw tooLong('nothing in it can be cut');
  conversation.messages = messages;
  conversation.size = after;
  note(conversation, { type: 'shortened', messages, usage });
  const how = summing ? 'the model summed up what it had done' : 'older results of tools were cut';
  const text = `The conversation was about to fill the context window of the model, so ${how}: about ${inThousands(before)} tokens became ${inThousands(after)}.`;
  deps.onTranscript({ type: 'note', at: Date.now(), text });
}

export function tooLong(why: string): AgentFailure {
  return new AgentFailure({
    kind: 'context',
    message: `The conversation does not fit into the context window of the model: ${why}. Give the agent less to do, or a model with a larger window.`,
  });
}

function windowOf({ task, deps }: Conversation): number {
  return deps.contextWindow ?? contextWindow(task.model);
}

function inThousands(tokens: number): string {
  return Math.max(1_000, Math.round(tokens / 1_000) * 1_000).toLocaleString('en-US');
}

/** Where the part begins that stays: with a reply, so that its calls and their results stay together. */
function lastReplies(messages: readonly ModelMessage[]): number {
  const replies = messages.flatMap(({ role }, index) => (role === 'assistant' ? [index] : []));
  return replies.at(-LAST_REPLIES) ?? replies[0] ?? messages.length;
}

function cutResults(messages: readonly ModelMessage[], until: number): ModelMessage[] {
  return messages.map((message, index) => {
    const short = index < until && message.content.some(isWorthCutting);
    return short ? { ...message, content: message.content.map(cutResult) } : message;
  });
}

function isWorthCutting(block: ContentBlock): boolean {
  return block.type === 'tool_result' && (block.content.length > WORTH_CUTTING || block.images !== undefined);
}

function cutResult(block: ContentBlock): ContentBlock {
  if (block.type !== 'tool_result' || !isWorthCutting(block)) return block;
  const { images: _, ...result } = block;
  return { ...result, content: CUT_RESULT };
}

/** Asks the model what it has done, and puts that in the place of what it did. */
async function sumUp(
  conversation: Conversation,
  messages: ModelMessage[],
  ask: (request: ModelRequest) => Promise<ModelReply>,
): Promise<{ messages: ModelMessage[]; usage: Usage }> {
  const { task, system, specs } = conversation;
  const asking: ModelMessage[] = [...messages];
  const request: ContentBlock = { type: 'text', text: SUMMARISE };
  const last = asking.at(-1);
  if (last?.role === 'user') asking[asking.length - 1] = { role: 'user', content: [...last.content, request] };
  else asking.push({ role: 'user', content: [request] });
  // The same tools as ever, or the API would refuse their calls, and its cache would not be read.
  const reply = await ask({
    model: task.model,
    system,
    tools: specs,
    messages: asking,
    maxOutputTokens: SUMMARY_TOKENS,
  });
  const summary = textOf(reply.content).trim();
  if (summary === '') throw tooLong('the model was asked to sum it up, and did not');
  const from = lastReplies(messages);
  const [first, ...rest] = messages.slice(0, from);
  const said = rest.flatMap(({ role, content }) => (role === 'user' ? content.filter(isFromPerson) : []));
  const content: ContentBlock[] = [
    ...(first?.content.filter(({ type }) => type === 'text') ?? []),
    ...said,
    { type: 'text', text: summarised(summary) },
  ];
  return { messages: [{ role: 'user', content }, ...messages.slice(from)], usage: reply.usage };
}

/** What a user says in a conversation is ours, but for this. */
function isFromPerson(block: ContentBlock): boolean {
  return block.type === 'text' && block.text.startsWith(FROM_PERSON);
}

/** Tokens of a conversation that ends with this reply. */
export function sizeAfter({ usage }: Pick<ModelReply, 'usage'>): number {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  return inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens;
}
