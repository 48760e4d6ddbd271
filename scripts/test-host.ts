/**
 * The tests in real VS Code: a suite inside its extension host, from source, and a person's use of the installed package.
 * The last lines name what failed, and what failed once alone, and say `host: N passed, N failed`. `--suite` and `--person` run only one
 * of the two, `--only=NAME,…` only these groups of the person's tests, as test/host/launch-person.ts names them.
 */

import { globSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runPersonTests } from '../test/host/launch-person.ts';
import { runSuiteInDesktop, runSuiteInServer } from '../test/host/launch-suite.ts';
import type { HostResult } from '../test/host/runner.ts';
import { findChromium } from './chromium.ts';
import { buildAll, packExtension } from './package.ts';
import { installVsCodeServer } from './vscode-server.ts';

const root = join(import.meta.dirname, '..');
const cache = join(root, '.cache');
const { values } = parseArgs({
  options: { suite: { type: 'boolean' }, person: { type: 'boolean' }, only: { type: 'string' } },
});
const only = values.only?.split(',') ?? [];
const wants = (part: 'suite' | 'person') =>
  values[part] ?? (!values.suite && !values.person && (only.length === 0 || part === 'person'));

findChromium();
const vscode = await installVsCodeServer(cache);
if (!isBuilt()) buildAll();
const homes: string[] = [];
const results: HostResult[] = [];
const unsteady: string[] = [];
try {
  if (wants('suite')) {
    console.log('Inside the extension host, from source:');
    results.push(...(await steadily(async () => runSuiteInServer({ vscode, extension: root, home: await newHome() }))));
    results.push(...((await runSuiteInDesktop({ cache, extension: root, home: await newHome() })) ?? []));
  }
  if (wants('person')) {
    console.log('As a person, from the installed package:');
    const vsix = await packExtension();
    const pictures = join(root, 'artifacts/host');
    results.push(
      ...(await steadily(async () => runPersonTests({ vscode, vsix, home: await newHome(), pictures, only }))),
    );
  }
} finally {
  for (const home of homes) await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
const failed = results.filter(({ failure }) => failure !== undefined);
for (const { name } of failed) console.log(`failed: ${name}`);
for (const name of unsteady) console.log(`unsteady: ${name}`);
console.log(`host: ${results.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

/**
 * Tests in one window build on each other, so that one which fails takes others with it. All of them are run once more then, in a fresh
 * VS Code: what passes there is told as unsteady. Where somebody looks for what fails, it is run once.
 */
async function steadily(run: () => Promise<HostResult[]>): Promise<HostResult[]> {
  const first = await run();
  const failing = first.filter(({ failure }) => failure !== undefined).map(({ name }) => name);
  if (failing.length === 0 || only.length > 0) return first;
  console.log('Once more, from the beginning:');
  const again = await run();
  unsteady.push(...failing.filter((name) => again.some((test) => test.name === name && test.failure === undefined)));
  return again;
}

async function newHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'counterpoint-host-'));
  homes.push(home);
  return home;
}

/** Whether `dist/` is younger than everything it is made of. */
function isBuilt(): boolean {
  const built = statSync(join(root, 'dist/extension.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(['extension/**/*', 'webview/**/*', 'scripts/build*.ts', 'package.json', 'vite.config.ts'], {
    cwd: root,
  });
  return sources.every((file) => statSync(join(root, file)).mtimeMs < built);
}
