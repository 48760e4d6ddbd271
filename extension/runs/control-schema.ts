import * as z from 'zod/mini';
import { PERMISSION_ANSWERS } from '../protocol/permissions.ts';
import type { RunControl } from '../protocol/run-control.ts';

/**
 * The shape of what a person may ask of a run. It comes out of a file that lies in a workspace, or from a view that shows
 * hostile text, so it is not trusted.
 */
const call = { call: z.int().check(z.positive()), key: z.optional(z.string().check(z.maxLength(64))) };
const text = z.string().check(z.maxLength(1_000_000));
const amount = z.nullable(z.number().check(z.positive()));
const jsonObject = z.record(z.string(), z.unknown());

const control = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('pause') }),
  z.strictObject({ action: z.literal('unpause') }),
  z.strictObject({ action: z.literal('stop') }),
  z.strictObject({ action: z.literal('stop-agent'), ...call }),
  z.strictObject({ action: z.literal('skip-agent'), ...call, value: z.optional(z.unknown()) }),
  z.strictObject({ action: z.literal('retry-agent'), ...call }),
  z.strictObject({ action: z.literal('message-agent'), ...call, text: text.check(z.minLength(1)) }),
  z.strictObject({
    action: z.literal('add-agent'),
    // What of it cannot be is told in words, by `checkAddedTask`.
    task: z.strictObject({
      prompt: text,
      label: z.optional(text),
      model: z.optional(text),
      agentType: z.optional(text),
    }),
  }),
  z.strictObject({
    action: z.literal('set-limits'),
    // A limit of time holds from the beginning of what it limits; these can be changed on the way.
    limits: z.strictObject({
      concurrency: z.optional(z.int().check(z.minimum(1), z.maximum(256))),
      maxAgents: z.optional(z.int().check(z.positive())),
      budget: z.optional(amount),
      maxCostUsd: z.optional(amount),
    }),
  }),
  z.strictObject({ action: z.literal('replace-script'), title: z.string().check(z.maxLength(4096)), text }),
  z.strictObject({
    action: z.literal('answer'),
    ...call,
    answer: z.strictObject({ choice: text, comment: z.optional(text), values: z.optional(jsonObject) }),
  }),
  z.strictObject({
    action: z.literal('permit'),
    ...call,
    permission: z.int().check(z.positive()),
    answer: z.enum(PERMISSION_ANSWERS),
  }),
]);

/** Undefined where it is none. */
export function parseControl(received: unknown): RunControl | undefined {
  return control.safeParse(received).data as RunControl | undefined;
}
