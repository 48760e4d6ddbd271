/**
 * The process of a script: how long it takes to be ready, alone and out of the pool, and for each kind of bomb how long
 * after its limit the host knows that the run is over, and that the next script runs.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ErrorInfo } from '../extension/protocol/errors.ts';
import type { EngineName, SandboxLimits } from '../extension/protocol/sandbox-wire.ts';
import { type Sandbox, startSandbox } from '../extension/sandbox/sandbox.ts';
import { SandboxError } from '../extension/sandbox/sandbox-error.ts';
import { SandboxPool } from '../extension/sandbox/sandbox-pool.ts';
import { buildSandbox } from '../scripts/build-sandbox.ts';
import { residentMegabytes } from './fanout.ts';

const ENGINES: readonly EngineName[] = ['isolated-vm', 'quickjs'];
const ROUNDS = 11;
const READY_LIMIT_MS = 150;
const BEYOND_LIMIT_MS = 500;
const BOMB_TURN_MS = 300;
/** As in a run. */
const BOMB_MEMORY_MB = 128;

/** `limited` names what must end it; the others may end by themselves, and are measured from their start. */
const BOMBS: readonly { title: string; source: string; limited: 'turn' | 'memory' | 'nothing' }[] = [
  { title: 'endless loop', source: 'let i = 0;\nfor (;;) {\n  i++;\n}', limited: 'turn' },
  {
    title: 'microtask storm',
    source: 'const again = () => Promise.resolve().then(again);\nagain();\nawait new Promise(() => {});',
    limited: 'turn',
  },
  { title: 'regex that never ends', source: 'return /(a*)*b/.test("a".repeat(60));', limited: 'turn' },
  { title: 'memory bomb', source: 'const a = [];\nfor (;;) a.push({ x: new Array(10) });', limited: 'memory' },
  {
    title: 'array filled by one built-in',
    source: 'const a = [];\na.length = 2 ** 32 - 1;\na.fill(1);',
    limited: 'memory',
  },
  { title: 'deep recursion', source: 'const deep = () => deep() + 1;\nreturn deep();', limited: 'nothing' },
  { title: '100 MB through log()', source: 'log("x".repeat(1e8));\nreturn 1;', limited: 'nothing' },
  { title: 'huge result', source: 'return "x".repeat(2 ** 26);', limited: 'nothing' },
];

/** Prints times to be ready beside a bare Node, and for each bomb and engine what becomes of it. */
export async function run(): Promise<void> {
  const dist = mkdtempSync(join(tmpdir(), 'counterpoint-bench-'));
  try {
    await buildSandbox(dist);
    const bare = await middle(bareNode);
    console.log(`node -e 0, spawn to exit: ${bare.toFixed(0)} ms`);
    for (const engine of ENGINES) await measureReady(dist, engine, bare);
    for (const engine of ENGINES) for (const bomb of BOMBS) await measureBomb(dist, engine, bomb);
  } finally {
    rmSync(dist, { recursive: true, force: true });
  }
}

async function measureReady(dist: string, engine: EngineName, bare: number): Promise<void> {
  const options = { dist, node: process.execPath };
  const ready = await middle(async () => (await startSandbox({ ...options, engine })).close());
  const first = await middle(async () => {
    const sandbox = await startSandbox({ ...options, engine });
    await answerOf(sandbox);
  });
  const warm: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const pool = new SandboxPool(options);
    pool.warm(engine);
    await new Promise((resolve) => setTimeout(resolve, 4 * bare + 200));
    const start = performance.now();
    const sandbox = await pool.take(engine);
    warm.push(performance.now() - start);
    await answerOf(sandbox);
  }
  const pooled = median(warm);
  console.log(
    `${engine.padEnd(11)} ready after ${ready.toFixed(0)} ms: ${(ready / bare).toFixed(1)} × the bare Node, ${share(ready, READY_LIMIT_MS)};` +
      ` with a first turn ${first.toFixed(0)} ms; out of the pool ${pooled.toFixed(1)} ms: ${(pooled / ready).toFixed(2)} × as long`,
  );
}

async function measureBomb(
  dist: string,
  engine: EngineName,
  { title, source, limited }: (typeof BOMBS)[number],
): Promise<void> {
  const options = { dist, node: process.execPath, engine };
  const limits = { memoryMb: BOMB_MEMORY_MB, turnMs: limited === 'turn' ? BOMB_TURN_MS : 60_000 };
  const sandbox = await startSandbox(options);
  const reached = limited === 'memory' ? whenItsMemoryIsFull(sandbox.pid, BOMB_MEMORY_MB) : null;
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const start = performance.now();
  const heard = await endOf(sandbox, source, limits);
  const over = performance.now();
  delay.disable();
  sandbox.close();
  const from = reached ? (reached() ?? over) : start + (limited === 'turn' ? BOMB_TURN_MS : 0);
  const next = await answerOf(await startSandbox(options));
  const place = heard.line === undefined ? '' : `, line ${heard.line}`;
  console.log(
    `${engine.padEnd(11)} ${title.padEnd(29)} ${(over - from).toFixed(0).padStart(4)} ms ${limited === 'nothing' ? 'in all' : `beyond its ${limited}`}` +
      ` (${share(over - from, BEYOND_LIMIT_MS)}): ${heard.name}: ${heard.message}${place};` +
      ` the host was held up ${(delay.max / 1e6).toFixed(0)} ms at most; the next script ${next ? 'runs' : 'FAILS'}`,
  );
}

/** How the run of a script ends; one that ends well is told as such. */
async function endOf(sandbox: Sandbox, source: string, limits: SandboxLimits): Promise<ErrorInfo> {
  try {
    const { end } = await sandbox.start({ source, args: undefined, now: 0, seed: '', budgetTotal: null, limits });
    if (!end) return { name: 'no end', message: 'it waits' };
    return end.ok ? { name: 'ended', message: JSON.stringify(end.result) } : end.error;
  } catch (error) {
    if (error instanceof SandboxError) return error.info;
    throw error;
  }
}

async function answerOf(sandbox: Sandbox): Promise<boolean> {
  const end = await endOf(sandbox, 'return 1', { memoryMb: 128, turnMs: 5_000 });
  sandbox.close();
  return end.name === 'ended' && end.message === '1';
}

/** Watches a process from outside; asked, it tells when the process had grown by that much (Linux; elsewhere never). */
function whenItsMemoryIsFull(pid: number, megabytes: number): () => number | null {
  let full: number | null = null;
  const before = residentMegabytes(pid);
  const timer = setInterval(() => {
    if (full === null && residentMegabytes(pid) > before + megabytes) full = performance.now();
  }, 5);
  return () => {
    clearInterval(timer);
    return full;
  };
}

function bareNode(): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(process.execPath, ['-e', '0'], { stdio: 'ignore', env: {} })
      .on('error', reject)
      .on('exit', () => resolve());
  });
}

async function middle(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return median(times);
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function share(value: number, limit: number): string {
  return `${(value / limit).toFixed(2)} of ${limit} ms`;
}
