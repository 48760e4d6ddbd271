import type { Json } from './json.ts';
import type { WholeCall } from './permissions.ts';
import type { CallSettled } from './run-events.ts';
import type { AgentOptions } from './sandbox-wire.ts';

/** Everything about one agent that is too large for the events; fetched when somebody looks. */
export interface CallDetails {
  id: number;
  prompt: string;
  options: AgentOptions;
  transcript: TranscriptEntry[];
  /** Undefined while there is none. */
  answer?: Json;
  settled?: CallSettled;
  /** The line of the script that asked for it, as it ran, at most 300 characters; absent where that is not known. */
  scriptLine?: string;
  /** Of its tool calls that wait for a yes or no, all that they would do. */
  wanted?: { question: number; call: WholeCall }[];
}

/** One step of an agent's conversation, in order. `at` is milliseconds since the epoch. */
export type TranscriptEntry =
  | { type: 'text'; at: number; text: string }
  | {
      type: 'tool';
      at: number;
      id: string;
      name: string;
      input: Json;
      /** What the model was told. */
      output: string;
      /** All that the tool brought, where the model was told only a part. */
      whole?: string;
      isError: boolean;
      durationMs: number;
    }
  | { type: 'answer-rejected'; at: number; answer: Json; problems: string }
  | { type: 'retry'; at: number; reason: string; delayMs: number }
  /** What a person said to the agent. */
  | { type: 'message'; at: number; text: string }
  | { type: 'note'; at: number; text: string };
