import type { ProgressEvent, RunEvent } from '../protocol/run-events.ts';
import { emptyRunTree, foldRun, type RunTree, type StateCounts, totalOf } from '../protocol/run-tree.ts';

/** Shows a run while it goes. Everything is written to `stream`, which is never stdout when that must stay clean. */
export interface ProgressView {
  hear(events: (RunEvent | ProgressEvent)[]): void;
  close(): void;
}

export async function createProgressView(stream: NodeJS.WriteStream): Promise<ProgressView> {
  if (!stream.isTTY) return new PlainView(stream);
  // What redraws a terminal takes its time to load, and a build log has no use for it.
  const { LiveView } = await import('./live-view.ts');
  return new LiveView(stream);
}

const ESCAPE = String.fromCharCode(27);
const CONTROL = new RegExp(`${ESCAPE}\\[[0-9;?]*[ -/]*[@-~]|[\\u0000-\\u001f\\u007f-\\u009f]`, 'g');

/** Text of a script or a model must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(CONTROL, ' ').trim();
}

/** One line for each thing worth a line in a build log. */
class PlainView implements ProgressView {
  #tree: RunTree = emptyRunTree();
  #stream: NodeJS.WriteStream;
  #timer: NodeJS.Timeout;
  #last = '';

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#timer = setInterval(() => this.#summary(), 5_000);
    this.#timer.unref();
  }

  hear(events: (RunEvent | ProgressEvent)[]): void {
    foldRun(events, this.#tree);
    for (const event of events) {
      if (event.type === 'run.started' && this.#tree.run)
        this.#line(`${this.#tree.run.name}: ${this.#tree.run.providerTitle}`);
      if (event.type === 'phase.began') this.#line(`phase ${event.title}`);
      if (event.type === 'log') this.#line(event.level === 'info' ? event.message : `${event.level}: ${event.message}`);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#summary();
  }

  #summary(): void {
    const text = countsText(this.#tree.counts);
    if (!this.#tree.run || text === this.#last) return;
    this.#last = text;
    this.#line(text);
  }

  #line(text: string): void {
    this.#stream.write(`[${elapsed(this.#tree)}] ${printable(text)}\n`);
  }
}

/** Such as `12 of 40 done · 16 running · 1 failed`. */
export function countsText(counts: StateCounts): string {
  const done = counts.succeeded + counts.reused;
  const parts = [`${done} of ${totalOf(counts)} done`];
  if (counts.working > 0) parts.push(`${counts.working} running`);
  if (counts.reused > 0) parts.push(`${counts.reused} reused`);
  if (counts.failed > 0) parts.push(`${counts.failed} failed`);
  if (counts.skipped + counts.stopped > 0) parts.push(`${counts.skipped + counts.stopped} stopped`);
  return parts.join(' · ');
}

/** Minutes and seconds since the attempt began: `2:05`. */
export function elapsed(tree: RunTree): string {
  if (tree.startedAt === null) return '0:00';
  const seconds = Math.floor(((tree.endedAt ?? Date.now()) - tree.startedAt) / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
