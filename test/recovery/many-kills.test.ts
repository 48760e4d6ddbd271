import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { type DriverMessage, isGapless, readStored, startDriver, writeScript } from '../support/recovery.ts';
import { promptOf, promptsOf } from '../support/run-harness.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { tempDir } from '../support/temp-dir.ts';

const AGENTS = 1_000;
const CONCURRENCY = 16;
const KILLS = 50;
const SEED = 20_261;

const SCRIPT = `const list = Array.from({ length: ${AGENTS / 2} }, (_, i) => i);
  return await pipeline(list, (i) => agent('first ' + i), (text, i) => agent('second ' + i + ' of ' + text))`;
const RESULT = Array.from({ length: AGENTS / 2 }, (_, i) => `re: second ${i} of re: first ${i}`);

test(`${AGENTS} agents, killed ${KILLS} times at random: the same result, and no finished agent is asked again`, async () => {
  const random = seededRandom(SEED);
  const workspace = tempDir();
  const api = await startFakeAnthropic((body) => ({ text: `re: ${promptOf(body)}` }), { delayMs: 2 });
  onTestFinished(() => api.close());
  const task = { workspace, api: api.url, limits: { concurrency: CONCURRENCY, maxAgents: AGENTS } };
  const script = writeScript(workspace, SCRIPT);
  const killed: number[] = [];
  let inFlight = 0;

  /** Drives the run until it ends, or is killed at a random instant: of its start and replay, or of its live work. */
  async function attempt(): Promise<DriverMessage | null> {
    const { runId, finished } = readStored(workspace);
    const asked = api.requests.length;
    const driver = await startDriver({ ...task, ...(runId ? { resume: runId } : { script }) });
    if (killed.length < KILLS) {
      const live = random() < 0.8;
      const upTo = asked + Math.ceil(random() * 48);
      while (live && api.requests.length < upTo && driver.child.exitCode === null) await sleep(1);
      await sleep(random() * (live ? 15 : 400));
      driver.child.kill('SIGKILL');
    }
    const last = await driver.gone;
    const askedNow = promptsOf(api).slice(asked);
    const finishedNow = new Set(readStored(workspace).finished);
    const cut = askedNow.filter((prompt) => !finishedNow.has(prompt)).length;
    expect(askedNow.filter((prompt) => finished.includes(prompt))).toEqual([]);
    expect(cut).toBeLessThanOrEqual(CONCURRENCY);
    inFlight += cut;
    if (last?.type !== 'ended') killed.push(finishedNow.size);
    return last;
  }

  let last = await attempt();
  while (last?.type !== 'ended') last = await attempt();
  console.log(
    `seed ${SEED}: ${killed.length} kills, with ${killed} finished; ${api.requests.length} asked, ${inFlight} of them in flight at a kill`,
  );
  expect(last).toEqual({ type: 'ended', outcome: { status: 'completed', result: RESULT } });
  const { events, finished } = readStored(workspace);
  expect(isGapless(events)).toBe(true);
  expect(new Set(finished).size).toBe(AGENTS);
  expect(api.requests.length).toBe(AGENTS + inFlight);
  // A machine that is faster than most may be through a little earlier.
  expect(killed.length).toBeGreaterThan(KILLS * 0.8);
}, 120_000);
