import { expect, test } from 'vitest';
import { asData } from '../../extension/protocol/as-data.ts';
import type { Tool } from '../../extension/tools/tool.ts';
import { runAgainst } from '../support/agent-run.ts';
import type { FakeBody, FakeReply } from '../support/fake-anthropic.ts';

const OUTPUT = 'found: '.padEnd(4_000, 'x');
const WINDOW = 20_000;

const look: Tool = {
  name: 'look',
  description: 'Looks.',
  inputSchema: { type: 'object' },
  access: 'read',
  describe: () => 'looking',
  run: async () => OUTPUT,
};

const SCHEMA = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };

/** About what a model would count. */
function tokensIn(body: FakeBody): number {
  return Math.ceil(JSON.stringify(body.messages).length / 3.5);
}

function isAskedToSumUp(body: FakeBody): boolean {
  return JSON.stringify(body.messages.at(-1)).includes('Write down, for yourself');
}

/** Looks so many times, in words of such a length, and then answers. */
function looker(looks: number, words = 0): (body: FakeBody, n: number) => FakeReply {
  let looked = 0;
  return (body, n) => {
    const usage = { input: tokensIn(body), output: 10 + words / 3.5 };
    if (isAskedToSumUp(body)) return { text: 'Seen so far: a.ts line 3.', usage };
    if (looked === looks) return { tools: [{ name: 'answer', input: { n: looks } }], usage };
    looked += 1;
    return {
      thinking: `thought ${n}`,
      text: `look ${looked} `.padEnd(words, 'y'),
      tools: [{ name: 'look', input: {} }],
      usage,
    };
  };
}

function given(more: Partial<Parameters<typeof runAgainst>[1]> = {}): Parameters<typeof runAgainst>[1] {
  const task = { prompt: 'Look for what is wrong.', options: { schema: SCHEMA }, rules: 'Be exact.' };
  return { task, tools: [look], contextWindow: WINDOW, ...more };
}

function notes({ transcript }: Awaited<ReturnType<typeof runAgainst>>): string[] {
  return transcript.flatMap((entry) => (entry.type === 'note' ? [entry.text] : []));
}

test('a conversation that is about to fill the window loses older results of tools, which costs no request', async () => {
  const run = await runAgainst(looker(20), given());
  expect(run.outcome).toMatchObject({ ok: true, value: { n: 20 }, requests: 21 });
  const requests = run.server.requests.map(({ body }) => body);
  for (const body of requests) expect(tokensIn(body)).toBeLessThan(WINDOW);
  expect(requests.some(isAskedToSumUp)).toBe(false);
  const last = requests.at(-1);
  const results = last?.messages.flatMap(({ content }) => content.filter(({ type }) => type === 'tool_result')) ?? [];
  expect(results).toHaveLength(20);
  expect(results.slice(-2).map(({ content }) => content)).toEqual([asData(OUTPUT), asData(OUTPUT)]);
  expect(results[0]?.content).toMatch(/^Cut to save room/);
  expect(notes(run)[0]).toMatch(/older results of tools were cut: about 1[67],000 tokens became [45],000/);
});

test('where that is not enough the model sums up, and keeps its task, its rules, its schema, its last turns and what a person said', async () => {
  const said: string[] = [];
  const model = looker(16, 4_000);
  const run = await runAgainst(
    (body, n) => {
      if (n === 2) said.push('Leave the tests out.');
      return model(body, n);
    },
    given({ takeMessages: () => said.splice(0) }),
  );
  expect(run.outcome).toMatchObject({ ok: true, value: { n: 16 } });
  const requests = run.server.requests.map(({ body }) => body);
  for (const body of requests) expect(tokensIn(body)).toBeLessThan(WINDOW);
  const asked = requests.findIndex(isAskedToSumUp);
  const [before, summing, after] = [requests[asked - 1], requests[asked], requests[asked + 1]];
  // The same beginning as ever: it is read from the cache.
  expect([summing?.system, summing?.tools]).toEqual([before?.system, before?.tools]);
  const [first, ...rest] = after?.messages ?? [];
  expect(first?.content.map(({ text }) => text)).toEqual([
    'Look for what is wrong.',
    'A message from the person who runs this workflow: Leave the tests out.',
    expect.stringMatching(/^What you did so far.*\nSeen so far: a\.ts line 3\.$/s),
  ]);
  expect(rest.map(({ role }) => role)).toEqual(['assistant', 'user', 'assistant', 'user', 'assistant', 'user']);
  expect(rest[0]?.content[0]).toMatchObject({ type: 'thinking', signature: expect.stringMatching(/^signature-/) });
  expect(after?.system).toContain('Be exact.');
  expect(after?.tools?.at(-1)).toMatchObject({ name: 'answer', input_schema: SCHEMA });
  expect(notes(run)[0]).toContain('the model summed up what it had done');
  // The request for it is paid for, and counted.
  const summaries = requests.filter(isAskedToSumUp).length;
  expect(run.outcome).toMatchObject({ requests: 17 + summaries });
});

test.each([
  ['a refusal of the request', { status: 400, type: 'invalid_request_error', message: 'prompt is too long: 1 > 0' }],
  ['a reply that was cut off', { text: 'half of it', stopReason: 'model_context_window_exceeded' }],
] as [string, FakeReply][])('%s makes room once, and then goes on', async (_what, full) => {
  const model = looker(4);
  const run = await runAgainst((body, n) => (n === 4 ? full : model(body, n)), given({ contextWindow: 1_000_000 }));
  expect(run.outcome).toMatchObject({ ok: true, value: { n: 4 } });
  const again = run.server.requests.map(({ body }) => body).find((body, at) => at > 3 && !isAskedToSumUp(body));
  expect(JSON.stringify(again)).not.toContain(OUTPUT);
  expect(JSON.stringify(again)).not.toContain('half of it');
});

test('what does not fit even then has a cause that says so', async () => {
  const model = looker(99);
  const run = await runAgainst(
    (body, n) => (n > 3 && !isAskedToSumUp(body) ? { status: 413, message: 'too large' } : model(body, n)),
    given({ contextWindow: 1_000_000 }),
  );
  expect(run.outcome).toMatchObject({
    ok: false,
    cause: { kind: 'context', message: expect.stringMatching(/does not fit .*too large.*larger window/) },
  });
  const summaries = run.server.requests.filter(({ body }) => isAskedToSumUp(body)).length;
  expect(run.server.requests).toHaveLength(3 + 2 + summaries);
});

test('a picture counts as what it costs, not as its bytes, and goes with the result that it belongs to', async () => {
  const picture = { mediaType: 'image/png' as const, data: 'A'.repeat(100_000) };
  const model = looker(12);
  const seen: Tool = { ...look, run: async () => ({ forModel: OUTPUT, images: [picture] }) };
  // Of the pictures a model counts what they cost, too.
  const run = await runAgainst(
    (body, n) => {
      const pictures = JSON.stringify(body.messages).split(picture.data).length - 1;
      const reply = model(body, n);
      return 'usage' in reply ? { ...reply, usage: { input: 1_200 * n + pictures * 1_600 } } : reply;
    },
    given({ tools: [seen], contextWindow: 30_000 }),
  );
  expect(run.outcome).toMatchObject({ ok: true, value: { n: 12 } });
  const pictures = run.server.requests.map(({ body }) => JSON.stringify(body.messages).split(picture.data).length - 1);
  // Five are let in before room is made for the first time; the last replies keep theirs.
  expect(pictures.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(Math.max(...pictures)).toBeLessThan(12);
  expect(run.server.requests.some(({ body }) => isAskedToSumUp(body))).toBe(false);
  expect(pictures.at(-1)).toBeGreaterThanOrEqual(2);
});

test('a prompt that is too long by itself is asked once', async () => {
  const run = await runAgainst(() => ({ status: 400, message: 'prompt is too long: 9 > 8' }), given());
  const message = expect.stringContaining('prompt is too long: 9 > 8');
  expect(run.outcome).toMatchObject({ ok: false, requests: 1, cause: { kind: 'context', message } });
});
