import { renamedScript } from '../dialect/rename-script.ts';
import { errorInfo, UserError } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import { plainLines } from '../protocol/plain-text.ts';
import type { AdviceKind, Preview } from '../protocol/preview.ts';
import type { RunService } from '../runs/run-service.ts';
import { freeName, slug } from './plan-name.ts';
import { type PlanAnswer, planAnswer } from './plan-prompt.ts';
import type { Plan, PlanRequest } from './plan-request.ts';
import { sizeProblem } from './plan-size.ts';
import { previewScript } from './preview.ts';

/** A plan that may be run, without what only the whole of the planning knows. */
export type GoodPlan = Omit<Plan, 'by' | 'attempts' | 'usage'>;

/** Something wrong with a script; `line` counts from 1, null where it is about the whole. */
interface Problem {
  message: string;
  line: number | null;
}

/** Advice that is no matter of taste: such a script fails, runs away, or hides something. */
const GRAVE: ReadonlySet<AdviceKind> = new Set(['null-not-filtered', 'unbounded-loop', 'out-of-sight']);
/** As long as twenty of the largest bundled scripts. */
const LONGEST_SCRIPT = 200_000;
const MOST_PROBLEMS = 8;

/**
 * Looks at what a planner writes, version after version: a script that cannot run, or that runs badly, goes back to it; what
 * could merely be better is told once, and taken then. What it writes is run nowhere but in the sandbox of the preview.
 */
export class PlanReview {
  /** Scripts that were looked at. */
  attempts = 0;
  /** The last script that may be run. */
  best: GoodPlan | null = null;
  /** Why the last script was not taken, for a person. */
  lastProblem: string | null = null;
  #runs: RunService;
  #request: PlanRequest;
  #taken: ReadonlySet<string>;
  #signal: AbortSignal;
  #advised = false;

  constructor(runs: RunService, request: PlanRequest, taken: readonly string[], signal: AbortSignal) {
    this.#runs = runs;
    this.#request = request;
    this.#taken = new Set(taken);
    this.#signal = signal;
  }

  /**
   * Resolves to what the planner has to mend, or to null: `best` is the plan.
   * @throws whatever keeps a script from being tried at all, such as a UserError `no-engine`.
   */
  async check(answer: Json): Promise<string | null> {
    this.attempts += 1;
    this.#request.onProgress?.(`trying the script, version ${this.attempts}`);
    const draft = planAnswer(answer);
    const looked = await this.#look(draft);
    if ('problems' in looked) return this.#sendBack(draft.script, looked.problems);
    this.best = looked.plan;
    const wishes = this.#advised ? [] : this.#wishes(looked.plan);
    if (wishes.length === 0) return null;
    this.#advised = true;
    return `It would run, and this could be better:\n${inWords(looked.plan.text, wishes)}\nMend what is right in this; what is as it should be may stay as it is.`;
  }

  #sendBack(script: string, problems: Problem[]): string {
    const [first] = problems;
    if (first) this.lastProblem = first.line === null ? first.message : `line ${first.line}: ${first.message}`;
    return inWords(script, problems);
  }

  async #look(draft: PlanAnswer): Promise<{ plan: GoodPlan } | { problems: Problem[] }> {
    const { length } = draft.script;
    if (length > LONGEST_SCRIPT) return { problems: [{ message: tooLong(length), line: null }] };
    const name = freeName(slug(draft.name), (candidate) => this.#taken.has(candidate));
    const { args } = draft;
    const why = plainLines(draft.why);
    const { provider, model, models, limits, permissions } = this.#request;
    try {
      const preview = await previewScript(this.#runs, {
        script: `.counterpoint/drafts/${name}.js`,
        text: renamedScript(draft.script, name),
        ...(args !== undefined && { args }),
        provider,
        ...(model !== undefined && { model }),
        ...(models && { models }),
        ...(limits && { limits }),
        ...(permissions && { permissions }),
        mayRead: true,
        signal: this.#signal,
      });
      const problems = problemsOf(preview.preview);
      if (problems.length > 0) return { problems };
      return { plan: { name, text: preview.text, ...(args !== undefined && { args }), why, preview } };
    } catch (error) {
      const about = error instanceof UserError && (error.code === 'script-refused' || error.code === 'bad-arguments');
      if (!about) throw error;
      return { problems: [{ message: error.message, line: errorInfo(error).line ?? null }] };
    }
  }

  /** What it would be better with. */
  #wishes({ text, preview: { preview } }: GoodPlan): Problem[] {
    const wishes: Problem[] = preview.advice.map(({ message, line }) => ({ message, line }));
    const size = sizeProblem(this.#request.size, preview.agents.likely);
    if (size !== null) wishes.push({ message: size, line: null });
    if (!/\breport\b/.test(text))
      wishes.push({ message: 'The result has no `report`: return an object with one, in Markdown.', line: null });
    return wishes;
  }
}

function tooLong(length: number): string {
  return `The script has ${length} characters; ${LONGEST_SCRIPT} are the most. Take what repeats into functions and loops.`;
}

/** What a script must not be run with, as its dry runs told. */
function problemsOf({ error, advice, agents, capped }: Preview): Problem[] {
  const problems: Problem[] = [];
  if (error) {
    const message = `It fails in a dry run, where every agent gives an answer of its schema: ${error.name}: ${error.message}`;
    problems.push({ message, line: error.line ?? null });
  }
  for (const { kind, message, line } of advice) if (GRAVE.has(kind)) problems.push({ message, line });
  if (capped === 'maxAgents') {
    const message = `A dry run of it ends at the cap of agents: ${agents.high} and more. Cap what grows with the answers, by args.`;
    problems.push({ message, line: null });
  }
  if (!error && agents.high === 0) problems.push({ message: 'No dry run of it sends out a single agent.', line: null });
  return problems;
}

/** As the planner reads them: each with its line, and what stands there. */
function inWords(script: string, problems: Problem[]): string {
  const lines = script.split(/\r\n?|\n/);
  const words = problems.slice(0, MOST_PROBLEMS).map(({ message, line }) => {
    const code = line === null ? '' : (lines[line - 1] ?? '').trim().slice(0, 200);
    return line === null ? `- ${message}` : `- Line ${line}: ${message}${code && `\n  ${code}`}`;
  });
  if (problems.length > MOST_PROBLEMS) words.push(`- and ${problems.length - MOST_PROBLEMS} more`);
  return words.join('\n');
}
