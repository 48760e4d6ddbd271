/** The two pages that are held beside each other: our panel as it is built, and a plain page of React Flow. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import type { EventsMessage } from '../../extension/protocol/panel-messages.ts';
import { openPanel } from '../../test/support/panel-page.ts';
import { RUN_ID } from './live-run.ts';

export interface Side {
  page: Page;
  /** Milliseconds from the beginning of the page to the frame after that in which the boxes were there. */
  painted: number;
  close(): Promise<void>;
}

export type View = 'zoom 1' | 'fitted';
const SIZE = { width: 1400, height: 860 };

/** Waits for what a person can read, and then for the frame that shows it. */
const WAIT_FOR = (selector: string) =>
  `const paintedAt = () => document.querySelector(${JSON.stringify(selector)}) ? requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); })) : requestAnimationFrame(paintedAt);
requestAnimationFrame(paintedAt);`;

export async function openOurs(browser: Browser, backlog: EventsMessage[], view: View): Promise<Side> {
  const viewport = view === 'zoom 1' ? { x: 18, y: 18, zoom: 1 } : null;
  const setup = `${WAIT_FOR('.react-flow__node .squares')}
const asked = setInterval(() => {
  if (!hostSide.sent.some((message) => message.type === 'subscribe')) return;
  clearInterval(asked);
  for (const message of ${JSON.stringify(backlog)}) window.postMessage(message, '*');
}, 1);`;
  const panel = await openPanel(browser, { ...SIZE, setup, state: { runId: RUN_ID, viewport } });
  const painted = await paintedOf(panel.page);
  if (view === 'fitted') await panel.page.getByRole('button', { name: 'Show all of it' }).click();
  if (panel.problems.length > 0) throw new Error(`The panel met ${panel.problems[0]}`);
  return { page: panel.page, painted, close: panel.close };
}

export async function openPlain(browser: Browser, backlog: EventsMessage[], view: View): Promise<Side> {
  const folder = await mkdtemp(join(tmpdir(), 'counterpoint-plain-'));
  await writeFile(join(folder, 'index.html'), plainHtml(backlog));
  await bundlePlain(join(folder, 'plain.js'));
  const context = await browser.newContext({ viewport: SIZE });
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(folder, 'index.html')).href);
  const painted = await paintedOf(page);
  await page.evaluate(view === 'fitted' ? 'flow.fitView()' : 'flow.setViewport({ x: 18, y: 18, zoom: 1 })');
  const close = async () => {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { page, painted, close };
}

function plainHtml(backlog: EventsMessage[]): string {
  const feed = `${WAIT_FOR('.react-flow__node')}
addEventListener('load', () => setTimeout(() => { for (const message of ${JSON.stringify(backlog)}) postMessage(message, '*'); }));`;
  return `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="plain.css"><style>html,body,#root{height:100%;margin:0}</style>
<div id="root"></div><script>${feed}</script><script src="plain.js"></script>`;
}

function bundlePlain(outfile: string) {
  return build({
    entryPoints: [join(import.meta.dirname, 'plain.tsx')],
    bundle: true,
    minify: true,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    outfile,
  });
}

async function paintedOf(page: Page): Promise<number> {
  for (;;) {
    const painted = await page.evaluate('window.painted');
    if (typeof painted === 'number') return painted;
    await page.waitForTimeout(20);
  }
}
