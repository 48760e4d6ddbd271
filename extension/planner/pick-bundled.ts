import type { Provider } from '../models/provider.ts';
import { UserError } from '../protocol/errors.ts';
import type { JsonObject } from '../protocol/json.ts';
import { plain } from '../protocol/plain-text.ts';
import { NO_USAGE } from '../protocol/run-events.ts';
import type { RunService, WorkflowEntry } from '../runs/run-service.ts';
import { argsFromGoal } from './pick-bundled-args.ts';
import { type Match, matches } from './pick-bundled-words.ts';
import type { Plan, PlanRequest } from './plan-request.ts';
import { previewScript } from './preview.ts';
import type { PreviewedRun } from './preview-request.ts';

/** One that fits nearly as well is taken where the best needs a model. */
const NEARLY = 0.75;
/** It does whatever it is told, so that no words of a goal point at it. */
const FITS_EVERYTHING = 'agent';
const SET_UP =
  'For anything else set up a model: put a key into the environment variable ANTHROPIC_API_KEY, and plan with the provider anthropic';

/**
 * The plan of a provider that is no model, and so writes nothing: of the bundled workflows that say it serves them, the one
 * whose words are those of the goal, its args filled from it.
 * @throws UserError `not-possible` where none fits: what it can do, and how to set up a model.
 */
export async function pickBundled(runs: RunService, provider: Provider, request: PlanRequest): Promise<Plan> {
  const { goal, model, signal = new AbortController().signal } = request;
  request.onProgress?.('looking through the bundled workflows');
  const bundled = (await runs.workflows()).filter(
    ({ name, source, error }) => source === 'bundled' && !error && name !== FITS_EVERYTHING,
  );
  const served = bundled.filter(({ servedBy }) => servedBy?.includes(provider.id));
  const found = matches(goal, bundled);
  const picked = found.find(({ entry, score }) => served.includes(entry) && score >= found[0]!.score * NEARLY);
  if (!picked) throw noneFits(found[0], provider, served);
  const { entry } = picked;
  const args =
    entry.args && 'schema' in entry.args ? await argsFromGoal(entry.args.schema, { text: goal, runs, signal }) : {};
  request.onProgress?.(`trying ${entry.name}`);
  const preview = await previewScript(runs, {
    script: entry.path,
    args,
    provider: request.provider,
    ...(model !== undefined && { model }),
    ...(request.models && { models: request.models }),
    ...(request.limits && { limits: request.limits }),
    ...(request.permissions && { permissions: request.permissions }),
    mayRead: true,
    signal,
  });
  const { error } = preview.preview;
  if (error)
    throw new UserError(
      'not-possible',
      `${entry.name} fits this goal, but would fail here: ${plain(error.message, 400)}`,
    );
  return planOf(picked, args, preview, provider, request);
}

function planOf(
  { entry, words }: Match,
  args: JsonObject,
  preview: PreviewedRun,
  provider: Provider,
  { size }: PlanRequest,
): Plan {
  const given = Object.entries(args).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const why = [
    `No AI model wrote a script: the words of the goal point at the bundled workflow ${entry.name} (${words.join(', ')}).`,
    given.length > 0 ? `From the goal come ${given.join(', ')}.` : 'The goal names nothing that would change its args.',
    entry.description.endsWith('.') ? entry.description : `${entry.description}.`,
    ...(size === 'auto' ? [] : ['It costs nothing, so the size that was asked for changes nothing.']),
  ];
  return {
    name: entry.name,
    text: preview.text,
    args,
    why: why.join(' '),
    bundled: entry.path,
    by: provider.title,
    attempts: 0,
    usage: NO_USAGE,
    preview,
  };
}

function noneFits(best: Match | undefined, { title }: Provider, served: WorkflowEntry[]): UserError {
  const can = served.map(({ name }) => name).join(', ') || 'none';
  const what = best
    ? `The bundled workflow ${best.entry.name} fits this goal, and its agents need a model`
    : 'No bundled workflow fits this goal, and a new one is written by a model';
  return new UserError('not-possible', `${what}, which the ${title} is not. It can run: ${can}. ${SET_UP}.`);
}
