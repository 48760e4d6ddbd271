/**
 * How long a run of 1,000 finished agents takes to come to its end again, from its journal alone: the script runs from its
 * first line, and each answer is found by its content. From the call of `resume` to the last event on disk, in a process
 * that has just opened the journal; with a sandbox kept ready, and with one that has to come up.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answersAtOnce, reopened, withManager } from './support/manager.ts';

const AGENTS = 1_000;
const ROUNDS = 5;
const AIM_MS = 300;

export async function run(): Promise<void> {
  await withManager(answersAtOnce, async ({ manager, workspace, save }) => {
    const script = await save(
      `return (await parallel(Array.from({ length: ${AGENTS} }, (_, i) => () => agent('Say ' + i)))).length`,
    );
    const runId = await manager.start({ script, provider: 'instant' });
    await manager.finished(runId);
    await manager.close();
    for (const warm of [true, false]) {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) times.push(await replay(workspace, runId, warm));
      const median = times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
      const which = warm ? 'a sandbox kept ready' : 'a sandbox that comes up';
      console.log(
        `replay of ${AGENTS} agents, ${which}: ${median.toFixed(0)} ms (median of ${ROUNDS}, aim ${AIM_MS}), ${(median / AIM_MS).toFixed(2)} × the aim`,
      );
    }
  });
}

/** In a copy of the workspace, for a replay is written down, too. */
async function replay(original: string, runId: string, keepWarm: boolean): Promise<number> {
  const workspace = await mkdtemp(join(tmpdir(), 'counterpoint-bench-'));
  await cp(original, workspace, { recursive: true });
  const manager = await reopened(workspace, answersAtOnce, keepWarm);
  try {
    // Long enough for a kept process to be there.
    await new Promise((resolve) => setTimeout(resolve, 600));
    const startedAt = performance.now();
    await manager.resume(runId, { script: join(workspace, 'script.js') });
    const { result } = await manager.finished(runId);
    const took = performance.now() - startedAt;
    const { reused } = manager.tree(runId).counts;
    if (result !== AGENTS || reused !== AGENTS) throw new Error(`only ${reused} of ${AGENTS} were found again`);
    return took;
  } finally {
    await manager.close();
    await rm(workspace, { recursive: true, force: true });
  }
}
