/**
 * How long a person waits for the preview of a script that sends out 1,000 agents: in a window, where a sandbox is kept
 * ready, and in a process that has just begun, as the CLI's. Beside it the same agents in two steps, whose number hangs
 * on what the first are answered: that takes every kind of dry run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { previewScript } from '../extension/planner/preview.ts';
import { childrenCpu } from './fanout.ts';
import { answersAtOnce, reopened, withManager } from './support/manager.ts';

const AGENTS = 1_000;
/** Milliseconds that a preview of so many agents may take. */
const AIM_MS = 300;
const ROUNDS = 7;
/** For the next sandbox to come up, as between two looks of a person. */
const REST_MS = 600;

const SCHEMA = `{ type: 'object', properties: { title: { type: 'string' }, line: { type: 'integer' } }, required: ['title', 'line'] }`;
const FAN_OUT = `
const answers = await parallel(Array.from({ length: ${AGENTS} }, (_, i) => () => agent('Look at part ' + i, { schema: ${SCHEMA} })));
return answers.filter(Boolean).length;
`;
const TWO_STEPS = `
const found = await pipeline(Array.from({ length: ${AGENTS / 2} }, (_, i) => i),
  (i) => agent('Look at part ' + i, { schema: ${SCHEMA} }),
  (answer, i) => agent('Check part ' + i + ': ' + answer.title, { schema: ${SCHEMA} }));
return found.filter(Boolean).length;
`;

/** Prints milliseconds and their ratio to the aim, the middle of several, and the CPU of all processes, which others cannot make longer. */
export async function run(): Promise<void> {
  await withManager(answersAtOnce, async ({ workspace, save }) => {
    for (const [title, body] of Object.entries({ 'one fan-out': FAN_OUT, 'two steps': TWO_STEPS })) {
      const script = await save(body);
      await measure(`${title}, in a window`, { workspace, script, keepWarm: true });
      await measure(`${title}, process just begun`, { workspace, script, keepWarm: false });
    }
  });
}

async function measure(title: string, how: { workspace: string; script: string; keepWarm: boolean }): Promise<void> {
  const times: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const manager = await reopened(how.workspace, answersAtOnce, how.keepWarm);
    const cpuBefore = cpuMs();
    try {
      if (how.keepWarm) await sleep(REST_MS);
      const began = performance.now();
      const { preview } = await previewScript(manager, { script: how.script, provider: 'instant', mayRead: true });
      times.push(performance.now() - began);
      if (preview.agents.likely !== AGENTS) throw new Error(`the preview went wrong: ${JSON.stringify(preview)}`);
    } finally {
      await manager.close();
    }
    // Sandboxes are counted once they have ended.
    await sleep(REST_MS / 4);
    cpu.push(cpuMs() - cpuBefore);
  }
  const [wall, best] = [middleOf(times), Math.min(...times)];
  console.log(
    `${title.padEnd(34)} ${wall.toFixed(0).padStart(5)} ms (best ${best.toFixed(0)}), ${(wall / AIM_MS).toFixed(2)} × of the aim of ${AIM_MS} ms; CPU ${middleOf(cpu).toFixed(0)} ms`,
  );
}

/** Of this process and of those that it started, milliseconds. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000 + childrenCpu() * 1_000;
}

function middleOf(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
