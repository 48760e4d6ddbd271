import { createHash } from 'node:crypto';
import type { ContentBlock, ModelMessage } from '../models/provider.ts';
import { canonicalJson, type Json } from '../protocol/json.ts';
import { addUsage, NO_USAGE, type Usage } from '../protocol/run-events.ts';
import type { ToolCall, ToolResult } from './tool-calls.ts';

/**
 * What is kept of a conversation while it lasts: everything that was added to it, in order. Folded, that is the
 * conversation again, so that an agent whose process died goes on where it was.
 */
export type TurnStep =
  /** What the first request was made of, beside its prompt: another model, other rules or tools, and all of it is void. */
  | { type: 'began'; setup: string }
  | { type: 'reply'; content: ContentBlock[]; usage: Usage }
  | { type: 'said'; content: ContentBlock[] }
  /** A call of the last reply that does more than look is done from here on; its effect is unknown until it has a result. */
  | { type: 'begun'; id: string }
  /** One of the calls of the last reply has come to its end. */
  | { type: 'result'; result: ToolResult }
  /** All that was said before is said in fewer words now. */
  | { type: 'shortened'; messages: ModelMessage[]; usage: Usage }
  /** Tries that broke off are paid for, too. */
  | { type: 'lost'; usage: Usage }
  | { type: 'counted'; counts: TurnCounts }
  /** So much of what was used is in the events of the run by now. */
  | { type: 'told'; usage: Usage };

/** What the agent loop counts, and what it carries from one reply to the next. */
export interface TurnCounts {
  turns: number;
  rejectedAnswers: number;
  continuations: number;
  text: string;
  forceAnswer: boolean;
  /** Tokens of the whole conversation, as its last reply told. */
  size: number;
}

/** Where the turns of one agent are kept. */
export interface TurnStore {
  /** What was kept by an earlier process, or an earlier try. */
  kept(): TurnStep[];
  /** Resolves when it is written, `lazily` with whatever is written next; rejects where it cannot be, and then the run ends. */
  keep(steps: TurnStep[], how?: { lazily: boolean }): Promise<void>;
  /** What was kept is of no use any more. */
  forget(): Promise<void>;
}

/** A conversation as it was when it broke off. */
export interface KeptTurns {
  messages: ModelMessage[];
  counts: TurnCounts | null;
  /** Ids of the calls of the last reply that were begun. */
  begun: Set<string>;
  replies: number;
  /** Output tokens of all of them. */
  outputTokens: number;
}

/** Names all that a conversation is made of beside its prompt. */
export function setupOf(parts: Json): string {
  return createHash('sha256').update(canonicalJson(parts)).digest('hex').slice(0, 16);
}

/** Null where nothing is kept that this conversation could go on from. @param first what it begins with. */
export function foldTurns(steps: readonly TurnStep[], first: ModelMessage[], setup: string): KeptTurns | null {
  const began = steps.find((step) => step.type === 'began');
  if (began?.setup !== setup) return null;
  const kept: KeptTurns = { messages: [...first], counts: null, begun: new Set(), replies: 0, outputTokens: 0 };
  for (const step of steps) foldStep(kept, step);
  return kept.replies === 0 ? null : kept;
}

function foldStep(kept: KeptTurns, step: TurnStep): void {
  switch (step.type) {
    case 'reply':
      kept.replies += 1;
      kept.begun.clear();
      kept.outputTokens += step.usage.outputTokens;
      // An empty message would be refused by the next request.
      if (step.content.length > 0) kept.messages.push({ role: 'assistant', content: step.content });
      return;
    case 'said':
      addSaid(kept.messages, step.content);
      return;
    case 'begun':
      kept.begun.add(step.id);
      return;
    case 'result':
      return addResults(kept.messages, [step.result]);
    case 'shortened':
      kept.messages = [...step.messages];
      kept.outputTokens += step.usage.outputTokens;
      return;
    case 'counted':
      kept.counts = step.counts;
      return;
    case 'lost':
      kept.outputTokens += step.usage.outputTokens;
      return;
    case 'began':
    case 'told':
      return;
  }
}

/** Adds to what the user says; the API wants the roles in turns, so that what follows on one another is one message. */
export function addSaid(messages: ModelMessage[], content: ContentBlock[]): void {
  const last = messages.at(-1);
  if (last?.role === 'user') messages[messages.length - 1] = { role: 'user', content: [...last.content, ...content] };
  else messages.push({ role: 'user', content });
}

/** Adds what calls came to: in whatever order they ended, the conversation has them as they were asked for. */
export function addResults(messages: ModelMessage[], results: ToolResult[]): void {
  addSaid(messages, results);
  const [asking, answering] = messages.slice(-2);
  if (!asking || answering?.role !== 'user') return;
  const order = asking.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
  const place = (block: ContentBlock): number =>
    block.type === 'tool_result' ? order.indexOf(block.toolUseId) : order.length;
  messages[messages.length - 1] = {
    role: 'user',
    content: [...answering.content].sort((a, b) => place(a) - place(b)),
  };
}

/** Calls of the last reply that have no result: they were under way when it broke off. */
export function openCalls(messages: readonly ModelMessage[]): ToolCall[] {
  const [asking, answering] = messages.at(-1)?.role === 'user' ? messages.slice(-2) : [messages.at(-1)];
  if (asking?.role !== 'assistant') return [];
  const done = new Set(answering?.content.map((block) => (block.type === 'tool_result' ? block.toolUseId : '')));
  return asking.content.filter((block) => block.type === 'tool_use').filter(({ id }) => !done.has(id));
}

/** What these turns used that no event of the run tells of: their process died before it could. */
export function untoldUsage(steps: readonly TurnStep[]): Usage {
  let used = NO_USAGE;
  let told = NO_USAGE;
  for (const step of steps) {
    if (step.type === 'told') told = addUsage(told, step.usage);
    else if ('usage' in step) used = addUsage(used, step.usage);
  }
  return usageLess(used, told);
}

/** What of some usage is left beside a part of it; an unknown cost leaves it unknown. */
export function usageLess(all: Usage, part: Usage): Usage {
  return {
    inputTokens: rest(all.inputTokens, part.inputTokens),
    outputTokens: rest(all.outputTokens, part.outputTokens),
    cacheReadTokens: rest(all.cacheReadTokens, part.cacheReadTokens),
    cacheWriteTokens: rest(all.cacheWriteTokens, part.cacheWriteTokens),
    costUsd: all.costUsd === null || part.costUsd === null ? null : rest(all.costUsd, part.costUsd),
    ...(all.estimated && { estimated: true }),
  };
}

function rest(all: number, part: number): number {
  return Math.max(0, all - part);
}
