/**
 * How long a person waits in real VS Code for a run of 1,000 agents: from the key that is bound to "Show Run" to the frame that
 * shows its phases and squares, and what of that is VS Code's own (a webview, empty) and what is ours; beside it what the
 * extension takes to activate, as VS Code itself tells it.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { packExtension } from '../scripts/package.ts';
import { installVsCodeServer } from '../scripts/vscode-server.ts';
import { installVsix, startCodeServer } from '../test/host/code-server.ts';
import { QUIET } from '../test/host/person-tests.ts';
import { Window } from '../test/host/window.ts';
import { recordInto } from '../test/support/recorded-run.ts';

const AGENTS = 1_000;
const ROUNDS = 7;
const PAINT_AIM_MS = 500;
const ACTIVATION_AIM_MS = 50;
const KEY = 'ctrl+alt+shift+f9';
/** An opening that takes longer has failed. */
const LIMIT_MS = 60_000;

/** Moments of one opening, in milliseconds since the epoch. */
interface Moments {
  /** The key was pressed. */
  asked: number;
  /** VS Code has made the inner document of the webview. */
  document: number;
  /** The panel's script has run, and asks for the run. */
  subscribed: number;
  /** The last of its events has come. */
  told: number;
  /** A frame with phases and squares has been shown. */
  painted: number;
}

export async function run(): Promise<void> {
  const root = join(import.meta.dirname, '..');
  const home = await mkdtemp(join(tmpdir(), 'counterpoint-first-paint-'));
  try {
    const vscode = await installVsCodeServer(join(root, '.cache'));
    await installVsix({ vscode, home }, await packExtension());
    const workspace = join(home, 'workspace');
    await mkdir(workspace);
    const { runId } = await recordInto(workspace, AGENTS);
    await bindKey(home, runId);
    await measure(vscode, home, workspace);
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A command by its key costs no time of ours, unlike one that is picked from a list. */
async function bindKey(home: string, runId: string): Promise<void> {
  const folder = join(home, 'user-data/User');
  await mkdir(folder, { recursive: true });
  const bindings = [{ key: KEY, command: 'counterpoint.showRun', args: runId }];
  await writeFile(join(folder, 'keybindings.json'), JSON.stringify(bindings));
}

async function measure(vscode: string, home: string, workspace: string): Promise<void> {
  const server = await startCodeServer({ vscode, home, trusted: true, driver: false, settings: QUIET });
  try {
    const page = await server.browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(30_000);
    const window = new Window(page);
    let heard: (moments: Moments) => void = () => undefined;
    await page.exposeFunction('tellMoments', (moments: Moments) => heard(moments));
    await page.addInitScript(watchPanel);
    await server.load(page, workspace);
    await window.ready();
    const activation = await activationMs(window);
    const openings: Moments[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await window.run('View: Close All Editors');
      openings.push(await opening(page, (listener) => (heard = listener)));
    }
    print(openings, activation);
  } finally {
    await server.close();
  }
}

/** Opens the panel by the key. @throws Error where it shows nothing within a minute. */
async function opening(page: Page, listen: (listener: (moments: Moments) => void) => void): Promise<Moments> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  const told = new Promise<Moments>((resolve, reject) => {
    listen(resolve);
    limit.addEventListener('abort', () => reject(new Error(`The panel showed nothing within ${LIMIT_MS / 1000} s.`)));
  });
  const [moments, asked] = await Promise.all([told, press(page)]);
  return { ...moments, asked };
}

/** Presses the key, and tells when the window heard it. */
async function press(page: Page): Promise<number> {
  const heard = page.evaluate(
    () =>
      new Promise<number>((resolve) =>
        addEventListener(
          'keydown',
          ({ key }) => key === 'F9' && resolve(performance.timeOrigin + performance.now()),
          true,
        ),
      ),
  );
  await page.keyboard.press('Control+Alt+Shift+F9');
  return await heard;
}

/** Runs in each frame of the window; where it is a panel, it tells the moments of its beginning. */
function watchPanel(): void {
  if (window.parent === window) return;
  const now = () => performance.timeOrigin + performance.now();
  const moments = { asked: 0, document: performance.timeOrigin, subscribed: 0, told: 0, painted: 0 };
  const hear = ({ data }: MessageEvent) => {
    if (data?.type === 'events' && !data.more && moments.told === 0) moments.told = now();
  };
  const watch = () => {
    if (moments.subscribed === 0 && document.querySelector('#root > *')) {
      moments.subscribed = now();
      addEventListener('message', hear);
    }
    if (!document.querySelector('.phase-head') || !document.querySelector('.squares canvas')) return;
    clearInterval(watching);
    // The frame after it has been put there is on the screen when the next task comes.
    requestAnimationFrame(() =>
      setTimeout(() => {
        const { tellMoments } = globalThis as unknown as { tellMoments(moments: Moments): void };
        tellMoments({ ...moments, painted: now() });
      }),
    );
  };
  // VS Code writes the document anew, and a frame that was asked for before does not come.
  const watching = setInterval(watch, 4);
}

/** What VS Code says the extension took to activate, its code included. */
async function activationMs(window: Window): Promise<number> {
  await window.run('Developer: Show Running Extensions');
  const row = window.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Counterpoint' }).first();
  // There is none until it has activated.
  const time = await row.locator('.activation-time', { hasText: /\d+\s*ms/ }).textContent();
  await window.page.keyboard.press('Escape');
  await row.waitFor({ state: 'hidden' });
  return Number.parseInt(/(\d+)\s*ms/.exec(time ?? '')?.[1] ?? 'NaN', 10);
}

function print(openings: Moments[], activation: number): void {
  const [first, ...later] = openings;
  console.log(
    `activation: ${activation} ms (aim ${ACTIVATION_AIM_MS} ms), ${(activation / ACTIVATION_AIM_MS).toFixed(2)} × the aim`,
  );
  if (first) console.log(`the first panel of a window: ${wordsOf([first])}`);
  console.log(`each further one, median of ${later.length}: ${wordsOf(later)}`);
}

function wordsOf(openings: Moments[]): string {
  const middle = (from: keyof Moments, to: keyof Moments) => median(openings.map((each) => each[to] - each[from]));
  const whole = middle('asked', 'painted');
  const parts = [
    `${middle('asked', 'document').toFixed(0)} ms until VS Code has a webview`,
    `${middle('document', 'subscribed').toFixed(0)} ms until our script has run`,
    `${middle('subscribed', 'told').toFixed(0)} ms until its events are there`,
    `${middle('told', 'painted').toFixed(0)} ms to fold and paint them`,
  ];
  return `${whole.toFixed(0)} ms from the command to phases and squares of ${AGENTS.toLocaleString('en')} agents (aim ${PAINT_AIM_MS} ms), ${(whole / PAINT_AIM_MS).toFixed(2)} × the aim: ${parts.join(', ')}`;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
