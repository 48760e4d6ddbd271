import type { Json } from './json.ts';
import type { PermissionAnswer } from './permissions.ts';
import type { RunLimits } from './run-events.ts';
import type { CheckpointAnswer } from './sandbox-wire.ts';

/**
 * What a person may do to a run while it goes, from whatever window or command line: the same for the process that
 * drives it and for all others.
 */
export type RunControl =
  | { action: 'pause' }
  | { action: 'unpause' }
  /** Ends the run; what is finished is kept, and `resume` goes on. */
  | { action: 'stop' }
  /** The script gets `null` from the agent. */
  | ({ action: 'stop-agent' } & CallRef)
  /** The script gets `value` in place of the agent's answer, or `null` where there is none; a value is kept like an answer. */
  | ({ action: 'skip-agent'; value?: Json } & CallRef)
  /** Begins an agent at work anew; one that has failed is asked again, and the script goes on from there. */
  | ({ action: 'retry-agent' } & CallRef)
  /** Said to an agent at work before its next turn. */
  | ({ action: 'message-agent'; text: string } & CallRef)
  /** One agent more, with a task of the person's own; the run does not end before it has. */
  | { action: 'add-agent'; task: AddedTask }
  | { action: 'set-limits'; limits: Partial<RunLimits> }
  /** The run goes on with this script: what it asks for and was finished, or is under way, is not asked again. */
  | { action: 'replace-script'; title: string; text: string }
  | ({ action: 'answer'; answer: CheckpointAnswer } & CallRef)
  /** A yes or no to a question about a tool call; `permission` is its id, and the call any that waits for it. */
  | ({ action: 'permit'; permission: number; answer: PermissionAnswer } & CallRef);

/** One call, as numbered in the present attempt. With `key` it is refused where the number means another call by now. */
export interface CallRef {
  call: number;
  key?: string;
}

/** What a person has an agent do beside the script. */
export interface AddedTask {
  prompt: string;
  /** Absent: the beginning of the prompt. */
  label?: string;
  /** Absent: as for an agent of the script that names none. */
  model?: string;
  agentType?: string;
}
