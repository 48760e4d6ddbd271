import { describe, expect, onTestFinished, test } from 'vitest';
import { Journal } from '../../extension/journal/journal.ts';
import { UserError } from '../../extension/protocol/errors.ts';
import { type FakeAnthropic, type FakeScript, startFakeAnthropic } from '../support/fake-anthropic.ts';
import { managerOver } from '../support/faulty-journal.ts';
import { isGapless, readStored, writeScript } from '../support/recovery.ts';
import { promptOf, promptsOf, until } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';

async function modelApi(script: FakeScript, delayMs = 0): Promise<FakeAnthropic> {
  const api = await startFakeAnthropic(script, { delayMs });
  onTestFinished(() => api.close());
  return api;
}

/** The `UserError` that a promise rejects with. */
async function userError(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => new Error('it did not reject'),
    (reason: unknown) => reason,
  );
  if (error instanceof UserError) return error;
  throw error;
}

const CHAIN = `const got = []; for (let i = 0; i < 12; i++) got.push((await agent('n' + i)).length); return got`;
const LENGTH = 3_000;

/** Stand-ins that fail every write as the real thing does, and their undoing. */
const FAULTS: { name: string; message: RegExp; on(journal: Journal): void; off(journal: Journal): void }[] = [
  {
    name: 'a full disk',
    message: /cannot be written: the disk is full\..*make room, then resume/,
    on: ({ database }) => {
      const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count);
      database.exec(`PRAGMA max_page_count = ${pages}`);
    },
    off: ({ database }) => database.exec('PRAGMA max_page_count = 1000000'),
  },
  {
    name: 'a store that became read-only',
    message: /cannot be written: it is read-only\..*make it writable, then resume/,
    on: ({ database }) => database.exec('PRAGMA query_only = ON'),
    off: ({ database }) => database.exec('PRAGMA query_only = OFF'),
  },
];

describe.each(FAULTS)('$name', ({ message, on, off }) => {
  test('fails the run with what to do; nothing written is lost; it resumes once the journal takes writes again', async () => {
    const api = await modelApi((_, n) => {
      if (n === 6) on(journal);
      return { text: 'x'.repeat(LENGTH) };
    });
    const workspace = tempDir();
    const { manager, journal } = await managerOver(workspace, api.url);
    const runId = await manager.start({ script: writeScript(workspace, CHAIN), provider: 'anthropic' });
    const error = await userError(manager.finished(runId));
    expect(error.code).toBe('journal-unusable');
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');

    const stored = readStored(workspace);
    expect(stored.finished.length).toBeGreaterThanOrEqual(5);
    expect(isGapless(stored.events)).toBe(true);
    expect(manager.summary(runId)?.status).not.toBe('completed');

    off(journal);
    const asked = api.requests.length;
    await manager.resume(runId);
    expect(await manager.finished(runId)).toEqual({ status: 'completed', result: Array(12).fill(LENGTH) });
    expect(promptsOf(api).slice(asked)).toHaveLength(12 - stored.finished.length);
    expect(isGapless(readStored(workspace).events)).toBe(true);
  });

  test('starts no run, says why, and starts the next one', async () => {
    const api = await modelApi(() => ({ text: 'ok' }));
    const workspace = tempDir();
    const { manager, journal } = await managerOver(workspace, api.url);
    const script = writeScript(workspace, `/* ${'x'.repeat(50_000)} */ return await agent('a')`);
    on(journal);
    expect((await userError(manager.start({ script, provider: 'anthropic' }))).message).toMatch(message);
    expect(manager.runs()).toEqual([]);
    off(journal);
    const runId = await manager.start({ script, provider: 'anthropic' });
    expect(await manager.finished(runId)).toMatchObject({ status: 'completed', result: 'ok' });
  });
});

test('after a write that failed none follows, also where the journal takes writes again at once', async () => {
  const api = await modelApi((_, n) => {
    if (n === 3) FAULTS[1]?.on(journal);
    return { text: 'ok' };
  });
  const workspace = tempDir();
  const { manager, journal } = await managerOver(workspace, api.url);
  journal.flush = () => {
    Journal.prototype.flush.call(journal);
    if (api.requests.length >= 3 && journal.database.isOpen) FAULTS[1]?.off(journal);
  };
  const runId = await manager.start({ script: writeScript(workspace, CHAIN), provider: 'anthropic' });
  await userError(manager.finished(runId));
  const { events, finished } = readStored(workspace);
  expect(isGapless(events)).toBe(true);
  expect(finished).toEqual(['n0', 'n1']);
  expect(manager.summary(runId)?.status).toBe('interrupted');
});

test('the script hears of no result before it is written', async () => {
  let held = false;
  const api = await modelApi((body) => {
    held = promptOf(body) === 'first';
    return { text: promptOf(body) };
  });
  const workspace = tempDir();
  const { manager, journal } = await managerOver(workspace, api.url);
  journal.flush = () => {
    if (!held) Journal.prototype.flush.call(journal);
  };
  const script = writeScript(workspace, `await agent('first'); return await agent('second')`);
  const runId = await manager.start({ script, provider: 'anthropic' });
  await until(() => held);
  // Long enough for an answer to arrive and for the next question to be asked, were it not for the journal.
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(promptsOf(api)).toEqual(['first']);
  held = false;
  journal.flush();
  expect(await manager.finished(runId)).toMatchObject({ result: 'second' });
});

test('a driver that lost its lease while it was silent writes nothing more; its other run is unharmed', async () => {
  const holding = Promise.withResolvers<void>();
  const api = await modelApi(async (body, n) => {
    if (n <= 2) await holding.promise;
    return { text: `${promptOf(body)} ${n}` };
  });
  const workspace = tempDir();
  const { manager, journal } = await managerOver(workspace, api.url);
  const script = writeScript(workspace, `return [await agent('one ' + args), await agent('two ' + args)]`);
  const [taken, other] = [
    await manager.start({ script, provider: 'anthropic', args: 'taken' }),
    await manager.start({ script, provider: 'anthropic', args: 'other' }),
  ];
  await until(() => api.requests.length === 2);
  // As after a night with the lid closed.
  journal.database.prepare('UPDATE leases SET expires_at = 0 WHERE run = ?').run(taken);
  const { manager: second } = await managerOver(workspace, api.url);
  const lost = manager.finished(taken);
  await second.resume(taken);
  expect(await second.finished(taken)).toMatchObject({ status: 'completed', result: ['one taken 3', 'two taken 4'] });
  const events = second.events(taken, 0);
  holding.resolve();
  expect(await lost).toEqual({ status: 'stopped' });
  expect(await manager.finished(other)).toMatchObject({ status: 'completed' });
  expect(second.events(taken, 0)).toEqual(events);
  expect(isGapless(events)).toBe(true);
  expect(second.summary(taken)?.status).toBe('completed');
});
