import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { PLAN_SIZES } from '../planner/plan-request.ts';
import { UserError } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import { PROFILES } from '../protocol/permissions.ts';
import type { AddedTask, CallRef } from '../protocol/run-control.ts';
import type { CheckpointAnswer } from '../protocol/sandbox-wire.ts';
import type { Pointed, PointedWorkflow } from './pick-agent.ts';

/** One agent, or one question, as the events number it. With the key it is refused where the number means another by now. */
export interface CallArgument {
  runId: string;
  callId: number;
  callKey?: string;
}
export type SkipArgument = CallArgument & { value?: Json };
export type MessageArgument = CallArgument & { text: string };
export type AnswerArgument = CallArgument & CheckpointAnswer;
export interface AddArgument extends AddedTask {
  runId: string;
}
export interface ConcurrencyArgument {
  runId: string;
  concurrency: number;
}
export interface CapsArgument {
  runId: string;
  budget?: number | null;
  maxCostUsd?: number | null;
  maxAgents?: number;
}
export interface ScriptArgument {
  runId: string;
  /** Absolute, or relative to the folder. */
  script: string;
}
export interface ForkArgument {
  runId: string;
  /** The last event that still counts; absent: the newest. */
  from?: number;
  script?: string;
}
export interface SaveArgument {
  /** A path, absolute or relative to the folder, or the name of a workflow. */
  script: string;
  name: string;
  to: 'project' | 'user';
  /** What lies there under that name may be lost. */
  replace?: boolean;
}

const text = z.string().check(z.minLength(1));
const count = z.int().check(z.positive());
const cap = z.optional(z.nullable(z.number().check(z.positive())));
const call = { runId: text, callId: count, callKey: z.optional(text) };
const named = { model: z.optional(text), agentType: z.optional(text) };
const limits = z.partial(
  z.strictObject({
    concurrency: z.int(),
    maxAgents: z.int(),
    budget: z.nullable(z.int()),
    maxCostUsd: z.nullable(z.number()),
    agentTimeoutMs: z.nullable(z.int()),
    runTimeoutMs: z.nullable(z.int()),
    agentTurns: z.nullable(z.int()),
    agentTokens: z.nullable(z.int()),
  }),
);

/** What each kind of argument must be. */
export const ARGUMENTS = {
  runId: z.optional(text),
  path: z.optional(text),
  request: z.optional(
    z.strictObject({
      script: text,
      digest: z.optional(text),
      args: z.optional(z.json()),
      provider: z.string(),
      model: z.optional(z.string()),
      limits: z.optional(limits),
    }),
  ),
  plan: z.optional(z.strictObject({ goal: text, size: z.enum(PLAN_SIZES), provider: text, model: z.optional(text) })),
  save: z.optional(
    z.strictObject({ script: text, name: text, to: z.enum(['project', 'user']), replace: z.optional(z.boolean()) }),
  ),
  call: z.strictObject(call),
  skip: z.strictObject({ ...call, value: z.optional(z.json()) }),
  message: z.strictObject({ ...call, text }),
  add: z.strictObject({ runId: text, prompt: text, label: z.optional(text), ...named }),
  agent: z.strictObject({
    task: text,
    name: z.optional(text),
    ...named,
    provider: text,
    profile: z.optional(z.enum(PROFILES)),
    limits: z.optional(limits),
  }),
  answer: z.strictObject({
    ...call,
    choice: text,
    comment: z.optional(z.string()),
    values: z.optional(z.record(z.string(), z.json())),
  }),
  concurrency: z.strictObject({ runId: text, concurrency: count }),
  caps: z.strictObject({ runId: text, budget: cap, maxCostUsd: cap, maxAgents: z.optional(count) }),
  script: z.strictObject({ runId: text, script: text }),
  fork: z.strictObject({ runId: text, from: z.optional(count), script: z.optional(text) }),
};

/** @throws UserError where the argument of a command is not what its signature says. */
export function readArgument<T>(schema: z.ZodMiniType<T>, argument: unknown): T {
  const parsed = schema.safeParse(argument);
  if (parsed.success) return parsed.data;
  throw new UserError('bad-arguments', `The command does not take this argument: ${z.prettifyError(parsed.error)}`);
}

export function callOf({ callId, callKey }: CallArgument): CallRef {
  return { call: callId, ...(callKey !== undefined && { key: callKey }) };
}

const place = { runId: z.optional(text), callId: z.optional(count), callKey: z.optional(text) };
const pointed = z.union([
  z.object({ webview: z.literal('counterpoint.run'), ...place }),
  z.object({ view: z.enum(['counterpoint.checkpoints', 'counterpoint.runs']), ...place }),
]);
const workflow = z.object({
  view: z.literal('counterpoint.workflows'),
  path: text,
  folder: z.optional(text),
  entry: z.object({
    name: z.string(),
    whenToUse: z.string(),
    source: z.string(),
    error: z.optional(z.object({ line: z.optional(count), column: z.optional(count) })),
  }),
});
const view = z.strictObject({ view: z.enum(['counterpoint.runs', 'counterpoint.workflows']) });

/**
 * Tells what a menu or a key hands to a command from what a caller gives it. A menu in a panel or a view says where the person
 * pointed, one of an editor's title hands over the editor, a key in a view names the view; they all mean that a person asked,
 * and is to be asked for the rest.
 * @param selected What is selected in a view.
 */
export function fromMenu(
  argument: unknown,
  selected: (view: string) => unknown = () => undefined,
): { given: unknown; at: Pointed } {
  if (argument instanceof vscode.Uri) return { given: undefined, at: { uri: argument } };
  const inView = view.safeParse(argument);
  if (inView.success) {
    const row = selected(inView.data.view);
    return row === undefined ? { given: undefined, at: {} } : fromMenu(row);
  }
  const script = workflow.safeParse(argument);
  if (script.success) return { given: undefined, at: { workflow: workflowOf(script.data) } };
  const inPanel = pointed.safeParse(argument);
  if (!inPanel.success) return { given: argument, at: {} };
  const { runId, callId, callKey } = inPanel.data;
  const at: Pointed = { ...(runId !== undefined && { runId }) };
  if (callId !== undefined) at.call = { call: callId, ...(callKey !== undefined && { key: callKey }) };
  return { given: undefined, at };
}

function workflowOf({ path, folder, entry }: z.infer<typeof workflow>): PointedWorkflow {
  const { name, whenToUse, source, error } = entry;
  return {
    path,
    name,
    whenToUse,
    bundled: source === 'bundled',
    ...(folder !== undefined && { folder }),
    ...(error?.line !== undefined && { line: error.line }),
    ...(error?.column !== undefined && { column: error.column }),
  };
}
