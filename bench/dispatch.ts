/**
 * What it costs to send out one agent and to take its answer back, at the start of a run and deep into it: 10,200 agents
 * one after the other, each answered at once by a provider in this process, journaled. CPU of this process, for the wall
 * clock is the disk's: one sync an agent.
 */
import type { Provider } from '../extension/models/provider.ts';
import { answersAtOnce, withManager } from './support/manager.ts';

const AT = [10, 1_000, 10_000];
/** Agents that one figure is taken over. */
const WINDOW = 190;
const ROUNDS = 3;
/** So that what is compiled on the way is not counted as the cost of the first. */
const WARM_UP = 1_500;

/** Prints milliseconds of CPU an agent at each depth, and the largest ratio between them. */
export async function run(): Promise<void> {
  const costs = AT.map(() => [] as number[]);
  await measure(WARM_UP);
  for (let round = 0; round < ROUNDS; round++) {
    const marks = await measure((AT.at(-1) ?? 0) + WINDOW);
    for (const [i, at] of AT.entries()) costs[i]?.push(((marks[at + WINDOW - 1] ?? 0) - (marks[at] ?? 0)) / WINDOW);
  }
  const medians = costs.map((list) => list.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0);
  for (const [i, at] of AT.entries()) {
    const figure = medians[i] ?? 0;
    console.log(`agent ${String(at).padStart(6)}: ${figure.toFixed(3)} ms CPU an agent (median of ${ROUNDS})`);
  }
  const ratio = Math.max(...medians) / Math.min(...medians);
  console.log(`dearest over cheapest ${ratio.toFixed(2)} × (aim 1.20)`);
}

/** Runs so many agents; CPU milliseconds of this process at each request. */
async function measure(agents: number): Promise<number[]> {
  const marks: number[] = [];
  const provider: Provider = {
    ...answersAtOnce,
    complete: (request, watch) => {
      const { user, system } = process.cpuUsage();
      marks.push((user + system) / 1_000);
      return answersAtOnce.complete(request, watch);
    },
  };
  await withManager(provider, async ({ manager, save }) => {
    const script = await save(
      `let done = 0; for (let i = 0; i < ${agents}; i++) done += (await agent('Say ' + i)).length; return done`,
    );
    const runId = await manager.start({ script, provider: 'instant', limits: { maxAgents: agents } });
    const { status, result } = await manager.finished(runId);
    if (status !== 'completed' || result !== agents * 4) throw new Error(`the run went wrong: ${status} ${result}`);
  });
  return marks;
}
