import { UserError } from '../protocol/errors.ts';
import type { ProgressEvent, RunEvent } from '../protocol/run-events.ts';
import { emptyRunTree, foldRun } from '../protocol/run-tree.ts';
import type { CheckpointAnswer } from '../protocol/sandbox-wire.ts';
import type { RunListener } from '../runs/run-feeds.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { askHere, canAsk } from './ask.ts';
import { printable } from './printable.ts';
import type { ProgressView } from './progress.ts';
import { answerCommand, openQuestions, type Question, questionLines } from './questions.ts';

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
  /** Of what concerns questions. */
  #tree = emptyRunTree();
  /** A question is told again where the script began anew and it has another number by now. */
  #told = new Set<string>();
  #toAsk: string[] = [];
  #asking: { id: string; withdraw: AbortController } | null = null;
  #closed = false;

  constructor(parts: QuestionDeskParts) {
    this.#parts = parts;
  }

  hear: RunListener = (events) => {
    let concerned = false;
    for (const event of events) {
      if (!this.#concernsQuestions(event)) continue;
      foldRun([event], this.#tree);
      concerned = true;
    }
    if (!concerned) return;
    const open = this.#open();
    for (const [id, question] of open) {
      if (this.#told.has(id)) continue;
      this.#told.add(id);
      this.#tell(question);
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

  #open(): Map<string, Question> {
    if (this.#tree.status !== 'running') return new Map();
    return new Map(openQuestions(this.#tree).map((question) => [`${question.info.id} ${question.info.key}`, question]));
  }

  #tell(question: Question): void {
    const { view, runId, workspace } = this.#parts;
    view.say([...questionLines(question), `  ${answerCommand(runId, question, workspace)}`]);
  }

  async #askNext(): Promise<void> {
    if (this.#asking || this.#closed) return;
    const id = this.#toAsk.shift();
    if (id === undefined) return;
    const question = this.#open().get(id);
    if (question) await this.#ask(id, question);
    await this.#askNext();
  }

  async #ask(id: string, question: Question): Promise<void> {
    const { view } = this.#parts;
    const withdraw = new AbortController();
    this.#asking = { id, withdraw };
    view.hold();
    try {
      for (;;) {
        const answer = await askHere(question, withdraw.signal);
        const problem = answer && (await this.#give(question, answer));
        if (!problem) break;
        view.say([printable(problem)]);
      }
    } finally {
      this.#asking = null;
      // Once the desk is closed, so is the view.
      if (!this.#closed) view.release();
    }
    if (withdraw.signal.aborted && !this.#closed) view.say([`question ${question.info.id} was answered elsewhere`]);
  }

  /** What is wrong with the answer, where it is worth another try; null where it is given, or needed no more. */
  async #give({ info }: Question, answer: CheckpointAnswer): Promise<string | null> {
    const { manager, runId, view } = this.#parts;
    try {
      await manager.control(runId, { action: 'answer', call: info.id, key: info.key, answer });
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
