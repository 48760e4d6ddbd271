import { answerSchema } from '../agents/answer-schema.ts';
import { errorInfo, UserError } from '../protocol/errors.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import type { RunControl } from '../protocol/run-control.ts';
import { type CheckpointInfo, NO_USAGE, type RunEvent } from '../protocol/run-events.ts';
import type { CallRequest, CheckpointAnswer, CheckpointRequest } from '../protocol/sandbox-wire.ts';
import type { RunLog } from './run-log.ts';

/** Characters of a question that the events carry. */
const SHOWN_TEXT = 2_000;
/** The longest wait between two looks at the clock: timers stand still while a machine sleeps. */
const LOOK_MS = 60_000;

export function checkpointInfo(request: CheckpointRequest, askedAt: number): CheckpointInfo {
  const { question, detail, choices, schema, timeoutMs, fallback } = request;
  return {
    question: cut(question),
    detail: cut(detail),
    choices,
    schema,
    askedAt,
    timeoutAt: timeoutMs === null ? null : askedAt + timeoutMs,
    ...(fallback && { fallback: fallback.choice }),
  };
}

function cut(text: string): string {
  return text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT - 1)}…` : text;
}

/** @throws UserError where it is none of the choices, or its values do not satisfy the schema. */
export function checkAnswer({ choices, schema }: CheckpointRequest, answer: CheckpointAnswer): void {
  if (!choices.includes(answer.choice)) {
    const known = choices.map((choice) => JSON.stringify(choice)).join(', ');
    throw new UserError('bad-arguments', `${JSON.stringify(answer.choice)} is none of the choices: ${known}.`);
  }
  if (schema === null) return;
  const problems = answerSchema(schema).problems(answer.values ?? {});
  if (problems !== null)
    throw new UserError('bad-arguments', `The values of the answer are not right: ${problems.replaceAll('\n', '; ')}`);
}

/** Why the schema of a question is none; null where it is one. */
export function schemaProblem(schema: JsonObject | null): string | null {
  if (schema === null) return null;
  try {
    answerSchema(schema);
    return null;
  } catch (error) {
    return errorInfo(error).message.replace('of an agent', 'of the checkpoint');
  }
}

/** When each question of a run was first asked, by its key. */
export function askedAt(past: RunEvent[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const event of past) {
    if (event.type !== 'call.issued' || !event.call.checkpoint || first.has(event.call.key)) continue;
    first.set(event.call.key, event.call.checkpoint.askedAt);
  }
  return first;
}

/**
 * Writes down the answer to a question of a run that nobody drives, as its driver would have.
 * @throws UserError where there is no such question, it is answered already, or the answer is not right.
 */
export async function answerAlone(
  log: RunLog,
  control: Extract<RunControl, { action: 'answer' }>,
  readRequest: (key: string) => CallRequest | null,
): Promise<void> {
  const node = log.tree.calls.get(control.call);
  const request = node ? readRequest(node.info.key) : null;
  if (!node || request?.kind !== 'checkpoint' || (control.key !== undefined && control.key !== node.info.key))
    throw new UserError('bad-arguments', `The run has no question number ${control.call}.`);
  if (node.settled?.answer) throw alreadyAnswered(node.info.label);
  if (log.tree.status.startsWith('completed'))
    throw new UserError('not-possible', 'The run has completed without an answer to this question.');
  checkAnswer(request, control.answer);
  const settled = {
    outcome: 'succeeded' as const,
    reused: false,
    usage: NO_USAGE,
    requests: 0,
    durationMs: Date.now() - node.issuedAt,
    spent: log.tree.usage.outputTokens,
    answer: control.answer,
    answeredBy: 'person' as const,
  };
  const value = control.answer as unknown as Json;
  await log.record(
    { type: 'call.settled', id: control.call, settled },
    {
      durable: true,
      rows: ({ seq, at }) => [{ table: 'results', result: { key: node.info.key, seq, value, settled, at } }],
    },
  );
}

export function alreadyAnswered(question: string): UserError {
  return new UserError('not-possible', `The question ${JSON.stringify(question)} is answered already.`);
}

/** Calls back once it is that time, however long it is until then and whatever sleeps meanwhile. Returns the way to call it off. */
export function alarm(at: number, ring: () => void): () => void {
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const left = at - Date.now();
    if (left <= 0) ring();
    else timer = setTimeout(look, Math.min(left, LOOK_MS));
  };
  timer = setTimeout(look, 0);
  return () => clearTimeout(timer);
}
