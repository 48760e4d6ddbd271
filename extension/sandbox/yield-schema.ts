import * as z from 'zod';
import { type ChildMessage, GROUP_KINDS } from '../protocol/sandbox-wire.ts';

/**
 * The shape of everything that comes out of the child. A script shares its realm with the code that writes these
 * lines, so it can forge them: what passes here can ask for nothing that `agent()` could not, and breaks nothing.
 */
const count = z.int().nonnegative();
const slot = z.array(count).max(8);
const errorInfo = z.object({
  name: z.string(),
  message: z.string(),
  line: count.optional(),
  column: count.optional(),
  script: z.string().max(4096).optional(),
});
const jsonObject = z.record(z.string(), z.unknown());
const place = { phase: z.string().nullable(), group: count.nullable(), slot };

const agentOptions = z.object({
  label: z.string().optional(),
  phase: z.string().optional(),
  schema: jsonObject.optional(),
  model: z.string().optional(),
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
  isolation: z.literal('worktree').optional(),
  agentType: z.string().optional(),
});
const request = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('agent'),
    prompt: z.string(),
    options: agentOptions,
    role: z.enum(['agent', 'challenger', 'judge']),
  }),
  z.object({
    kind: z.literal('timer'),
    delayMs: z
      .int()
      .min(0)
      .max(2 ** 31 - 1),
  }),
  z.object({
    kind: z.literal('checkpoint'),
    question: z.string(),
    detail: z.string(),
    choices: z.array(z.string().min(1).max(200)).min(1).max(20),
    schema: jsonObject.nullable(),
    timeoutMs: count.nullable(),
    fallback: z
      .object({ choice: z.string(), comment: z.string().optional(), values: jsonObject.optional() })
      .nullable(),
  }),
  z.object({ kind: z.literal('tool'), name: z.string().max(200), input: jsonObject }),
  z.object({
    kind: z.literal('workflow'),
    ref: z.union([z.strictObject({ name: z.string() }), z.strictObject({ scriptPath: z.string() })]),
  }),
]);
const verdict = z.object({
  verdict: z.enum(['upheld', 'refuted', 'unverified']),
  for: count,
  against: count,
  failed: count,
  reasons: z.array(z.string()),
});
const estimate = z.object({ found: z.number(), total: z.number(), low: z.number(), high: z.number() });
const command = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('call'),
    call: count,
    request,
    at: z.object({ line: count, column: count, script: z.string().max(4096).optional() }).nullable(),
    ...place,
  }),
  z.object({ type: z.literal('log'), level: z.enum(['info', 'warning', 'error']), message: z.string() }),
  z.object({ type: z.literal('phase'), title: z.string() }),
  z.object({
    type: z.literal('group-open'),
    id: count,
    kind: z.enum(GROUP_KINDS),
    label: z.string(),
    size: count,
    stages: count,
    labels: z.array(z.string()).max(256),
    detail: z.string(),
    ...place,
  }),
  z.object({
    type: z.literal('group-change'),
    id: count,
    change: z.object({
      closed: z.literal(true).optional(),
      verdict: verdict.optional(),
      fresh: count.optional(),
      dropped: count.optional(),
      total: count.optional(),
      stopped: z.enum(['dry', 'maxRounds', 'budget']).optional(),
      estimate: estimate.optional(),
      winner: count.optional(),
      scores: z.array(z.number()).max(4096).optional(),
    }),
  }),
]);
const childMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), engine: z.enum(['isolated-vm', 'quickjs']) }),
  z.object({ type: z.literal('fatal'), error: errorInfo }),
  z.object({
    type: z.literal('yield'),
    activation: count,
    commands: z.array(command),
    end: z
      .discriminatedUnion('ok', [
        z.object({ ok: z.literal(true), result: z.unknown() }),
        z.object({ ok: z.literal(false), error: errorInfo }),
      ])
      .optional(),
  }),
]);

/** @throws where the line is no JSON or none of the messages a child may send. */
export function parseChildMessage(line: string): ChildMessage {
  return childMessage.parse(JSON.parse(line)) as ChildMessage;
}
