import { setTimeout as sleep } from 'node:timers/promises';
import { answerControl, postControl, readControls, takeControlAnswer, withdrawControl } from '../journal/controls.ts';
import type { Journal } from '../journal/journal.ts';
import { isDriven } from '../journal/lease.ts';
import { readLastEvent } from '../journal/reader.ts';
import { errorInfo, UserError, type UserErrorCode } from '../protocol/errors.ts';
import type { RunControl } from '../protocol/run-control.ts';
import { takesNoMore } from './added-task.ts';
import { parseControl } from './control-schema.ts';

/** How often a process that drives runs looks for what others ask of them. */
const LOOK_MS = 250;
/** How often one that asked looks for the answer. */
const ANSWER_MS = 50;

/** Does a control to a run that this process drives; undefined where it drives no such run. */
type Perform = (runId: string, control: RunControl) => Promise<void> | undefined;

/** Where processes that share a journal hand each other what a person wants of a run. */
export class ControlDesk {
  #journal: Journal;
  #perform: Perform;
  #timer: NodeJS.Timeout | null = null;
  #taken = new Set<number>();

  constructor(journal: Journal, perform: Perform) {
    this.#journal = journal;
    this.#perform = perform;
  }

  /** Looks while this process drives something, and only then. */
  serve(driving: boolean): void {
    if (driving) {
      this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
      return;
    }
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    const { database } = this.#journal;
    if (!database.isOpen) return;
    try {
      for (const { id, run, body } of readControls(database)) {
        if (this.#taken.has(id)) continue;
        const control = parseControl(body);
        const done = control ? this.#perform(run, control) : Promise.reject(nonsense());
        if (!done) continue;
        this.#taken.add(id);
        void this.#answer(id, done);
      }
    } catch {
      // A journal that is busy is asked again in a moment; one that is broken ends the runs that write to it.
      return;
    }
  }

  async #answer(id: number, done: Promise<void>): Promise<void> {
    const answer = await done.then(
      () => ({ ok: true as const }),
      (error: unknown) => ({
        ok: false as const,
        error: { ...errorInfo(error), ...(error instanceof UserError && { code: error.code }) },
      }),
    );
    // The asker sees by itself that nobody drives the run any more.
    if (this.#journal.database.isOpen) answerControl(this.#journal.database, id, answer);
    this.#taken.delete(id);
  }

  #hasEnded(runId: string): boolean {
    return readLastEvent(this.#journal.database, runId, ['run.started', 'run.ended'])?.type === 'run.ended';
  }

  /** Has the process that drives the run do it. @throws UserError as that one says, or where it is gone. */
  async ask(runId: string, control: RunControl): Promise<void> {
    const { database } = this.#journal;
    const id = postControl(database, runId, control);
    for (;;) {
      const answer = takeControlAnswer(database, id);
      if (answer === 'gone' || (!isDriven(database, runId) && withdrawControl(database, id))) {
        // The process that stopped it may be gone before it could say so.
        if (control.action === 'stop' && this.#hasEnded(runId)) return;
        throw notRunning(runId, control);
      }
      if (answer !== 'waiting') {
        if (answer.ok) return;
        throw new UserError((answer.error.code ?? 'not-possible') as UserErrorCode, answer.error.message);
      }
      await sleep(ANSWER_MS);
    }
  }
}

export function notRunning(runId: string, { action }: RunControl): UserError {
  if (action === 'add-agent') return takesNoMore(runId);
  return new UserError('not-running', `Run ${runId} is not running. \`resume ${runId}\` goes on with it.`);
}

function nonsense(): UserError {
  return new UserError('bad-arguments', 'What was asked of the run is not understood by the version that drives it.');
}
