import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runTests as runDesktop } from '@vscode/test-electron';
import { build } from 'esbuild';
import { startCodeServer } from './code-server.ts';
import { writeFixture } from './fixture.ts';
import { installModels } from './models-extension.ts';
import { type HostResult, lineOf } from './runner.ts';

/** Several times what it takes: a slow machine is no failure. */
const LIMIT_MS = 420_000;

export interface SuiteOptions {
  /** Folder of the extension, built. */
  extension: string;
  /** Fresh folder for the workspace, the user data and the bundled suite. */
  home: string;
}

/** Runs the suite inside the extension host of VS Code's server, with headless Chromium as its window. */
export async function runSuiteInServer(options: SuiteOptions & { vscode: string }): Promise<HostResult[]> {
  const { suite, workspace, results } = await prepare(options);
  const server = await startCodeServer({
    ...options,
    trusted: true,
    driver: true,
    settings: {},
    env: { COUNTERPOINT_HOST_RESULTS: results, COUNTERPOINT_HOST_NODE: process.execPath },
  });
  try {
    const page = await server.browser.newPage();
    await page.exposeFunction('codeAutomationLog', () => undefined);
    const exit = new Promise<number>((resolve) => void page.exposeFunction('codeAutomationExit', resolve));
    const limit = AbortSignal.timeout(LIMIT_MS);
    const tooLong = new Promise<never>((_, reject) =>
      limit.addEventListener('abort', () => reject(new Error('The suite did not end.'))),
    );
    const remote = (path: string) => `vscode-remote://${server.authority}${path}`;
    await server.load(page, workspace, [
      ['extensionDevelopmentPath', remote(options.extension)],
      ['extensionTestsPath', remote(suite)],
    ]);
    const code = await Promise.race([exit, tooLong]);
    return readResults(results, code);
  } finally {
    await server.close();
  }
}

/**
 * Runs the same suite in the desktop VS Code that `@vscode/test-electron` downloads.
 * Null where this machine cannot: no download, no screen, or a library that Electron needs is missing.
 */
export async function runSuiteInDesktop(options: SuiteOptions & { cache: string }): Promise<HostResult[] | null> {
  const why = await whyNoDesktop();
  if (why) {
    console.log(`  desktop VS Code: not here (${why})`);
    return null;
  }
  const { suite, workspace, results } = await prepare(options);
  const places = [
    '--user-data-dir',
    join(options.home, 'user-data'),
    '--extensions-dir',
    join(options.home, 'extensions'),
  ];
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  try {
    await runDesktop({
      cachePath: join(options.cache, 'vscode-desktop'),
      extensionDevelopmentPath: options.extension,
      extensionTestsPath: suite,
      extensionTestsEnv: { COUNTERPOINT_HOST_RESULTS: results, COUNTERPOINT_HOST_NODE: process.execPath },
      launchArgs: [workspace, ...places, ...root, '--disable-gpu', '--disable-workspace-trust', '--skip-welcome'],
    });
  } catch (error) {
    if (existsSync(results)) return readResults(results, 1);
    console.log(`  desktop VS Code: did not start (${error instanceof Error ? error.message : String(error)})`);
    return null;
  }
  return readResults(results, 0);
}

async function whyNoDesktop(): Promise<string | null> {
  if (process.platform === 'linux' && !process.env.DISPLAY) return 'no screen; run under xvfb-run to have one';
  try {
    const answer = await fetch('https://update.code.visualstudio.com/api/releases/stable', {
      signal: AbortSignal.timeout(10_000),
    });
    return answer.ok ? null : `its download answers ${answer.status}`;
  } catch {
    return 'its download cannot be reached';
  }
}

async function prepare({ home }: SuiteOptions): Promise<{ suite: string; workspace: string; results: string }> {
  const workspace = join(home, 'workspace');
  await mkdir(workspace, { recursive: true });
  await writeFixture(workspace);
  await installModels(home);
  const suite = join(home, 'suite.cjs');
  const entry = join(import.meta.dirname, 'suite/index.ts');
  await build({
    entryPoints: [entry],
    outfile: suite,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    sourcemap: 'inline',
    // The tools that tests call run no programs, which is what their folder is asked for.
    logOverride: { 'empty-import-meta': 'silent' },
  });
  return { suite, workspace, results: join(home, 'results.json') };
}

function readResults(file: string, code: number): HostResult[] {
  if (!existsSync(file)) throw new Error(`VS Code ended the suite with code ${code} before any result.`);
  const results = JSON.parse(readFileSync(file, 'utf8')) as HostResult[];
  for (const result of results) console.log(lineOf(result));
  return results;
}
