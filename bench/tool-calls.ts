/**
 * 1,000 agents of five tool calls each, one call a reply, 16 at a time, journaled, beside a bare loop of SDK + p-limit that does the same
 * calls with the same tools over the same server. Each side is a process of its own, in turn; the middle of the runs counts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeBody, type FakeReply, startFakeAnthropic } from '../test/support/fake-anthropic.ts';
import { type Measure, measure, median, print, ratio } from './fanout.ts';

const AGENTS = 1_000;
const CONCURRENCY = 16;
const ROUNDS = 3;
const AIM = 3;
const root = join(import.meta.dirname, '..');

const CALLS = [
  { name: 'list_directory', input: {} },
  { name: 'read_file', input: { path: 'a.ts' } },
  { name: 'grep', input: { pattern: 'value', path: 'a.ts' } },
  { name: 'read_file', input: { path: 'b.ts', limit: 20 } },
  { name: 'read_file', input: { path: 'a.ts', offset: 10 } },
];

const SCRIPT = `export const meta = { name: 'tool-calls', description: 'agents that look' };
const answers = await parallel(Array.from({ length: ${AGENTS} }, (_, i) => () => agent('Look at part ' + i)));
return answers.filter((answer) => answer !== null).length;
`;

/** As many calls as there are replies before: the next of them, and after the last the answer. */
function reply({ messages }: FakeBody): FakeReply {
  const call = CALLS[messages.filter(({ role }) => role === 'assistant').length];
  return call ? { tools: [call] } : { text: 'done' };
}

/** Prints wall time, CPU and memory of both sides, and the ratios. */
export async function run(): Promise<void> {
  const api = await startFakeAnthropic(reply, { delayMs: 10 });
  const workspace = mkdtempSync(join(tmpdir(), 'counterpoint-bench-'));
  try {
    for (const name of ['a.ts', 'b.ts', 'c.ts']) writeFileSync(join(workspace, name), 'const value = 1;\n'.repeat(200));
    const [ours, bare]: [Measure[], Measure[]] = [[], []];
    const loop = join(import.meta.dirname, 'tool-calls-bare.ts');
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await measure([loop, String(AGENTS), String(CONCURRENCY), workspace], api.url));
      ours.push(await measureOurs(api.url, workspace));
    }
    print('bare loop (SDK + p-limit)', median(bare));
    print('counterpoint, journaled', median(ours));
    const [a, b] = [median(ours), median(bare)];
    console.log(`CPU ${ratio(a.cpu, b.cpu)} (aim ${AIM}), wall ${ratio(a.wall, b.wall)} of the bare loop`);
  } finally {
    await api.close();
    rmSync(workspace, { recursive: true, force: true });
  }
}

async function measureOurs(url: string, workspace: string): Promise<Measure> {
  const script = join(workspace, 'tool-calls.js');
  writeFileSync(script, SCRIPT);
  const cli = [join(root, 'dist/cli.js'), 'run', script, '--workspace', workspace, '--provider', 'anthropic', '--json'];
  try {
    return await measure([...cli, '--concurrency', String(CONCURRENCY)], url, (output) => {
      const { status, result } = JSON.parse(output);
      if (status !== 'completed' || result !== AGENTS) throw new Error(`the run went wrong: ${output.slice(0, 300)}`);
    });
  } finally {
    rmSync(join(workspace, '.counterpoint'), { recursive: true, force: true });
    rmSync(script);
  }
}
