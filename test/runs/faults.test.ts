import { expect, test } from 'vitest';
import { runCensus } from '../../extension/protocol/run-census.ts';
import type { FakeBody, FakeReply } from '../support/fake-anthropic.ts';
import { promptOf, runHarness } from '../support/run-harness.ts';
import { seededRandom } from '../support/seeded-random.ts';

const AGENTS = 1_000;
/** Fewer than the tries an agent has, so that its answer can be had. */
const MAX_FAULTS = 3;
const SCHEMA = { type: 'object', properties: { twice: { type: 'number' } }, required: ['twice'] };

const SCRIPT = `const schema = ${JSON.stringify(SCHEMA)};
  return await parallel(Array.from({ length: ${AGENTS} }, (_, i) => () => agent('twice ' + i, i % 2 ? { schema } : {})))`;

type Fault = (answer: Extract<FakeReply, { text?: string }>) => FakeReply | Promise<FakeReply>;

const FAULTS: Record<string, Fault> = {
  limited: () => ({ status: 429, type: 'rate_limit_error', headers: { 'retry-after-ms': '20' } }),
  overloaded: () => ({ status: 529, type: 'overloaded_error' }),
  broken: () => ({ status: 500 }),
  'error in the stream': (answer) => ({ ...answer, errorEvent: 'overloaded_error' }),
  'connection cut': (answer) => ({ ...answer, dropAfter: 3 }),
  'ended early': (answer) => ({ ...answer, endAfter: 3 }),
  'half JSON': (answer) => ({ ...answer, endAfter: 2, halfJson: true }),
  'silent in the middle': (answer) => ({ ...answer, hangAfter: 2 }),
  'never answers': () => new Promise(() => undefined),
};
/** What is refused for good, whoever asks again. */
const DOOMED: Record<number, FakeReply> = {
  13: { status: 400, message: 'too long' },
  500: { text: '', stopReason: 'refusal' },
};

/** What agent `number` is to say; every fourth at such length that a reply which breaks off is gone on with. */
function textOf(number: number): string {
  const words = Array.from({ length: 90 }, (_, index) => `${number}-${index}`).join(' ');
  return number % 4 === 0 ? words : String(2 * number);
}

/** What a request asks to be gone on from; empty where it asks for the whole. */
function begunOf(body: FakeBody): string {
  const before = body.messages.at(-2);
  return before?.role === 'assistant' ? (before.content[0]?.text ?? '') : '';
}

/** What an API that goes wrong in every way does to each request, decided by chance from a seed. */
function faultyApi(seed: number) {
  const chance = seededRandom(seed);
  const faults = new Map<number, number>();
  const seen = new Set<string>();
  let storm = 0;
  let goneOn = 0;
  const reply = (body: FakeBody): FakeReply | Promise<FakeReply> => {
    const number = Number(promptOf(body).split(' ')[1]);
    const doomed = DOOMED[number];
    if (doomed) return doomed;
    const begun = begunOf(body);
    if (begun !== '') goneOn += 1;
    const answer =
      number % 2
        ? { tools: [{ name: 'answer', input: { twice: 2 * number } }] }
        : { text: textOf(number).slice(begun.length) };
    const met = faults.get(number) ?? 0;
    if (storm === 0 && chance() < 0.01) storm = 20;
    const [name, fault] = pick(storm > 0 ? 0 : chance());
    if (storm > 0) storm -= 1;
    if (met < MAX_FAULTS && fault) {
      faults.set(number, met + 1);
      seen.add(name);
      return fault(answer);
    }
    // A slow drip is no fault.
    return chance() < 0.02 ? { ...answer, dripMs: 30, pings: true } : answer;
  };
  return { reply, seen, goneOn: () => goneOn };
}

/** Nearly a quarter of all requests go wrong; few of them by saying nothing, for that takes its time. */
function pick(at: number): [string, Fault | undefined] {
  const weights = [0.05, 0.03, 0.04, 0.02, 0.03, 0.02, 0.02, 0.005, 0.005];
  let edge = 0;
  for (const [index, entry] of Object.entries(FAULTS).entries()) {
    edge += weights[index] ?? 0;
    if (at < edge) return entry;
  }
  return ['', undefined];
}

test('a thousand agents against an API that goes wrong in every way: right answers, an honest census', async () => {
  const api = faultyApi(20_261_122);
  const harness = await runHarness((body) => api.reply(body), { silenceMs: 1_000 });
  const { runId, status, result } = await harness.run(SCRIPT, { limits: { concurrency: 32 } });

  expect(api.seen).toEqual(new Set(Object.keys(FAULTS)));
  const expected = Array.from({ length: AGENTS }, (_, i) => (DOOMED[i] ? null : i % 2 ? { twice: 2 * i } : textOf(i)));
  expect(result).toEqual(expected);
  expect(status).toBe('completed_with_failures');

  const tree = harness.manager.tree(runId);
  const failed = Object.keys(DOOMED).length;
  expect(runCensus(tree)).toMatchObject({
    started: AGENTS,
    succeeded: AGENTS - failed,
    failed,
    skipped: 0,
    reused: 0,
  });
  const calls = [...tree.calls.values()];
  const causes = calls.flatMap(({ info, settled }) => (settled?.cause ? [[info.label, settled.cause.kind]] : []));
  expect(causes.sort()).toEqual([
    ['twice 13', 'refused'],
    ['twice 500', 'refused'],
  ]);
  const asked = calls.reduce((sum, { settled }) => sum + (settled?.requests ?? 0), 0);
  expect(asked).toBe(harness.api.requests.length);
  expect(asked).toBeGreaterThan(1.15 * AGENTS);
  expect(api.goneOn()).toBeGreaterThan(10);
  expect(tree.logs.some(({ message }) => message.includes('overloaded'))).toBe(true);
}, 40_000);
