/**
 * Our panel in real Chromium (software rendering) beside a plain page of React Flow with the same agents: 1,000 and 10,000
 * at work with 1,000 updates a second while the picture is panned, first paint, memory, messages and sizes.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { streamEvents } from '../extension/panel/event-feed.ts';
import type { HostToView } from '../extension/protocol/panel-messages.ts';
import { foldRun } from '../extension/protocol/run-tree.ts';
import { launchBrowser, webviewDist } from '../test/support/panel-page.ts';
import { sampleRun } from '../test/support/sample-run.ts';
import { layoutRun } from '../webview/tree/layout.ts';
import { liveRun } from './panel/live-run.ts';
import { memoryOf, type Panning, pan } from './panel/page.ts';
import { openOurs, openPlain, type Side, type View } from './panel/sides.ts';

const PER_SECOND = 1000;
const SECONDS = 4;
const ROUNDS = 3;
/** The plain page takes so long for 10,000 that one look is enough. */
const PANS: { agents: number; view: View; aim: number; rounds: number }[] = [
  { agents: 1000, view: 'zoom 1', aim: 55, rounds: ROUNDS },
  { agents: 1000, view: 'fitted', aim: 45, rounds: ROUNDS },
  { agents: 10_000, view: 'zoom 1', aim: 30, rounds: 1 },
  { agents: 10_000, view: 'fitted', aim: 30, rounds: 1 },
];

/** Prints each measure with its aim, and how it stands to the plain page. */
export async function run(): Promise<void> {
  await webviewDist();
  const browser = await launchBrowser();
  try {
    await firstPaint(browser);
    for (const each of PANS) await panning(browser, each);
  } finally {
    await browser.close();
  }
  layoutTime(1000, 16);
  layoutTime(10_000, null);
  await messages();
  await sizes();
}

async function firstPaint(browser: Browser): Promise<void> {
  const { backlog } = liveRun(1000, PER_SECOND, 1);
  const measured = { ours: [] as number[], plain: [] as number[] };
  const memory = { ours: [] as number[], plain: [] as number[], heap: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of ['plain', 'ours'] as const) {
      const page = await (side === 'ours' ? openOurs : openPlain)(browser, backlog, 'zoom 1');
      measured[side].push(page.painted);
      const held = await memoryOf(page.page);
      memory[side].push(held.process);
      if (side === 'ours') memory.heap.push(held.heap);
      await page.close();
    }
  }
  const [ours, plain] = [middle(measured.ours), middle(measured.plain)];
  console.log(
    `first useful paint with 1,000 agents: ${ms(ours)} (aim 500 ms), plain ${ms(plain)}, ${ratio(ours, plain)}`,
  );
  const [own, other] = [middle(memory.ours), middle(memory.plain)];
  console.log(
    `memory with 1,000 agents, after a collection: heap ${mb(middle(memory.heap))}, the page's own process ${mb(own)} (aim 150 MB), plain ${mb(other)}, ${ratio(own, other)}`,
  );
}

async function panning(browser: Browser, { agents, view, aim, rounds }: (typeof PANS)[number]): Promise<void> {
  const { backlog, updates } = liveRun(agents, PER_SECOND, SECONDS);
  const measured = { ours: [] as Panning[], plain: [] as Panning[] };
  let memory = 0;
  const look = async (side: keyof typeof measured, page: Side) => {
    await page.page.waitForTimeout(300);
    measured[side].push(await pan(page.page, updates, SECONDS));
    if (side === 'ours') memory = Math.max(memory, (await memoryOf(page.page)).process);
    await page.close();
  };
  for (let round = 0; round < rounds; round++) {
    await look('plain', await openPlain(browser, backlog, view));
    await look('ours', await openOurs(browser, backlog, view));
  }
  const of = (side: keyof typeof measured, pick: keyof Panning) => middle(measured[side].map((each) => each[pick]));
  const compare = (pick: keyof Panning) =>
    `${of('ours', pick).toFixed(1)} / ${of('plain', pick).toFixed(1)} = ${ratio(of('ours', pick), of('plain', pick))}`;
  console.log(`${agents.toLocaleString('en')} agents, ${view}, ${PER_SECOND} updates a second, panned; ours / plain`);
  console.log(`  frames a second ${compare('fps')} (aim ${aim})`);
  console.log(`  ms of the main thread a frame ${compare('mainThread')}; ms of CPU a frame ${compare('cpu')}`);
  console.log(`  95 of 100 frames within ${compare('p95')} ms; memory afterwards ${mb(memory)} (aim 150 MB)`);
}

function layoutTime(agents: number, aim: number | null): void {
  const { events, progress } = sampleRun({ agents, state: 'running' });
  const tree = foldRun([...events, ...progress]);
  const memory = new Map<string, number[]>();
  const times = Array.from({ length: 60 }, () => {
    const before = performance.now();
    layoutRun(tree, memory, new Set(), 1008);
    return performance.now() - before;
  });
  const words = aim === null ? '' : ` (aim ${aim} ms)`;
  console.log(
    `layout of ${agents.toLocaleString('en')} agents from nothing: ${middle(times).toFixed(2)} ms${words}, the first time ${times[0]?.toFixed(1)} ms`,
  );
}

/** Sizes of the messages of a whole run, and what is sent to a panel that is hidden. */
async function messages(): Promise<void> {
  const { events } = sampleRun({ agents: 1000, state: 'finished' });
  const sent: HostToView[] = [];
  const source = {
    events: (_: string, after: number, limit = Number.MAX_SAFE_INTEGER) => events.slice(after, after + limit),
    subscribe: () => () => undefined,
    summary: () => null,
  };
  const stream = streamEvents(source, 'run', 0, async (message) => void sent.push(message));
  await new Promise((resolve) => setTimeout(resolve, 500));
  stream.close();
  const most = Math.max(...sent.map((message) => Buffer.byteLength(JSON.stringify(message))));
  const before = sent.length;
  await new Promise((resolve) => setTimeout(resolve, 500));
  console.log(`largest message of ${before}: ${(most / 1000).toFixed(0)} kB (aim 256 kB)`);
  console.log(`messages to a panel that is hidden: ${sent.length - before} (aim 0)`);
}

async function sizes(): Promise<void> {
  const dist = await webviewDist();
  const size = (name: string) => statSync(join(dist, 'webview', name)).size / 1000;
  console.log(
    `scripts: panel.js ${size('panel.js').toFixed(0)} kB (aim 600 kB), panel-markdown.js ${size('panel-markdown.js').toFixed(0)} kB, loaded when there is something to show`,
  );
}

function middle(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function ratio(ours: number, plain: number): string {
  return `${(ours / plain).toFixed(2)} ×`;
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}

function mb(value: number): string {
  return `${value.toFixed(0)} MB`;
}
