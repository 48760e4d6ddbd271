import type { CallDetails } from './call-details.ts';
import type { ErrorInfo } from './errors.ts';
import type { PermissionAnswer } from './permissions.ts';
import type { Approval, Decision, Preview } from './preview.ts';
import type { CallRef } from './run-control.ts';
import type { ProgressEvent, RunEvent } from './run-events.ts';
import type { CheckpointAnswer } from './sandbox-wire.ts';

/**
 * Every message between the panel's webview and its host. The view folds events itself: it says from which
 * `seq` on it lacks them, the host streams them in parts; after a gap the view asks again. Requests carry an id
 * and are answered once, by that id.
 */
export type ViewToHost = SubscribeMessage | WatchMessage | RequestMessage;
export type HostToView =
  | EventsMessage
  | LiveMessage
  | CommandMessage
  | PreviewMessage
  | ResponseMessage
  | ResponsePartMessage
  | RunGoneMessage;

/** Sent when the view has loaded, and after a gap. */
export interface SubscribeMessage {
  type: 'subscribe';
  /** The last `seq` the view has folded; 0 for none. */
  after: number;
}

/** The one call that somebody looks at, or null: of it alone the host tells what it says while it says it. */
export interface WatchMessage {
  type: 'watch';
  call: number | null;
}

export interface EventsMessage {
  type: 'events';
  runId: string;
  /** In order; the first `seq` is one more than the last sent before. At most 256 kB of JSON a message. */
  events: (RunEvent | ProgressEvent)[];
  /** More parts of the backlog follow at once; paint after the last. */
  more: boolean;
  /** The run has not ended, yet no process drives it. */
  interrupted: boolean;
  /** The folder is not trusted: looking but not touching is all that it gets. */
  restricted?: boolean;
}

/** What the watched call says now; told a few times a second while it changes, and once when the watching begins. */
export interface LiveMessage {
  type: 'live';
  call: number;
  /** How many entries its transcript has; the view asks for those that it lacks. */
  entries: number;
  /** The text of the reply that is on its way, not yet an entry; empty where there is none. At most its last 20,000 characters. */
  text: string;
}

/** Something asked for outside of the view: a key, the palette, another view of the editor. */
export interface CommandMessage {
  type: 'command';
  command: PanelCommand;
}

export type PanelCommand =
  | { name: 'find' }
  | { name: 'show'; view: 'tree' | 'timeline' | 'list' | 'report' }
  /** Brings a call into view, selected. */
  | { name: 'reveal'; on: CallRef };

/** The panel shows what a script would do, not a run: sent before its events, and anew whenever the script was edited. */
export interface PreviewMessage {
  type: 'preview';
  /** Null while there is none: the first is being made, or the script cannot be read, for the reason that `problem` tells. */
  preview: Preview | null;
  problem: ErrorInfo | null;
  /** The script has changed, and the preview of what it is now is on its way. */
  stale: boolean;
  /** Null where nobody is asked: the preview alone was wanted. */
  approval: Approval | null;
}

/** The run was deleted, or its journal cannot be read. */
export interface RunGoneMessage {
  type: 'run-gone';
  message: string;
}

export interface RequestMessage {
  type: 'request';
  id: number;
  request: PanelRequest;
}

/** What the view may ask, with the type of the answer. */
export type PanelRequest =
  /** `after`: how many entries of the transcript the view has already; those come no more. */
  | { method: 'details'; call: number; after?: number }
  /** Looks for a text in what the events do not carry: prompts, answers and transcripts. Upper and lower case are one. */
  | { method: 'search'; text: string }
  /** `script`: the name of a script that was called, where the place is in that one. */
  | { method: 'open-script'; line: number; column: number; script?: string }
  | { method: 'open-report' }
  | { method: 'open-document'; title: string; text: string; language: 'markdown' | 'json' | 'plaintext' }
  | { method: 'open-file'; path: string; line: number }
  | { method: 'copy'; text: string }
  | { method: 'report' }
  /** The host asks for what is missing (a value, a message, a number, a yes) in VS Code's own way, and then does it. */
  | { method: 'act'; action: RunAction }
  | { method: 'act-on-agent'; action: AgentAction; on: CallRef }
  /** What the agent changed in a worktree of its own, once it has ended. */
  | { method: 'changes'; call: number }
  /** The host shows the diff and asks for a yes; done too where the person thinks better of it. */
  | { method: 'apply-changes'; on: CallRef }
  /** Opens that as a diff. */
  | { method: 'show-changes'; on: CallRef }
  | { method: 'answer'; on: CallRef; answer: CheckpointAnswer }
  /** A person's yes or no to a tool call that waits for it; `permission` is the question's id. */
  | { method: 'permit'; on: CallRef; permission: number; answer: PermissionAnswer }
  /** What a person decides of a script that was previewed; `digest` is that of the preview they saw. */
  | { method: 'decide'; decision: Decision; digest: string };

export const RUN_ACTIONS = [
  'pause',
  'unpause',
  'stop',
  'resume',
  'add-agent',
  'set-concurrency',
  'set-caps',
  'replace-script',
  'fork',
] as const;
export type RunAction = (typeof RUN_ACTIONS)[number];
export const AGENT_ACTIONS = ['stop', 'skip', 'retry', 'message'] as const;
export type AgentAction = (typeof AGENT_ACTIONS)[number];

/** A place where the text that was looked for stands. */
export interface SearchHit {
  call: number;
  in: 'prompt' | 'answer' | 'transcript';
  /** One line around the first place in it, at most 200 characters. */
  excerpt: string;
}

/** What an agent left to be applied to the workspace. */
export interface AgentChanges {
  /** How many files. */
  count: number;
  /** The first of them, at most `MOST_FILES`; relative to the root of the repository. */
  files: string[];
  applied: boolean;
  /** Where it was applied: in which of them a person has to settle what two changed at once. */
  conflicts: string[];
}

export const MOST_FILES = 200;

/** At most this many hits are told. */
export const MOST_HITS = 2000;

export interface PanelAnswers {
  details: CallDetails;
  /** In the order of the calls, at most `MOST_HITS`. */
  search: SearchHit[];
  'open-script': null;
  'open-report': null;
  'open-document': null;
  'open-file': null;
  copy: null;
  /** The run's Markdown report, null where the result has none. */
  report: string | null;
  act: null;
  'act-on-agent': null;
  changes: AgentChanges | null;
  'apply-changes': null;
  'show-changes': null;
  answer: null;
  permit: null;
  decide: null;
}

export type PanelMethod = PanelRequest['method'];

/** An answer too large for one message, as JSON in parts, in order; together they are the answer of an `ok` response. */
export interface ResponsePartMessage {
  type: 'response-part';
  id: number;
  json: string;
  more: boolean;
}

export type ResponseMessage =
  | { type: 'response'; id: number; ok: true; answer: PanelAnswers[PanelMethod] }
  | { type: 'response'; id: number; ok: false; error: string };
