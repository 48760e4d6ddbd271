import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createAnthropicProvider } from '../../extension/models/anthropic.ts';
import type { ModelMessage, ModelRequest, Provider } from '../../extension/models/provider.ts';
import { type FakeAnthropic, type FakeScript, startFakeAnthropic } from '../support/fake-anthropic.ts';
import { FakeCache } from '../support/fake-cache.ts';
import { heard, requestFor } from '../support/model-requests.ts';

/** The model with the least prefix that is cached: 512 tokens. */
const MODEL = 'claude-opus-5-5';
const RULES = 'Look closely, and say only what you have seen. '.repeat(60);
/** However busy the machine is. */
const WAIT = { timeout: 10_000 };
const GREP = { name: 'grep', description: 'Search.', inputSchema: { type: 'object' } };

async function start(
  script: FakeScript = () => ({ text: 'ok' }),
): Promise<{ server: FakeAnthropic; provider: Provider; cache: FakeCache }> {
  const cache = new FakeCache(512);
  const server = await startFakeAnthropic(script, { cache });
  onTestFinished(() => server.close());
  return { server, provider: createAnthropicProvider({ apiKey: 'test', baseUrl: server.url }), cache };
}

function sibling(prompt: string, rest: Partial<ModelRequest> = {}): ModelRequest {
  return requestFor(prompt, { model: MODEL, system: RULES, tools: [GREP], ...rest });
}

test('of twenty agents that start at once with a cold cache, one writes their prefix and all others read it', async () => {
  const { provider, cache, server } = await start(async (_, n) => {
    if (n === 1) {
      // Time for the others to come, if they would.
      await sleep(30);
      expect(server.requests).toHaveLength(1);
    } else await expect.poll(() => server.load.peak, WAIT).toBe(19);
    return { text: 'ok' };
  });
  const all = Array.from({ length: 20 }, (_, n) => provider.complete(sibling(`Task ${n}`), heard()));
  const replies = await Promise.all(all);
  expect({ writes: cache.writes, reads: cache.reads }).toEqual({ writes: 1, reads: 19 });
  expect(replies.filter(({ usage }) => usage.cacheReadTokens > 500)).toHaveLength(19);
});

test('when the first of them fails the next goes first, and nobody waits in vain', async () => {
  const { provider, cache } = await start(async (_, n) => {
    await sleep(10);
    return n <= 2 ? { status: 529 } : { text: 'ok' };
  });
  const all = Array.from({ length: 6 }, (_, n) => provider.complete(sibling(`Task ${n}`), heard()));
  const ends = await Promise.allSettled(all);
  expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(2);
  expect({ writes: cache.writes, reads: cache.reads }).toEqual({ writes: 1, reads: 3 });
});

test('one that is held back can be stopped', async () => {
  const { provider, server } = await start(() => new Promise(() => undefined));
  const first = new AbortController();
  const going = provider.complete(sibling('first'), heard(first.signal));
  const held = new AbortController();
  const waiting = provider.complete(sibling('second'), heard(held.signal));
  const reason = new Error('stopped by a person');
  held.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect.poll(() => server.requests.length, WAIT).toBe(1);
  first.abort(reason);
  await expect(going).rejects.toBe(reason);
});

test('one that was held back goes out only when no person holds requests back meanwhile', async () => {
  const goOn = Promise.withResolvers<void>();
  const { provider, server } = await start(async (_, n) => {
    if (n === 1) await goOn.promise;
    return { text: 'ok' };
  });
  const first = provider.complete(sibling('first'), heard());
  const pause = Promise.withResolvers<void>();
  const second = provider.complete(sibling('second'), { ...heard(), unpaused: () => pause.promise });
  goOn.resolve();
  await first;
  // Time for the other to go, if it would.
  await sleep(30);
  expect(server.requests).toHaveLength(1);
  pause.resolve();
  await second;
  expect(server.requests).toHaveLength(2);
});

test('agents of another kind, of an unknown model or with little in common do not wait for each other', async () => {
  const { provider, server } = await start(async () => {
    await expect.poll(() => server.load.peak, WAIT).toBe(8);
    return { text: 'ok' };
  });
  await Promise.all([
    provider.complete(sibling('one'), heard()),
    provider.complete(sibling('two', { system: `${RULES} Judge.` }), heard()),
    provider.complete(sibling('three', { tools: [] }), heard()),
    provider.complete(sibling('four', { model: 'claude-opus-5' }), heard()),
    provider.complete(sibling('five', { model: 'unknown' }), heard()),
    provider.complete(sibling('six', { model: 'unknown' }), heard()),
    provider.complete(sibling('seven', { system: 'Short.' }), heard()),
    provider.complete(sibling('eight', { system: 'Short.' }), heard()),
  ]);
});

test('what prompts have in common at their beginning is read from the cache, though a script writes each as a whole', async () => {
  const { provider, cache, server } = await start(async () => {
    await sleep(10);
    return { text: 'ok' };
  });
  const file = Array.from({ length: 400 }, (_, n) => `${n}: const value${n} = compute(${n});`).join('\n');
  const prompts = Array.from({ length: 10 }, (_, n) => `${file}\nLook for faults of the kind ${n}, in all of it.`);
  const replies = await Promise.all(prompts.map((prompt) => provider.complete(sibling(prompt), heard())));
  // The first cannot know of it, and the second writes it.
  expect(replies.filter(({ usage }) => usage.cacheReadTokens > 3_000)).toHaveLength(8);
  expect(cache.writes).toBe(2);
  const texts = server.requests.map(({ body }) => body.messages[0]?.content.map(({ text }) => text).join(''));
  expect(texts.toSorted()).toEqual(prompts.toSorted());
  // A cut is at the end of a line.
  expect(server.requests.at(-1)?.body.messages[0]?.content[0]?.text).toBe(`${file}\n`);
});

test('a conversation that goes on reads all that was said before, also after a turn of many tool calls', async () => {
  const { provider, cache } = await start();
  const messages: ModelMessage[] = [{ role: 'user', content: [{ type: 'text', text: 'Begin.' }] }];
  let said = 0;
  for (let turn = 0; turn < 5; turn++) {
    const reply = await provider.complete(sibling('', { messages }), heard());
    if (turn > 1) expect(reply.usage.cacheReadTokens).toBeGreaterThanOrEqual(said);
    said = reply.usage.cacheReadTokens + reply.usage.cacheWriteTokens;
    const ids = Array.from({ length: turn === 2 ? 15 : 1 }, (_, n) => `t${turn}-${n}`);
    messages.push(
      { role: 'assistant', content: ids.map((id) => ({ type: 'tool_use', id, name: 'grep', input: {} })) },
      {
        role: 'user',
        content: ids.map((id) => ({
          type: 'tool_result',
          toolUseId: id,
          content: 'line\n'.repeat(50),
          isError: false,
        })),
      },
    );
  }
  expect(cache.reads).toBe(4);
});

test('a prompt that is asked but once is not marked at its end, and nothing of it is written', async () => {
  const { provider, server } = await start();
  const reply = await provider.complete(requestFor('x'.repeat(9_000), { model: MODEL }), heard());
  expect(reply.usage.cacheWriteTokens).toBe(0);
  expect(JSON.stringify(server.requests[0]?.raw.messages)).not.toContain('cache_control');
  expect(JSON.stringify(server.requests[0]?.raw.system)).toContain('cache_control');
});
