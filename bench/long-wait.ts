/**
 * A run that waits ten hours for a person, in simulated time: the real runtime, journal and sandbox under a clock that is
 * turned forward second by second. Memory has to stay flat, and next to nothing may happen.
 */
import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { openCheckpoints } from '../extension/protocol/run-tree.ts';
import type { RunManager } from '../extension/runs/run-manager.ts';
import { answersAtOnce, withManager } from './support/manager.ts';

const HOURS = 10;
const SECOND_MS = 1_000;
const MEASURED_EVERY = 3_600;

export async function run(): Promise<void> {
  await withManager(answersAtOnce, async ({ manager, save }) => {
    const script = await save(
      `await parallel(Array.from({ length: 200 }, (_, i) => () => agent('Say ' + i))); return (await checkpoint('Go on?')).choice`,
    );
    const fired = countTimers();
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: Date.now() });
    try {
      const runId = await manager.start({ script, provider: 'instant' });
      const stopHearing = manager.subscribe(runId, () => undefined);
      const call = await opened(manager, runId);
      await waitHours(fired);
      await manager.control(runId, { action: 'answer', call, answer: { choice: 'Yes' } });
      const finished = manager.finished(runId);
      while (manager.summary(runId)?.status === 'running') await tick(SECOND_MS / 100);
      stopHearing();
      const { result } = await finished;
      if (result !== 'Yes') throw new Error(`the run went wrong: ${result}`);
    } finally {
      mock.timers.reset();
    }
  });
}

async function waitHours(fired: { count: number }): Promise<void> {
  const heaps: number[] = [];
  const before = fired.count;
  const cpu = process.cpuUsage();
  for (let second = 0; second <= HOURS * 3_600; second++) {
    await tick(SECOND_MS);
    if (second % MEASURED_EVERY === 0) heaps.push(heapMegabytes());
  }
  const { user, system } = process.cpuUsage(cpu);
  const [first = 0, last = 0] = [heaps[1], heaps.at(-1)];
  const perSecond = (fired.count - before) / (HOURS * 3_600);
  console.log(`heap after each simulated hour: ${heaps.map((heap) => heap.toFixed(1)).join(' ')} MB`);
  console.log(
    `${HOURS} simulated hours with a question open: heap ${(last / first).toFixed(2)} × that after the first (aim 1.05), ` +
      `${perSecond.toFixed(1)} timers a second, ${((user + system) / 1e6).toFixed(1)} s CPU for ${HOURS * 3_600} s of waiting`,
  );
}

async function opened(manager: RunManager, runId: string): Promise<number> {
  for (;;) {
    const [question] = openCheckpoints(manager.tree(runId));
    if (question) return question.info.id;
    await tick(10);
  }
}

/** Lets pass what is under way, then turns the clock forward. */
async function tick(milliseconds: number): Promise<void> {
  await turn();
  mock.timers.tick(milliseconds);
}

function heapMegabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

/** Counts callbacks of timers from now on: it sits between the code and the clock that is turned. */
function countTimers(): { count: number } {
  const fired = { count: 0 };
  const tickOf = mock.timers.enable.bind(mock.timers);
  mock.timers.enable = (options) => {
    tickOf(options);
    for (const name of ['setTimeout', 'setInterval'] as const) {
      const original = globalThis[name] as (callback: (...values: unknown[]) => void, ...rest: unknown[]) => unknown;
      const counting = (callback: (...values: unknown[]) => void, ...rest: unknown[]): unknown =>
        original(
          (...values) => {
            fired.count += 1;
            callback(...values);
          },
          ...rest,
        );
      Object.defineProperty(globalThis, name, { value: counting, writable: true, configurable: true });
    }
  };
  return fired;
}
