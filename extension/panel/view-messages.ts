import * as z from 'zod/mini';
import type { ViewToHost } from '../protocol/panel-messages.ts';

/** More than any prompt or answer; a view that sends more is broken or hostile. */
const MAX_TEXT = 10_000_000;

const count = z.int().check(z.nonnegative());
const text = z.string().check(z.maxLength(MAX_TEXT));
const request = z.discriminatedUnion('method', [
  z.object({ method: z.literal('details'), call: count }),
  z.object({ method: z.literal('open-script'), line: count, column: count }),
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
  z.object({ method: z.literal('stop') }),
  z.object({ method: z.literal('resume') }),
]);
const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('subscribe'), after: count }),
  z.object({ type: z.literal('request'), id: count, request }),
]);
const state = z.object({ runId: z.string().check(z.minLength(1), z.maxLength(200)) });

/** What a view sent, or undefined where it is not of the protocol: a view shows hostile text, so it is not trusted. */
export function parseViewMessage(received: unknown): ViewToHost | undefined {
  return message.safeParse(received).data;
}

/** The run that a view showed before the window was reloaded. */
export function parseViewState(saved: unknown): { runId: string } | undefined {
  return state.safeParse(saved).data;
}
