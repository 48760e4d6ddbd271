/**
 * 1,000 one-turn agents through one `parallel`, 50 ms each from a loopback API, 16 and 256 at a time, journaled, beside a bare
 * loop of SDK + p-limit over the same server. Each side is a process of its own, in turn; the middle of the runs counts.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeAnthropic } from '../test/support/fake-anthropic.ts';

const AGENTS = 1_000;
/** Agents at a time, with what the wall clock may be of the bare loop's. */
const SETTINGS = [
  { concurrency: 16, aim: 1.05 },
  { concurrency: 256, aim: 1.2 },
];
const DELAY_MS = 50;
const ROUNDS = 3;
const root = join(import.meta.dirname, '..');

export interface Measure {
  /** Seconds. */
  wall: number;
  cpu: number;
  /** Megabytes: the most any process of the side held, and the sandbox beside it. */
  memory: number;
}

const SCRIPT = `export const meta = { name: 'fanout', description: 'one-turn agents' };
const answers = await parallel(Array.from({ length: ${AGENTS} }, (_, i) => () => agent('Say the number ' + i)));
return answers.filter((answer) => answer !== null).length;
`;

/** Prints wall time, CPU, memory and input tokens of both sides, and the ratios. */
export async function run(): Promise<void> {
  const api = await startFakeAnthropic(() => ({ text: 'done' }), { delayMs: DELAY_MS });
  try {
    for (const { concurrency, aim } of SETTINGS) await compare(api.url, concurrency, aim);
    const added = bytesWeAdd(api.requests.at(-1)?.body);
    console.log(
      `an agent sends ${added} bytes beyond its prompt, about ${Math.round(added / 4)} input tokens at 4 bytes a token`,
    );
  } finally {
    await api.close();
  }
}

async function compare(url: string, concurrency: number, aim: number): Promise<void> {
  const [ours, bare]: [Measure[], Measure[]] = [[], []];
  const loop = join(import.meta.dirname, 'fanout-bare.ts');
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await measure([loop, String(AGENTS), String(concurrency)], url));
    ours.push(await measureOurs(url, concurrency));
  }
  console.log(`${concurrency} at a time`);
  print('bare loop (SDK + p-limit)', median(bare));
  print('counterpoint, journaled', median(ours));
  const [a, b] = [median(ours), median(bare)];
  console.log(
    `wall ${ratio(a.wall, b.wall)} (aim ${aim}), CPU ${ratio(a.cpu, b.cpu)} (aim 2), peak memory ${ratio(a.memory, b.memory)} (aim 1.5) of the bare loop`,
  );
}

async function measureOurs(url: string, concurrency: number): Promise<Measure> {
  const workspace = mkdtempSync(join(tmpdir(), 'counterpoint-bench-'));
  try {
    const script = join(workspace, 'fanout.js');
    writeFileSync(script, SCRIPT);
    const cli = [
      join(root, 'dist/cli.js'),
      'run',
      script,
      '--workspace',
      workspace,
      '--provider',
      'anthropic',
      '--json',
    ];
    return await measure([...cli, '--concurrency', String(concurrency)], url, (output) => {
      const { status, result } = JSON.parse(output);
      if (status !== 'completed' || result !== AGENTS) throw new Error(`the run went wrong: ${output.slice(0, 300)}`);
    });
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** A whole process from start to end, with the processes it starts. */
export function measure(args: string[], url: string, check?: (output: string) => void): Promise<Measure> {
  const before = childrenCpu();
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'loopback' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  const peak = new PeakMemory(child.pid ?? 0);
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      const wall = (performance.now() - startedAt) / 1_000;
      peak.stop();
      if (code !== 0) return reject(new Error(`${args[0]} ended with ${code}`));
      check?.(output);
      resolve({ wall, cpu: childrenCpu() - before, memory: peak.megabytes });
    });
  });
}

/** CPU seconds of all processes this one has waited for, from /proc (Linux). */
export function childrenCpu(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticksPerSecond = 100;
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}

/** Watches what a process and its children hold together. */
class PeakMemory {
  megabytes = 0;
  #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#timer = setInterval(() => {
      this.megabytes = Math.max(this.megabytes, residentMegabytes(pid));
    }, 25);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

export function residentMegabytes(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return (pages * 4_096) / 1e6 + children.reduce((sum, child) => sum + residentMegabytes(Number(child)), 0);
  } catch {
    // It has just ended.
    return 0;
  }
}

function bytesWeAdd(body: object | undefined): number {
  const { system, tools } = (body ?? {}) as { system?: unknown; tools?: unknown };
  return Buffer.byteLength(JSON.stringify([system ?? '', tools ?? []]));
}

export function median(measures: Measure[]): Measure {
  const middle = (pick: (measure: Measure) => number): number => {
    const sorted = measures.map(pick).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  return { wall: middle((m) => m.wall), cpu: middle((m) => m.cpu), memory: middle((m) => m.memory) };
}

export function print(side: string, { wall, cpu, memory }: Measure): void {
  console.log(
    `${side.padEnd(28)} wall ${wall.toFixed(2)} s, CPU ${cpu.toFixed(2)} s, peak memory ${memory.toFixed(0)} MB`,
  );
}

export function ratio(a: number, b: number): string {
  return `${(a / b).toFixed(2)} ×`;
}
