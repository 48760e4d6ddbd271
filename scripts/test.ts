/** Runs every check and every test, says what each came to, and ends with the counts of all runners. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './chromium.ts';
import { installOsSandbox } from './os-sandbox.ts';

const root = join(import.meta.dirname, '..');
const artifacts = join(root, 'artifacts');

interface Counts {
  passed: number;
  failed: number;
}

interface Step {
  name: string;
  command: string[];
  /** Reads what the step counted; a step that counts nothing is one check, passed or failed by its exit code. */
  counts?(output: string): Counts | null;
}

const vitestReport = join(artifacts, 'vitest.json');

const STEPS: Step[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'lint', command: ['biome', 'check', '.'] },
  { name: 'build', command: ['node', 'scripts/build.ts'] },
  {
    name: 'unit, integration and browser',
    command: ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`],
    counts: () => {
      const report = JSON.parse(readFileSync(vitestReport, 'utf8'));
      // A file that fails before its first test counts as a failure of its own.
      const broken = report.testResults.filter(
        (file: { status: string; assertionResults: unknown[] }) =>
          file.status === 'failed' && file.assertionResults.length === 0,
      );
      return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
    },
  },
  {
    name: 'real VS Code',
    command: ['node', 'scripts/test-host.ts'],
    counts: (output) => {
      const match = /host: (\d+) passed, (\d+) failed/.exec(output);
      return match && { passed: Number(match[1]), failed: Number(match[2]) };
    },
  },
];

mkdirSync(artifacts, { recursive: true });
findChromium();
installOsSandbox();
const total: Counts = { passed: 0, failed: 0 };
const lines: string[] = [];
for (const step of STEPS) {
  const counts = await run(step);
  total.passed += counts.passed;
  total.failed += counts.failed;
  lines.push(`${step.name}: ${counts.passed} passed, ${counts.failed} failed.`);
}
console.log(`\n${lines.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function run(step: Step): Promise<Counts> {
  console.log(`\n── ${step.name} ──`);
  const { status, output } = await execute(step.command);
  if (!step.counts) return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const counts = readCounts(step, output) ?? { passed: 0, failed: 1 };
  // A runner that dies after its last test has failed, whatever it counted.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

function readCounts(step: Step, output: string): Counts | null {
  try {
    return step.counts?.(output) ?? null;
  } catch (error) {
    console.error(`${step.name}: its counts cannot be read: ${error}`);
    return null;
  }
}

function execute([command = '', ...args]: string[]): Promise<{ status: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 1, output }));
  });
}
