import type { RunListener } from '../runs/run-feeds.ts';
import type { RunManager } from '../runs/run-manager.ts';
import type { Asked } from './asked.ts';
import { createProgressView, type ProgressView } from './progress.ts';
import { QuestionDesk } from './question-desk.ts';
import type { Question } from './questions.ts';
import type { CommandLine } from './usage.ts';

/** What a person sees of one run while this process drives it, or follows one that drives it. All of it goes to stderr. */
export class RunScreen {
  #line: CommandLine;
  #manager: RunManager;
  #view: ProgressView;
  #desk: QuestionDesk | null = null;
  /** What is to be asked of a run that is not shown yet. */
  #early: Asked[] = [];
  #unfollow: () => void = () => undefined;

  private constructor(line: CommandLine, manager: RunManager, view: ProgressView) {
    this.#line = line;
    this.#manager = manager;
    this.#view = view;
  }

  static async open(line: CommandLine, manager: RunManager): Promise<RunScreen> {
    return new RunScreen(line, manager, await createProgressView(process.stderr));
  }

  /** Shows the run so far, and from now on. `onHopeless`: it waits for a person, without end, and nobody is there. */
  follow(runId: string, onHopeless: (question: Question) => void): void {
    const { workspace, unattended } = this.#line;
    const desk = new QuestionDesk({ manager: this.#manager, runId, view: this.#view, workspace, unattended });
    this.#desk = desk;
    this.#unfollow = followRun(this.#manager, runId, (events) => {
      this.#view.hear(events);
      desk.hear(events);
      if (desk.hopeless) onHopeless(desk.hopeless);
    });
    for (const asked of this.#early.splice(0)) desk.askBeside(asked);
  }

  say(line: string): void {
    this.#view.say([line]);
  }

  /** Asks what no event of the run asks. */
  ask(asked: Asked): void {
    if (this.#desk) this.#desk.askBeside(asked);
    else this.#early.push(asked);
  }

  close(): void {
    this.#unfollow();
    this.#desk?.close();
    this.#view.close();
  }
}

/** Tells of every event of a run, once, from its first: whichever process writes them. Returns the way to stop. */
function followRun(manager: RunManager, runId: string, hear: RunListener): () => void {
  let last = 0;
  const tell: RunListener = (events) => {
    const news = events.filter((event) => event.type === 'call.progress' || event.seq > last);
    for (const event of news) if (event.type !== 'call.progress') last = event.seq;
    if (news.length > 0) hear(news);
  };
  // In this order nothing falls between the two; what comes twice is dropped.
  const stop = manager.subscribe(runId, tell);
  tell(manager.events(runId, 0));
  return stop;
}
