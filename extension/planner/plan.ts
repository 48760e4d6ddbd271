import type { AgentOutcome } from '../agents/run-agent.ts';
import type { Provider } from '../models/provider.ts';
import { UserError } from '../protocol/errors.ts';
import { plain } from '../protocol/plain-text.ts';
import type { FailureCause } from '../protocol/run-events.ts';
import { permitReading } from '../runs/permit-reading.ts';
import type { RunService } from '../runs/run-service.ts';
import { Caps } from '../scheduler/caps.ts';
import { pickBundled } from './pick-bundled.ts';
import { PLAN_SCHEMA, plannerPrompt, plannerRules } from './plan-prompt.ts';
import type { Plan, PlanRequest } from './plan-request.ts';
import { PlanReview } from './plan-review.ts';

const LONGEST_GOAL = 20_000;

/**
 * Makes a workflow of a goal. A model scouts the workspace and writes a script, which is read, linted and dry-run until it is
 * good; the built-in analyst, which is no model, picks the bundled workflow that fits. Nothing is written to disk, and no
 * agent of the script is sent out.
 * @throws UserError `bad-arguments` for a goal that says nothing, `not-possible` where no good script came of it, and what the
 * provider throws; the signal's reason when aborted.
 */
export async function planWorkflow(runs: RunService, request: PlanRequest): Promise<Plan> {
  const goal = readGoal(request.goal);
  request.signal?.throwIfAborted();
  const provider = await runs.provider(request.provider, request.model);
  if (provider.id === 'builtin') return await pickBundled(runs, provider, { ...request, goal });
  return await writeWorkflow(runs, provider, { ...request, goal });
}

function readGoal(goal: string): string {
  const text = goal.trim();
  if (text === '')
    throw new UserError('bad-arguments', 'Say what the workflow is for, such as "Find swallowed errors in src".');
  if (text.length <= LONGEST_GOAL) return text;
  throw new UserError(
    'bad-arguments',
    `The goal has ${text.length} characters; ${LONGEST_GOAL} are the most. Put the details into a file of the workspace and name it in the goal.`,
  );
}

/** Has a model write the script, as one agent under the same governor as those of a run. */
async function writeWorkflow(runs: RunService, provider: Provider, request: PlanRequest): Promise<Plan> {
  const stop = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, stop.signal]) : stop.signal;
  const model = request.model ? provider.resolveModel(request.model) : provider.defaultModel;
  const taken = (await runs.workflows()).map(({ name }) => name);
  const review = new PlanReview(runs, request, taken, signal);
  const permit = permitReading(request.permissions);
  const agents = runs.agents(provider);
  agents.listen({
    tell: (message) => request.onProgress?.(message),
    onDead: (error) => stop.abort(noPlan({ kind: 'refused', message: error.message }, review)),
  });
  let outcome: AgentOutcome | undefined;
  await agents.run({
    prompt: plannerPrompt(request),
    rules: plannerRules(),
    options: { schema: PLAN_SCHEMA, effort: 'high' },
    role: 'agent',
    model,
    caps: new Caps({ maxAgents: 1, budget: null }, { outputTokens: 0, costUsd: null }),
    signal,
    // What keeps a script from being tried at all is told to the person, not to the model.
    checkAnswer: (answer) =>
      review.check(answer).catch((error) => {
        stop.abort(error);
        throw error;
      }),
    admit: async (call) => {
      const permitted = await permit(call);
      return permitted.allowed ? { allowed: true, context: { ...call.context, bounds: permitted.bounds } } : permitted;
    },
    takeMessages: () => [],
    onStarted: () => request.onProgress?.('looking at the workspace'),
    onProgress: (doing) => request.onProgress?.(doing),
    onTranscript: () => undefined,
    onEnded: async (ended) => {
      outcome = ended;
    },
  });
  // A script that could merely be better is better than none, whatever came after it.
  if (review.best && outcome) return { ...review.best, by: model, attempts: review.attempts, usage: outcome.usage };
  throw noPlan(outcome && !outcome.ok ? outcome.cause : null, review);
}

/** Why no plan came of it, and what to do. */
function noPlan(cause: FailureCause | null, review: PlanReview): Error {
  const why = sentence(plain(cause?.message ?? 'no answer came', 400));
  const notPossible = (message: string): UserError => new UserError('not-possible', message);
  switch (cause?.kind) {
    case 'schema':
      return notPossible(
        `${noneGood(review) ?? `The model gave no script. The last problem: ${why}`} Ask for something smaller or say it in other words, take a stronger model, or run a bundled workflow.`,
      );
    case 'turns':
    case 'context':
      return notPossible(
        `The model looked at the workspace without end and wrote no script: ${why} Name the folders that matter in the goal.`,
      );
    case 'refused':
    case 'bad-request':
      return notPossible(`The model was not to be had for the plan: ${why} Take another one.`);
    case 'retries-exhausted':
      return notPossible(`The model was not to be had for the plan: ${why} Try again later.`);
    default:
      return new Error(`The planning failed: ${why}`);
  }
}

/** Null where the model gave no script that could be looked at. */
function noneGood({ attempts, lastProblem }: PlanReview): string | null {
  if (lastProblem === null) return null;
  const scripts = attempts === 1 ? 'a script that is not good' : `${attempts} scripts, none of them good`;
  return `The model wrote ${scripts}. The last problem: ${sentence(plain(lastProblem, 400))}`;
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
