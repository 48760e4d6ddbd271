import type { ProgressEvent, RunEvent } from '../protocol/run-events.ts';
import { emptyRunTree, foldRun, type RunTree, type StateCounts, totalOf } from '../protocol/run-tree.ts';
import { printable } from './printable.ts';

/** Shows a run while it goes. Everything is written to `stream`, which is never stdout when that must stay clean. */
export interface ProgressView {
  hear(events: (RunEvent | ProgressEvent)[]): void;
  /** Lines that stay. */
  say(lines: string[]): void;
  /** Writes nothing until `release`: a person is being asked something. */
  hold(): void;
  release(): void;
  close(): void;
}

export async function createProgressView(stream: NodeJS.WriteStream): Promise<ProgressView> {
  if (!stream.isTTY) return new PlainView(stream);
  // What redraws a terminal takes its time to load, and a build log has no use for it.
  const { LiveView } = await import('./live-view.ts');
  return new LiveView(stream);
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
      const line = this.#lineOf(event);
      if (line !== null) this.#line(line);
    }
  }

  say(lines: string[]): void {
    for (const line of lines) this.#stream.write(`${line}\n`);
  }

  hold(): void {
    // Nobody can be asked where this is read.
  }

  release(): void {
    // As above.
  }

  close(): void {
    clearInterval(this.#timer);
    this.#summary();
  }

  #lineOf(event: RunEvent | ProgressEvent): string | null {
    const { run } = this.#tree;
    switch (event.type) {
      case 'run.started':
        return run && `${run.name}: ${run.providerTitle}`;
      case 'run.paused':
        return `paused; \`counterpoint resume ${run?.id}\` goes on`;
      case 'run.unpaused':
        return 'goes on';
      case 'run.changed':
        return event.change.script === undefined ? null : `goes on with ${event.change.script}`;
      case 'phase.began':
        return `phase ${event.title}`;
      case 'log':
        return event.level === 'info' ? event.message : `${event.level}: ${event.message}`;
      default:
        return null;
    }
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
