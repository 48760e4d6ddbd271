import { createLogUpdate } from 'log-update';
import { callNumberWords } from '../protocol/call-number.ts';
import { governorWords } from '../protocol/governor-words.ts';
import type { ProgressEvent, RunEvent } from '../protocol/run-events.ts';
import { emptyRunTree, foldRun, type PhaseNode, type RunTree, totalOf, UNNAMED_PHASE } from '../protocol/run-tree.ts';
import { quietOf } from '../protocol/wait-words.ts';
import { printable, shortened } from './printable.ts';
import { countsText, elapsed, type ProgressView } from './progress.ts';
import { openQuestions } from './questions.ts';

const REDRAW_MS = 120;
const RECENT_LOGS = 3;
const MOST_SILENT = 3;
const LINE_LENGTH = 110;

/** Redraws the run's phases in place, for a terminal. */
export class LiveView implements ProgressView {
  #tree: RunTree = emptyRunTree();
  #stream: NodeJS.WriteStream;
  #draw: ReturnType<typeof createLogUpdate>;
  #timer: NodeJS.Timeout;
  #held = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#draw = createLogUpdate(stream, { showCursor: true });
    this.#timer = setInterval(() => this.#redraw(), REDRAW_MS);
    this.#timer.unref();
  }

  hear(events: (RunEvent | ProgressEvent)[]): void {
    foldRun(events, this.#tree);
  }

  say(lines: string[]): void {
    if (!this.#held) this.#draw.clear();
    this.#stream.write(`${lines.join('\n')}\n`);
    this.#redraw();
  }

  hold(): void {
    this.#draw.clear();
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#redraw();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#redraw();
    this.#draw.done();
  }

  #redraw(): void {
    const { run, phases, logs, paused, governor } = this.#tree;
    const held = governorWords(governor, Date.now());
    if (!run || this.#held) return;
    const lines = [
      `${printable(run.name)} · ${elapsed(this.#tree)} · ${printable(run.providerTitle)}`,
      ...(held ? [`  ‖ ${held}`] : []),
      ...(paused ? [`  ‖ paused; \`counterpoint resume ${run.id}\` goes on`] : []),
      ...phases
        .filter(isShown)
        .map(
          (phase) =>
            `  ${phaseIcon(phase)} ${printable(phase.title).padEnd(14)} ${totalOf(phase.counts) > 0 ? countsText(phase.counts) : ''}`,
        ),
      ...openQuestions(this.#tree).map(
        ({ info }) => `  ? question ${info.id} waits: ${shortened(info.checkpoint.question, LINE_LENGTH - 24)}`,
      ),
      ...silentLines(this.#tree),
      ...logs.slice(-RECENT_LOGS).map((line) => `  ${shortened(line.message, LINE_LENGTH)}`),
    ];
    this.#draw(lines.join('\n'));
  }
}

/** Agents at work that have told nothing for long, the longest silent first. */
function silentLines(tree: RunTree): string[] {
  const now = Date.now();
  const silent = [...tree.calls.values()]
    .filter((call) => quietOf(tree, call, now) !== '')
    .sort((a, b) => (a.movedAt ?? 0) - (b.movedAt ?? 0));
  const more = silent.length - MOST_SILENT;
  return [
    ...silent
      .slice(0, MOST_SILENT)
      .map(
        (call) =>
          `  … agent ${callNumberWords(call.info.id)} (${shortened(call.info.label, 50)}): ${quietOf(tree, call, now)}`,
      ),
    ...(more > 0 ? [`  … and ${more} more without news`] : []),
  ];
}

/** What no phase was named for has a line only where it has agents. */
function isShown({ title, counts }: PhaseNode): boolean {
  return title !== UNNAMED_PHASE || totalOf(counts) > 0;
}

function phaseIcon(phase: PhaseNode): string {
  if (phase.beganAt === null) return '○';
  if (phase.counts.failed > 0) return '✕';
  return phase.counts.working + phase.counts.waiting > 0 ? '◐' : '✓';
}
