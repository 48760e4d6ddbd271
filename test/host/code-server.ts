import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM_ARGS, findChromium } from '../../scripts/chromium.ts';

const START_MS = 60_000;

/** A running VS Code server and the browser that is its window. */
export interface CodeServer {
  /** Such as `127.0.0.1:40123`. */
  authority: string;
  browser: Browser;
  /** Shows a folder, or an empty window, in a page. `payload` is what the workbench takes from the command line elsewhere; only with `driver`. */
  load(page: Page, folder: string | null, payload?: [string, string][]): Promise<void>;
  close(): Promise<void>;
}

export interface CodeServerOptions {
  /** Folder that holds `out/server-main.js`. */
  vscode: string;
  /** Fresh folder for user data, extensions and logs. */
  home: string;
  trusted: boolean;
  /** Makes the workbench take test payloads, and show no notifications. */
  driver: boolean;
  settings: Record<string, unknown>;
  /** Those that belong to the machine that the server runs on. */
  machine?: Record<string, unknown>;
  env?: Record<string, string>;
}

/** Starts VS Code's server on a free port with its own user data, and a headless browser. */
export async function startCodeServer(options: CodeServerOptions): Promise<CodeServer> {
  await mkdir(join(options.home, 'user-data/User'), { recursive: true });
  await mkdir(join(options.home, 'user-data/Machine'), { recursive: true });
  await mkdir(personHome(options.home), { recursive: true });
  await writeFile(join(options.home, 'user-data/User/settings.json'), JSON.stringify(options.settings));
  if (options.machine)
    await writeFile(join(options.home, 'user-data/Machine/settings.json'), JSON.stringify(options.machine));
  const flags = ['--host', '127.0.0.1', '--port', '0', '--without-connection-token'];
  if (options.driver) flags.push('--enable-smoke-test-driver');
  if (options.trusted) flags.push('--disable-workspace-trust');
  const server = runServer(options, flags, options.env ?? {});
  const log = createWriteStream(join(options.home, 'server.log'));
  server.stdout?.pipe(log);
  server.stderr?.pipe(log);
  const authority = `127.0.0.1:${await listeningPort(server)}`;
  const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
  return {
    authority,
    browser,
    load: (page, folder, payload = []) => load(page, authority, folder, payload),
    close: async () => {
      await browser.close();
      await new Promise<void>((ended) => {
        server.once('exit', () => ended());
        server.kill();
      });
    },
  };
}

/** The home of the person who uses it: what is kept there is not that of whoever runs the tests. */
export function personHome(home: string): string {
  return join(home, 'person');
}

/** Installs a VSIX the way a person does on the command line. */
export async function installVsix(options: Pick<CodeServerOptions, 'vscode' | 'home'>, vsix: string): Promise<void> {
  const installer = runServer(options, ['--install-extension', vsix], {});
  let output = '';
  installer.stdout?.on('data', (data) => (output += data));
  installer.stderr?.on('data', (data) => (output += data));
  const code = await new Promise((ended) => installer.once('close', ended));
  if (code !== 0 || !output.includes('was successfully installed'))
    throw new Error(`${vsix} did not install:\n${output}`);
}

function runServer(
  options: Pick<CodeServerOptions, 'vscode' | 'home'>,
  flags: string[],
  env: Record<string, string>,
): ChildProcess {
  const { ANTHROPIC_API_KEY: _hidden, ...inherited } = process.env;
  const places = [
    '--user-data-dir',
    join(options.home, 'user-data'),
    '--extensions-dir',
    join(options.home, 'extensions'),
  ];
  const common = [
    '--accept-server-license-terms',
    '--telemetry-level',
    'off',
    '--server-data-dir',
    join(options.home, 'server'),
  ];
  return spawn(process.execPath, [join(options.vscode, 'out/server-main.js'), ...flags, ...places, ...common], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, HOME: personHome(options.home), ...env },
  });
}

function listeningPort(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    setTimeout(() => reject(new Error(`VS Code's server did not listen in time:\n${output}`)), START_MS).unref();
    server.stdout?.on('data', (data) => {
      output += data;
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (port) resolve(Number(port));
    });
    server.once('exit', (code) => reject(new Error(`VS Code's server ended with ${code}:\n${output}`)));
  });
}

async function load(page: Page, authority: string, folder: string | null, payload: [string, string][]): Promise<void> {
  const parameters = new URLSearchParams(folder === null ? { ew: 'true' } : { folder });
  if (payload.length > 0) parameters.set('payload', JSON.stringify(payload));
  await page.goto(`http://${authority}/?${parameters}`);
}
