import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { RepliesUnderWay, watchText } from '../../extension/runs/live-text.ts';
import type { RunManager } from '../../extension/runs/run-manager.ts';
import type { LiveCallText } from '../../extension/runs/run-service.ts';
import { runHarness, until } from '../support/run-harness.ts';

/** Long enough to be gone on from. */
const HALF = Array.from({ length: 30 }, (_, index) => `sentence ${index + 1}. `).join('');
const REST = HALF.replaceAll('sentence', 'further sentence');

/** Everything that is told of a run's only agent, as soon as there is one. */
async function watched(manager: RunManager, runId: string): Promise<LiveCallText[]> {
  await until(() => manager.tree(runId).calls.get(1)?.state === 'working');
  const told: LiveCallText[] = [];
  onTestFinished(manager.watchCall(runId, 1, (live) => told.push(live)));
  return told;
}

test('what a reply says is told while it comes, and as an entry once it is there', async () => {
  const { manager, start } = await runHarness(() => ({ text: HALF + REST, dripMs: 250 }));
  const runId = await start(`return await agent('a')`);
  const told = await watched(manager, runId);
  expect(told[0]).toEqual({ entries: 0, text: '' });
  await manager.finished(runId);
  await until(() => told.at(-1)?.entries === 1);
  const texts = told.map(({ text }) => text);
  // The wire brings it in two halves.
  expect(texts).toContain((HALF + REST).slice(0, Math.ceil((HALF + REST).length / 2)));
  expect(told.at(-1)).toEqual({ entries: 1, text: '' });
  // Nobody ever sees neither the text nor its entry.
  const began = texts.findIndex((text) => text !== '');
  expect(told.slice(began).every(({ entries, text }) => text !== '' || entries === 1)).toBe(true);
});

test('a reply that is gone on from is told once, as one text', async () => {
  const { manager, start } = await runHarness(
    (_, n) => (n === 1 ? { text: HALF + HALF, hangAfter: 3 } : { text: REST, dripMs: 250 }),
    { silenceMs: 600 },
  );
  const runId = await start(`return await agent('a')`);
  const told = await watched(manager, runId);
  const { result } = await manager.finished(runId);
  expect(result).toBe(HALF + REST);
  await until(() => told.at(-1)?.text === '');
  const texts = told.map(({ text }) => text);
  expect(texts).toContain(HALF);
  expect(texts).toContain(HALF + REST.slice(0, Math.ceil(REST.length / 2)));
  expect(texts.every((text) => (HALF + REST).startsWith(text))).toBe(true);
});

test('a try that is not gone on from takes its text with it', async () => {
  const { manager, start } = await runHarness(
    (_, n) => (n === 1 ? { text: 'too short', hangAfter: 3 } : { text: 'another answer', dripMs: 250 }),
    { silenceMs: 600 },
  );
  const runId = await start(`return await agent('a')`);
  const told = await watched(manager, runId);
  await manager.finished(runId);
  await until(() => told.at(-1)?.text === '' && told.length > 2);
  const texts = new Set(told.map(({ text }) => text));
  expect([...texts].filter((text) => text !== '')).toEqual(
    ['too s', 'another', 'another answer'].filter((text) => texts.has(text)),
  );
  expect(texts).toContain('too s');
  expect(texts).toContain('another');
});

test('of a run that another process drives the entries are told; nothing more once nobody watches', async () => {
  const let1 = Promise.withResolvers<void>();
  const let2 = Promise.withResolvers<void>();
  const harness = await runHarness(async (_, n) => {
    if (n === 1) await let1.promise;
    if (n === 2) await let2.promise;
    return n < 3 ? { text: `look ${n}`, tools: [{ name: 'list_directory', input: { path: '.' } }] } : { text: 'done' };
  });
  const other = await harness.open();
  const runId = await harness.start(`return await agent('a')`);
  await until(() => other.tree(runId).calls.get(1)?.state === 'working');
  const told: LiveCallText[] = [];
  const stop = other.watchCall(runId, 1, (live) => told.push(live));
  expect(told).toEqual([{ entries: 0, text: '' }]);
  let1.resolve();
  await until(() => told.at(-1)?.entries === 2);
  expect(other.details(runId, 1, 1).transcript.map(({ type }) => type)).toEqual(['tool']);
  stop();
  const before = told.length;
  let2.resolve();
  await harness.manager.finished(runId);
  // As long as several looks take.
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(told).toHaveLength(before);
});

test('a call that cannot be looked at any more is watched no more', () => {
  vi.useFakeTimers();
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  onTestFinished(() => {
    warn.mockRestore();
    vi.useRealTimers();
  });
  let looks = 0;
  const told: LiveCallText[] = [];
  const look = () => {
    looks += 1;
    if (looks > 1) throw new Error('The journal is gone.');
    return { entries: 1, text: '' };
  };
  watchText(look, (live) => told.push(live));
  vi.advanceTimersByTime(1000);
  expect([looks, told.length, warn.mock.calls.length, vi.getTimerCount()]).toEqual([2, 1, 1, 0]);
});

test('a call that is not there cannot be watched', async () => {
  const { manager, run } = await runHarness(() => ({ text: 'done' }));
  const { runId } = await run(`return await agent('a')`);
  expect(() => manager.watchCall(runId, 99, () => undefined)).toThrow(`Run ${runId} has no agent number 99.`);
});

test('of a long reply only its end is told, and no half of a character', () => {
  const replies = new RepliesUnderWay();
  replies.set('r', 'k', () => `${'x'.repeat(10)}😀${'y'.repeat(19_999)}`);
  expect(replies.text('r', 'k')).toBe('y'.repeat(19_999));
  replies.set('r', 'k', null);
  expect(replies.text('r', 'k')).toBe('');
});

test('the text of a script that was called is kept as it ran, by the title that places in it carry', async () => {
  const { workspace, manager, run } = await runHarness(() => ({ text: 'done' }));
  const called = `export const meta = { name: 'inner', description: 'called' }\nreturn await agent('inside')`;
  writeFileSync(join(workspace, 'inner.js'), called);
  const { runId } = await run(`return await workflow({ scriptPath: 'inner.js' })`);
  writeFileSync(join(workspace, 'inner.js'), 'something else');
  const inside = [...manager.tree(runId).calls.values()].find(({ info }) => info.label === 'inside');
  expect(inside?.info.at).toMatchObject({ line: 2, script: 'inner.js' });
  expect(manager.script(runId, inside?.info.at?.script)).toBe(called);
  expect(() => manager.script(runId, 'nowhere.js')).toThrow('called no script "nowhere.js"');
});
