import type { Messages } from '@anthropic-ai/sdk/resources/messages/messages';
import type { Params } from './anthropic-wire.ts';

const MARK: Messages.CacheControlEphemeral = { type: 'ephemeral' };

/**
 * Marks up to where a prompt is to be cached, at most the four times that the API takes:
 * 1. after tools and system prompt, which agents of a kind have in common;
 * 2. after the beginning of the first prompt, where it is known to be that of other agents, too;
 * 3. and 4. at the end of a conversation that goes on, and where the turn before ended: one turn of many tool calls can
 *    have more blocks than the API looks back for.
 * A prompt that may be asked but once is not marked at its end: to write to the cache costs a quarter more.
 * @param shared Characters of the first prompt.
 */
export function markCached(params: Params, shared: number): void {
  const { system, tools, messages } = params;
  if (typeof system === 'string') params.system = [{ type: 'text', text: system, cache_control: MARK }];
  else if (tools && tools.length > 0)
    tools[tools.length - 1] = { ...tools.at(-1)!, cache_control: MARK } as Messages.Tool;
  if (shared > 0 && messages[0]) markStart(messages[0], shared);
  if (messages.length <= 1) return;
  markEnd(messages.at(-1));
  // What follows on the user's words is the model's, and then the user's again.
  if (messages.length > 3) markEnd(messages.at(-3));
}

/** The text is cut in two, since a mark can only stand behind a block. */
function markStart(message: Messages.MessageParam, shared: number): void {
  const [first, ...rest] = Array.isArray(message.content) ? message.content : [];
  if (first?.type !== 'text' || first.text.length <= shared) return;
  message.content = [
    { type: 'text', text: first.text.slice(0, shared), cache_control: MARK },
    { type: 'text', text: first.text.slice(shared) },
    ...rest,
  ];
}

/** What was thought cannot be marked. */
function markEnd(message: Messages.MessageParam | undefined): void {
  const last = Array.isArray(message?.content) ? message.content.at(-1) : undefined;
  if (last && (last.type === 'text' || last.type === 'tool_result' || last.type === 'tool_use'))
    last.cache_control = MARK;
}
