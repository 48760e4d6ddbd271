import { createLogUpdate } from 'log-update';
import type { ProgressEvent, RunEvent } from '../protocol/run-events.ts';
import { emptyRunTree, foldRun, type PhaseNode, type RunTree, totalOf } from '../protocol/run-tree.ts';
import { countsText, elapsed, type ProgressView, printable } from './progress.ts';

const REDRAW_MS = 120;
const RECENT_LOGS = 3;

/** Redraws the run's phases in place, for a terminal. */
export class LiveView implements ProgressView {
  #tree: RunTree = emptyRunTree();
  #draw: ReturnType<typeof createLogUpdate>;
  #timer: NodeJS.Timeout;

  constructor(stream: NodeJS.WriteStream) {
    this.#draw = createLogUpdate(stream, { showCursor: true });
    this.#timer = setInterval(() => this.#redraw(), REDRAW_MS);
    this.#timer.unref();
  }

  hear(events: (RunEvent | ProgressEvent)[]): void {
    foldRun(events, this.#tree);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#redraw();
    this.#draw.done();
  }

  #redraw(): void {
    const { run, phases, logs } = this.#tree;
    if (!run) return;
    const lines = [
      `${printable(run.name)} · ${elapsed(this.#tree)} · ${run.providerTitle}`,
      ...phases.map(
        (phase) =>
          `  ${phaseIcon(phase)} ${printable(phase.title).padEnd(14)} ${totalOf(phase.counts) > 0 ? countsText(phase.counts) : ''}`,
      ),
      ...logs.slice(-RECENT_LOGS).map((line) => `  ${printable(line.message).slice(0, 110)}`),
    ];
    this.#draw(lines.join('\n'));
  }
}

function phaseIcon(phase: PhaseNode): string {
  if (phase.beganAt === null) return '○';
  if (phase.counts.failed > 0) return '✕';
  return phase.counts.working + phase.counts.waiting > 0 ? '◐' : '✓';
}
