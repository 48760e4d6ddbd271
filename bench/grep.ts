/**
 * The grep tool over 50,000 files beside ripgrep itself with the same pattern, one after the other in pairs; the middle of the pairs' ratios
 * counts. Three searches: what is nowhere, what is in a few files, and more than anybody wants to see.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRipgrep } from '../extension/tools/find-ripgrep.ts';
import { grepTool } from '../extension/tools/grep.ts';

const FILES = 50_000;
const PER_FOLDER = 100;
const PAIRS = 9;
const AIM = 1.2;
const SEARCHES = { 'found nowhere': 'not_there_at_all', 'in 50 files': 'rare_\\d+', 'in every file': 'common' };

/** Prints the time of both sides and their ratio, search by search. */
export async function run(): Promise<void> {
  const workspace = mkdtempSync(join(tmpdir(), 'counterpoint-bench-'));
  try {
    writeTree(workspace);
    const ripgrep = await findRipgrep({ near: [join(import.meta.dirname, '..')] });
    for (const [name, pattern] of Object.entries(SEARCHES)) await compare(name, pattern, workspace, ripgrep);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

function writeTree(workspace: string): void {
  for (let at = 0; at < FILES; at += 1) {
    const folder = join(workspace, `folder${Math.floor(at / PER_FOLDER)}`);
    if (at % PER_FOLDER === 0) mkdirSync(folder);
    const rare = at % 1_000 === 0 ? `const rare_${at} = 1;\n` : '';
    writeFileSync(join(folder, `file${at}.ts`), `${'export const common = "a line of text";\n'.repeat(20)}${rare}`);
  }
}

async function compare(name: string, pattern: string, workspace: string, ripgrep: string): Promise<void> {
  const context = { workspace, ripgrep, signal: new AbortController().signal };
  const ours = async (): Promise<void> => void (await grepTool.run({ pattern }, context));
  const itself = async (): Promise<void> => {
    spawnSync(ripgrep, ['--no-config', '--line-number', pattern, '.'], { cwd: workspace, maxBuffer: 1e9 });
  };
  await itself();
  const pairs: [number, number][] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) pairs.push([await seconds(ours), await seconds(itself)]);
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  const ratio = middle(pairs.map(([a, b]) => a / b));
  const [a, b] = [middle(pairs.map(([a]) => a)), middle(pairs.map(([, b]) => b))];
  console.log(
    `${name.padEnd(16)} grep ${a.toFixed(2)} s, ripgrep ${b.toFixed(2)} s: ${ratio.toFixed(2)} × (aim ${AIM})`,
  );
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}
