/**
 * Runs every check and every test, says what each came to, and ends with what failed, by name, and the counts of all runners.
 * Files of vitest in which something failed are run once more, alone: on a busy machine a test may fail that is right. What passes then is
 * counted as passed and told as unsteady, for it is to be mended.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findChromium } from './chromium.ts';
import { installOsSandbox } from './os-sandbox.ts';

const root = join(import.meta.dirname, '..');
const artifacts = join(root, 'artifacts');

/** More files than these do not fail by chance. */
const MOST_UNSTEADY_FILES = 5;

interface Outcome {
  passed: number;
  /** What failed, by name. */
  failed: string[];
  /** What failed, and passed when it was run again. */
  unsteady?: string[];
}

/** What vitest writes with `--reporter=json`, of it what is read here. */
interface VitestReport {
  numPassedTests: number;
  testResults: {
    name: string;
    status: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

const STEPS: { name: string; run(): Promise<Outcome> }[] = [
  { name: 'types', run: () => check('types', ['tsc', '-p', '.']) },
  { name: 'lint', run: () => check('lint', ['biome', 'check', '.']) },
  { name: 'build', run: () => check('build', ['node', 'scripts/build.ts']) },
  { name: 'unit, integration and browser', run: runVitest },
  { name: 'real VS Code', run: runHost },
];

mkdirSync(artifacts, { recursive: true });
findChromium();
installOsSandbox();
const lines: string[] = [];
const total = { passed: 0, failed: 0 };
for (const { name, run } of STEPS) {
  console.log(`\n── ${name} ──`);
  const { passed, failed, unsteady = [] } = await run();
  total.passed += passed;
  total.failed += failed.length;
  lines.push(`${name}: ${passed} passed, ${failed.length} failed.`);
  lines.push(...failed.map((what) => `  ✗ ${what}`), ...unsteady.map((what) => `  unsteady: ${what}`));
}
console.log(`\n${lines.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** What counts nothing is one check, passed or failed by its exit code. */
async function check(name: string, command: string[]): Promise<Outcome> {
  const { status } = await execute(command);
  return status === 0 ? { passed: 1, failed: [] } : { passed: 0, failed: [name] };
}

async function runVitest(): Promise<Outcome> {
  const first = await vitest('vitest', []);
  if (first.failed.length === 0 || first.files.length === 0 || first.files.length > MOST_UNSTEADY_FILES) return first;
  console.log('\nOnce more, alone:');
  const again = await vitest('vitest-again', ['--maxWorkers=1', ...first.files]);
  const unsteady = first.failed.filter((what) => !again.failed.includes(what));
  return { passed: first.passed + unsteady.length, failed: again.failed, unsteady };
}

async function vitest(name: string, args: string[]): Promise<Outcome & { files: string[] }> {
  const report = join(artifacts, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  rmSync(report, { force: true });
  const { status } = await execute(['vitest', 'run', ...reporters, ...args]);
  if (!existsSync(report)) return { passed: 0, failed: ['it did not come to its end'], files: [] };
  const { numPassedTests: passed, testResults } = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  const broken = testResults.filter((file) => file.status === 'failed');
  const failed = broken.flatMap(({ name: path, assertionResults }) => {
    const file = relative(root, path);
    const tests = assertionResults.filter((test) => test.status === 'failed');
    // A file that fails before its first test counts as a failure of its own.
    return tests.length > 0 ? tests.map(({ fullName }) => `${file}: ${fullName}`) : [`${file}: as a whole`];
  });
  return { passed, failed: orExit(failed, status), files: broken.map((file) => relative(root, file.name)) };
}

async function runHost(): Promise<Outcome> {
  const { status, output } = await execute(['node', 'scripts/test-host.ts']);
  const passed = /^host: (\d+) passed/m.exec(output)?.[1];
  if (passed === undefined) return { passed: 0, failed: ['it did not come to its end'] };
  const named = (how: string): string[] =>
    [...output.matchAll(new RegExp(`^${how}: (.*)$`, 'gm'))].map(([, what = '']) => what);
  return { passed: Number(passed), failed: orExit(named('failed'), status), unsteady: named('unsteady') };
}

/** A runner that dies after its last test has failed, whatever it counted. */
function orExit(failed: string[], status: number): string[] {
  return status !== 0 && failed.length === 0 ? [`exit code ${status}`] : failed;
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
