/** Measures a page in Chromium: what a frame costs while it is panned and the run goes on, and what it holds in memory. */
import { readFileSync } from 'node:fs';
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { EventsMessage } from '../../extension/protocol/panel-messages.ts';
import { GATHER_MS } from './live-run.ts';

export interface Panning {
  /** Frames a second. */
  fps: number;
  /** Milliseconds a frame: of the main thread, and of all processes of the page. */
  mainThread: number;
  cpu: number;
  /** Milliseconds that 95 of 100 frames took at most, from one to the next. */
  p95: number;
}

export interface Memory {
  /** Megabytes: the JavaScript heap, and the whole process of the page. */
  heap: number;
  process: number;
}

/** Pans to and fro by the wheel once a frame, while the updates are posted as the host posts them. */
export async function pan(page: Page, updates: EventsMessage[], seconds: number): Promise<Panning> {
  const session = await page.context().newCDPSession(page);
  // What the thread worked, and not how long it took: on a busy machine the two differ.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const browser = page.context().browser()!;
  const before = [await taskSeconds(session), await cpuSeconds(browser)] as const;
  const frames = await page.evaluate(panFor, { updates: updates as unknown[], every: GATHER_MS, ms: seconds * 1000 });
  const after = [await taskSeconds(session), await cpuSeconds(browser)] as const;
  await session.detach();
  const sorted = [...frames].sort((a, b) => a - b);
  return {
    fps: (frames.length * 1000) / frames.reduce((sum, ms) => sum + ms, 0),
    mainThread: ((after[0] - before[0]) * 1000) / frames.length,
    cpu: ((after[1] - before[1]) * 1000) / frames.length,
    p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
  };
}

/** Runs in the page. Returns the milliseconds from each frame to the next. */
function panFor({ updates, every, ms }: { updates: unknown[]; every: number; ms: number }): Promise<number[]> {
  const pane = document.querySelector('.react-flow__pane');
  if (!pane) throw new Error('There is nothing to pan.');
  const { left, top, width, height } = pane.getBoundingClientRect();
  const at = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true, cancelable: true };
  let next = 0;
  const feed = setInterval(() => window.postMessage(updates[next++ % updates.length], '*'), every);
  const frames: number[] = [];
  return new Promise((resolve) => {
    let last = performance.now();
    const begun = last;
    const step = () => {
      const now = performance.now();
      frames.push(now - last);
      last = now;
      if (now - begun > ms) {
        clearInterval(feed);
        return resolve(frames);
      }
      const phase = Math.floor((now - begun) / 800) % 2 === 0 ? 1 : -1;
      pane.dispatchEvent(new WheelEvent('wheel', { ...at, deltaX: phase * 9, deltaY: phase * 5 }));
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
}

export async function memoryOf(page: Page): Promise<Memory> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0;
  await session.detach();
  const processes = await processesOf(page.context().browser()!);
  const renderers = processes.filter(({ type }) => type === 'renderer').map(({ id }) => ownMegabytes(id));
  return { heap: heap / 1e6, process: Math.max(0, ...renderers) };
}

/** What a process holds for itself alone, pages that it shares with others not counted; from /proc (Linux). */
function ownMegabytes(pid: number): number {
  const [, resident = 0, shared = 0] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number);
  return ((resident - shared) * 4096) / 1e6;
}

async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
}

async function cpuSeconds(browser: Browser): Promise<number> {
  const processes = await processesOf(browser);
  return processes.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

async function processesOf(browser: Browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo;
}
