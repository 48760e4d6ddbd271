import { UserError } from '../protocol/errors.ts';
import type { ProgressEvent, RunEvent } from '../protocol/run-events.ts';
import { emptyRunTree, foldRun } from '../protocol/run-tree.ts';
import type { RunListener } from '../runs/run-feeds.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { canAsk } from './ask.ts';
import { type Asked, askedCheckpoint, askedPermission } from './asked.ts';
import { PermissionBoard } from './permission-board.ts';
import { printable } from './printable.ts';
import type { ProgressView } from './progress.ts';
import { openQuestions, type Question } from './questions.ts';

export interface QuestionDeskParts {
  manager: RunManager;
  runId: string;
  view: ProgressView;
  workspace: string;
  /** Nobody is there to answer. */
  unattended: boolean;
}

/** Tells a person, once, of each question of a run that is shown, and asks it right there where somebody can type. */
export class QuestionDesk {
  #parts: QuestionDeskParts;
  /** Of what concerns questions of the script. */
  #tree = emptyRunTree();
  #permissions = new PermissionBoard();
  /** A question is told again where the script began anew and it has another number by now. */
  #told = new Set<string>();
  /** What no event of the run asks. */
  #beside = new Map<string, Asked>();
  #toAsk: string[] = [];
  #asking: { id: string; withdraw: AbortController } | null = null;
  #closed = false;

  constructor(parts: QuestionDeskParts) {
    this.#parts = parts;
  }

  hear: RunListener = (events) => {
    let concerned = false;
    for (const event of events) {
      if (event.type === 'call.progress') continue;
      const concernsTree = this.#concernsQuestions(event);
      if (concernsTree) foldRun([event], this.#tree);
      concerned = this.#permissions.hear(event) || concernsTree || concerned;
    }
    if (!concerned) return;
    const open = this.#open();
    for (const [id, asked] of open) {
      if (this.#told.has(id)) continue;
      this.#told.add(id);
      this.#parts.view.say(asked.lines());
      if (canAsk() && !this.#parts.unattended) this.#toAsk.push(id);
    }
    if (this.#asking && !open.has(this.#asking.id)) this.#asking.withdraw.abort();
    void this.#askNext();
  };

  /** The tree here is one of questions alone: a thousand agents would make it as large as the run's own. */
  #concernsQuestions(event: RunEvent | ProgressEvent): boolean {
    if (event.type === 'call.issued') return event.call.checkpoint !== undefined;
    if (event.type === 'call.started' || event.type === 'call.settled') return this.#tree.calls.has(event.id);
    return event.type.startsWith('run.');
  }

  /** Asks, in its turn, what no event of the run asks; it is asked until it has its answer, or the run has ended. */
  askBeside(asked: Asked): void {
    const done = () => this.#beside.delete(asked.id);
    this.#beside.set(asked.id, { ...asked, ask: (signal) => asked.ask(signal).finally(done) });
    this.#parts.view.say(asked.lines());
    this.#toAsk.push(asked.id);
    void this.#askNext();
  }

  /** What an unattended run would wait for without end. */
  get hopeless(): Question | null {
    if (!this.#parts.unattended) return null;
    return openQuestions(this.#tree).find(({ info }) => info.checkpoint.timeoutAt === null) ?? null;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#asking?.withdraw.abort();
    this.#parts.view.release();
  }

  #open(): Map<string, Asked> {
    const beside = [...this.#beside.values()];
    if (this.#tree.status !== 'running') return new Map(beside.map((one) => [one.id, one]));
    const asked = [
      ...beside,
      ...openQuestions(this.#tree).map((question) => askedCheckpoint(this.#parts, question)),
      ...this.#permissions.open().map((shown) => askedPermission(this.#parts, shown)),
    ];
    return new Map(asked.map((one) => [one.id, one]));
  }

  async #askNext(): Promise<void> {
    if (this.#asking || this.#closed) return;
    const id = this.#toAsk.shift();
    if (id === undefined) return;
    const asked = this.#open().get(id);
    if (asked) await this.#ask(asked);
    await this.#askNext();
  }

  async #ask(asked: Asked): Promise<void> {
    const { view } = this.#parts;
    const withdraw = new AbortController();
    this.#asking = { id: asked.id, withdraw };
    view.hold();
    try {
      for (;;) {
        const problem = await this.#askOnce(asked, withdraw.signal);
        if (problem === null) break;
        view.say([printable(problem)]);
      }
    } finally {
      this.#asking = null;
      // Once the desk is closed, so is the view.
      if (!this.#closed) view.release();
    }
    if (withdraw.signal.aborted && !this.#closed) view.say([asked.elsewhere]);
  }

  /** What is wrong with the answer, where it is worth another try; null where it is given, left for later, or needed no more. */
  async #askOnce(asked: Asked, signal: AbortSignal): Promise<string | null> {
    const { manager, runId, view } = this.#parts;
    try {
      const control = await asked.ask(signal);
      if (control) await manager.control(runId, control);
      return null;
    } catch (error) {
      // With the run over, its journal may be closed.
      if (this.#closed) return null;
      if (!(error instanceof UserError)) throw error;
      if (error.code === 'bad-arguments') return error.message;
      view.say([printable(error.message)]);
      return null;
    }
  }
}
