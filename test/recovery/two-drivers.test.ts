import { readdirSync, readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import { type FakeAnthropic, type FakeScript, startFakeAnthropic } from '../support/fake-anthropic.ts';
import { managerOver } from '../support/faulty-journal.ts';
import { isGapless, readStored, startDriver, writeScript } from '../support/recovery.ts';
import { promptOf, promptsOf, until } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';

const TRIES = 20;

async function modelApi(script: FakeScript): Promise<FakeAnthropic> {
  const api = await startFakeAnthropic(script);
  onTestFinished(() => api.close());
  return api;
}

const never = new Promise<never>(() => undefined);

test(`two processes resume one run at the same time, ${TRIES} times: one drives, the other is told`, async () => {
  const api = await modelApi(() => never);
  const workspace = tempDir();
  const { manager } = await managerOver(workspace, api.url);
  const runId = await manager.start({
    script: writeScript(workspace, `return await agent('a')`),
    provider: 'anthropic',
  });
  await until(() => api.requests.length === 1);
  await manager.close();
  const outcomes: string[] = [];
  for (let i = 0; i < TRIES; i++) {
    const task = { workspace, api: api.url, resume: runId, hold: true };
    const both = await Promise.all([startDriver(task), startDriver(task)]);
    await Promise.all(both.map(({ heard }) => heard('open')));
    for (const { child } of both) child.stdin?.write('go\n');
    const told = await Promise.all(
      both.map((driver) => Promise.race([driver.heard('driving'), driver.heard('refused')])),
    );
    outcomes.push(
      told
        .map((message) => (message?.type === 'refused' ? message.code : message?.type))
        .sort()
        .join(),
    );
    for (const { child, gone } of both) {
      child.kill('SIGKILL');
      await gone;
    }
  }
  expect(outcomes).toEqual(Array(TRIES).fill('driving,run-busy'));
  const { events } = readStored(workspace);
  expect(isGapless(events)).toBe(true);
  expect(events.filter(({ type }) => type === 'run.started')).toHaveLength(TRIES + 1);
}, 60_000);

test(`two processes open a new workspace at the same time, ${TRIES / 2} times: both can run`, async () => {
  const api = await modelApi((body) => ({ text: promptOf(body) }));
  for (let i = 0; i < TRIES / 2; i++) {
    const workspace = tempDir();
    const task = { workspace, api: api.url, script: writeScript(workspace, `return 1`) };
    const both = await Promise.all([startDriver(task), startDriver(task)]);
    const ends = await Promise.all(both.map(({ gone }) => gone));
    expect(ends).toMatchObject([{ outcome: { result: 1 } }, { outcome: { result: 1 } }]);
  }
}, 60_000);

test('who watched a run takes it over at once when its driver is killed, and has heard every event once', async () => {
  const api = await modelApi((body, n) => (n === 3 ? never : { text: promptOf(body) }));
  const workspace = tempDir();
  const body = `const got = []; for (const p of ['a', 'b', 'c', 'd']) { log('next ' + p); got.push(await agent(p)) } return got`;
  const driver = await startDriver({ workspace, api: api.url, script: writeScript(workspace, body) });
  const driving = await driver.heard('driving');
  const runId = driving?.runId ?? '';
  const { manager } = await managerOver(workspace, api.url);
  const heard: RunEvent[] = manager.events(runId, 0);
  manager.subscribe(runId, (events) => heard.push(...events.filter((event) => event.type !== 'call.progress')));
  await until(() => api.requests.length === 3);
  expect(manager.summary(runId)?.status).toBe('running');

  driver.child.kill('SIGKILL');
  await driver.gone;
  expect(manager.summary(runId)?.status).toBe('interrupted');
  await manager.resume(runId);
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: ['a', 'b', 'c', 'd'] });
  expect(promptsOf(api)).toEqual(['a', 'b', 'c', 'c', 'd']);
  expect(heard).toEqual(manager.events(runId, 0));
  expect(isGapless(heard)).toBe(true);
});

test.runIf(process.platform === 'linux')('the script’s process ends when its driver is killed', async () => {
  const api = await modelApi(() => never);
  const workspace = tempDir();
  const script = writeScript(workspace, `return await agent('a')`);
  const driver = await startDriver({ workspace, api: api.url, script });
  await until(() => api.requests.length === 1);
  const children = childrenOf(driver.child.pid ?? 0);
  expect(children).toHaveLength(1);
  driver.child.kill('SIGKILL');
  await driver.gone;
  await until(() => children.every((pid) => !isAlive(pid)));
  expect(children.filter(isAlive)).toEqual([]);
});

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
}

/** A zombie that nobody waits for is as dead as one that is gone. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
