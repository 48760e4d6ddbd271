/** The built webview in a real browser, in a page like the one VS Code makes: the same policy, a theme, the same scripts. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { webviewPage } from '../../extension/panel/webview-page.ts';
import type { CallDetails } from '../../extension/protocol/call-details.ts';
import type { AgentChanges, HostToView, SearchHit, ViewToHost } from '../../extension/protocol/panel-messages.ts';
import { type ThemeName, themeOf } from './themes.ts';

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');

let built: Promise<string> | undefined;

/**
 * A folder laid out as `dist`, with the webview in it: a copy of what is built, or built here where that is older than
 * its sources. A copy, for a build may run at the same time. Removed when the process ends.
 */
export function webviewDist(): Promise<string> {
  built ??= prepareWebview();
  return built;
}

async function prepareWebview(): Promise<string> {
  const dist = await mkdtemp(join(tmpdir(), 'counterpoint-dist-'));
  process.on('exit', () => rmSync(dist, { recursive: true, force: true }));
  const copied =
    isFresh() &&
    (await cp(join(DIST, 'webview'), join(dist, 'webview'), { recursive: true }).then(
      () => true,
      () => false,
    ));
  if (copied) return dist;
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const options = { cwd: ROOT, env: { ...process.env, NODE_ENV: 'production' } };
  const outDir = join(dist, 'webview');
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'error', '--outDir', outDir], options);
  return dist;
}

function isFresh(): boolean {
  const script = join(DIST, 'webview/panel.js');
  const sources = [join(ROOT, 'webview'), join(ROOT, 'extension/protocol')];
  const newest = Math.max(
    statSync(join(ROOT, 'vite.config.ts')).mtimeMs,
    ...sources.flatMap(filesOf).map((file) => statSync(file).mtimeMs),
  );
  return existsSync(script) && statSync(script).mtimeMs > newest;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

export function launchBrowser(): Promise<Browser> {
  const quiet = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', ...quiet],
  });
}

export interface PanelOptions {
  theme?: ThemeName;
  width?: number;
  height?: number;
  /** Pixels of the screen for each of the page: 2 at 200 %. */
  scale?: number;
  /** What the clock of the page says, milliseconds since the epoch. */
  now?: number;
  /** The clock goes on from `now`, and `page.clock` moves it and what waits for it. */
  clock?: boolean;
  details?: Record<string, CallDetails>;
  report?: string | null;
  /** What the host finds, by the text that is looked for; of any other text nothing. */
  hits?: Record<string, SearchHit[]>;
  /** What agents left to be applied, by their numbers. */
  changes?: Record<string, AgentChanges>;
  /** The second script cannot be had. */
  withoutMarkdown?: boolean;
  /** Nor the one for previews. */
  withoutPreview?: boolean;
  /** Why the host refuses what steers the run; by default it does all of it. */
  refusal?: string;
  /** What the webview saved before. */
  state?: unknown;
  /** A script that runs before the panel's, when `hostSide` is there. */
  setup?: string;
}

/** A panel under test, with the far side of its messages in the test's hands. */
export interface Panel {
  page: Page;
  /** Errors and refusals of the policy that the page met. */
  problems: string[];
  /** All that the view has sent, in order. */
  sent(): Promise<ViewToHost[]>;
  send(message: HostToView): Promise<void>;
  savedState(): Promise<unknown>;
  close(): Promise<void>;
}

const NONCE = 'bm9uY2U';

export async function openPanel(browser: Browser, options: PanelOptions = {}): Promise<Panel> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1400, height: options.height ?? 860 },
    deviceScaleFactor: options.scale ?? 1,
  });
  const page = await context.newPage();
  const problems = watchProblems(page);
  if (options.clock) await page.clock.install({ time: options.now ?? 0 });
  else if (options.now !== undefined) await page.clock.setFixedTime(options.now);
  const folder = await mkdtemp(join(tmpdir(), 'counterpoint-panel-'));
  await writeFile(join(folder, 'panel.html'), await panelHtml(options));
  await page.goto(pathToFileURL(join(folder, 'panel.html')).href);
  return {
    page,
    problems,
    sent: () => page.evaluate('window.hostSide.sent') as Promise<ViewToHost[]>,
    send: async (message) => {
      await page.evaluate((data: unknown) => window.postMessage(data, '*'), message as unknown);
      // The view paints at the next frame.
      await page.evaluate(
        () => new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 0)),
      );
    },
    savedState: () => page.evaluate('window.hostSide.state'),
    close: async () => {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function watchProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  return problems;
}

/** The page that the host gives VS Code, with VS Code's own part, `acquireVsCodeApi` and the theme, put in before the panel's script. */
async function panelHtml(options: PanelOptions): Promise<string> {
  const asset = (name: string) => pathToFileURL(join(dist, 'webview', name)).href;
  const dist = await webviewDist();
  const { declarations, classes } = themeOf(options.theme ?? 'dark');
  const page = webviewPage({
    nonce: NONCE,
    // VS Code's source is its own scheme; ours are files, and it lets its own theme in by an inline style.
    source: `file: 'nonce-${NONCE}'`,
    style: asset('panel.css'),
    script: asset('panel.js'),
    markdown: asset(options.withoutMarkdown ? 'nowhere.js' : 'panel-markdown.js'),
    code: asset('panel-code.js'),
    side: asset('panel-side.js'),
    preview: asset(options.withoutPreview ? 'nowhere.js' : 'panel-preview.js'),
  });
  return page
    .replace('<head>', () => `<head><style nonce="${NONCE}">:root{${declarations}}</style>`)
    .replace('<body>', () => `<body class="${classes}"><script nonce="${NONCE}">${hostSide(options)}</script>`);
}

function hostSide(options: PanelOptions): string {
  const data = {
    details: options.details ?? {},
    report: options.report ?? null,
    hits: options.hits ?? {},
    state: options.state ?? null,
    refusal: options.refusal ?? null,
    changes: options.changes ?? {},
  };
  return `window.hostSide = { sent: [], ...${JSON.stringify(data).replaceAll('<', '\\u003c')} };
window.acquireVsCodeApi = () => ({
  getState: () => hostSide.state ?? undefined,
  setState: (state) => { hostSide.state = state; },
  postMessage: (message) => {
    hostSide.sent.push(message);
    if (message.type !== 'request') return;
    const { id, request } = message;
    const details = hostSide.details[request.call];
    const answer = request.method === 'details' ? details && { ...details, transcript: details.transcript.slice(request.after ?? 0) } : request.method === 'report' ? hostSide.report : request.method === 'search' ? (hostSide.hits[request.text] ?? []) : request.method === 'changes' ? (hostSide.changes[request.call] ?? null) : null;
    const steers = ['act', 'act-on-agent', 'answer', 'permit', 'decide', 'apply-changes'].includes(request.method);
    if (steers && hostSide.refusal) return window.postMessage({ type: 'response', id, ok: false, error: hostSide.refusal }, '*');
    const reply = answer === undefined ? { type: 'response', id, ok: false, error: 'No such agent.' } : { type: 'response', id, ok: true, answer };
    window.postMessage(reply, '*');
  },
});
${options.setup ?? ''}`;
}

export type { Browser, BrowserContext };
