import * as z from 'zod/mini';
import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';
import { AGENT_ACTIONS, RUN_ACTIONS, type ViewToHost } from '../protocol/panel-messages.ts';
import { PERMISSION_ANSWERS } from '../protocol/permissions.ts';
import { DECISIONS } from '../protocol/preview.ts';

/** More than any prompt or answer; a view that sends more is broken or hostile. */
const MAX_TEXT = 10_000_000;

/** Levels of an answer's values: no form goes deeper, and what does could exhaust the stack of a reader. */
const MAX_DEPTH = 64;

const count = z.int().check(z.nonnegative());
const text = z.string().check(z.maxLength(MAX_TEXT));
const values = z.custom<JsonObject>((value) => isJsonObject(value) && isJson(value, MAX_DEPTH));
const call = z.strictObject({
  call: z.int().check(z.positive()),
  key: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
});
const request = z.discriminatedUnion('method', [
  z.object({ method: z.literal('details'), call: count, after: z.optional(count) }),
  z.object({ method: z.literal('search'), text: z.string().check(z.minLength(1), z.maxLength(1000)) }),
  z.object({
    method: z.literal('open-script'),
    line: count,
    column: count,
    script: z.optional(z.string().check(z.minLength(1), z.maxLength(4096))),
  }),
  z.object({ method: z.literal('open-report') }),
  z.object({
    method: z.literal('open-document'),
    title: z.string().check(z.maxLength(500)),
    text,
    language: z.enum(['markdown', 'json', 'plaintext']),
  }),
  z.object({ method: z.literal('open-file'), path: z.string().check(z.minLength(1), z.maxLength(4096)), line: count }),
  z.object({ method: z.literal('copy'), text }),
  z.object({ method: z.literal('report') }),
  z.strictObject({ method: z.literal('act'), action: z.enum(RUN_ACTIONS) }),
  z.strictObject({ method: z.literal('act-on-agent'), action: z.enum(AGENT_ACTIONS), on: call }),
  z.object({ method: z.literal('changes'), call: count }),
  z.strictObject({ method: z.literal('apply-changes'), on: call }),
  z.strictObject({ method: z.literal('show-changes'), on: call }),
  z.strictObject({
    method: z.literal('answer'),
    on: call,
    answer: z.strictObject({ choice: text, comment: z.optional(text), values: z.optional(values) }),
  }),
  z.strictObject({
    method: z.literal('permit'),
    on: call,
    permission: z.int().check(z.positive()),
    answer: z.enum(PERMISSION_ANSWERS),
  }),
  z.strictObject({
    method: z.literal('decide'),
    decision: z.enum(DECISIONS),
    digest: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  }),
]);
const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('subscribe'), after: count }),
  z.object({ type: z.literal('watch'), call: z.nullable(count) }),
  z.object({ type: z.literal('request'), id: count, request }),
]);
const state = z.object({ runId: z.string().check(z.minLength(1), z.maxLength(200)) });

/** What a view sent, or undefined where it is not of the protocol: a view shows hostile text, so it is not trusted. */
export function parseViewMessage(received: unknown): ViewToHost | undefined {
  return message.safeParse(received).data;
}

function isJson(value: unknown, depth: number): value is Json {
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth - 1));
  if (typeof value === 'object' && value !== null) return Object.values(value).every((item) => isJson(item, depth - 1));
  return value === null || typeof value === 'boolean' || typeof value === 'string' || Number.isFinite(value);
}

/** The run that a view showed before the window was reloaded. */
export function parseViewState(saved: unknown): { runId: string } | undefined {
  return state.safeParse(saved).data;
}
