import { withoutMark } from '../../protocol/as-data.ts';
import { canonicalJson, type Json, type JsonObject } from '../../protocol/json.ts';
import type { ModelMessage } from '../provider.ts';

export interface ToolCall {
  name: string;
  input: JsonObject;
}

export interface ToolOutcome {
  content: string;
  isError: boolean;
}

/** What a task does next: it asks for tools, or it has its answer. */
export type Step = { ask: ToolCall[] } | { answer: Json };

/**
 * The tool calls of a conversation with their outcomes. The analyst keeps nothing between two turns: each turn
 * it goes through its task from the start, and takes from here what it asked for before.
 */
export class Conversation {
  readonly prompt: string;
  readonly #outcomes = new Map<string, ToolOutcome>();
  /** Why the last answer was turned down, if it was. */
  readonly rejection: string | undefined;

  constructor(messages: readonly ModelMessage[], answerTool: string) {
    const first = messages.find((message) => message.role === 'user');
    this.prompt = first?.content.find((block) => block.type === 'text')?.text ?? '';
    const asked = new Map<string, { name: string; input: Json }>();
    for (const block of messages.flatMap((message) => message.content)) {
      if (block.type === 'tool_use') asked.set(block.id, block);
      if (block.type !== 'tool_result') continue;
      const call = asked.get(block.toolUseId);
      if (!call) continue;
      // A person's message may hold a good answer back; that is no rejection, and the next answer is the same.
      if (call.name === answerTool) this.rejection = block.isError ? block.content : undefined;
      else this.#outcomes.set(keyOf(call), { content: withoutMark(block.content), isError: block.isError });
    }
  }

  outcome(call: ToolCall): ToolOutcome | undefined {
    return this.#outcomes.get(keyOf(call));
  }

  /** Those of the calls that have no outcome yet. */
  missing(calls: readonly ToolCall[]): ToolCall[] {
    return calls.filter((call) => !this.#outcomes.has(keyOf(call)));
  }
}

function keyOf(call: { name: string; input: Json }): string {
  return `${call.name} ${canonicalJson(call.input)}`;
}

/** The lines of a tool's output; what the tool adds after an empty line (what it left out) is apart, as `note`. */
export function linesAndNote(content: string): { lines: string[]; note: string | null } {
  const end = content.indexOf('\n\n');
  const body = end === -1 ? content : content.slice(0, end);
  return { lines: body === '' ? [] : body.split('\n'), note: end === -1 ? null : content.slice(end + 2) };
}
