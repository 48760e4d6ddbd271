import { isAbsolute, relative, resolve, sep } from 'node:path';
import { programOf, readScript } from '../dialect/read-script.ts';
import type { Provider } from '../models/provider.ts';
import type { ErrorInfo } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import type { Preview } from '../protocol/preview.ts';
import type { RunInfo } from '../protocol/run-events.ts';
import { modelOfAgent } from '../runs/model-choice.ts';
import { newRun } from '../runs/new-run.ts';
import { type PermitReading, permitReading } from '../runs/permit-reading.ts';
import type { RunService } from '../runs/run-service.ts';
import { fillArgs } from '../runs/workflow-args.ts';
import type { LocatedScript } from '../runs/workflow-catalogue.ts';
import { adviceOn } from './preview/advice.ts';
import { FigureBook } from './preview/agent-figures.ts';
import { DrawnTree } from './preview/drawn-tree.ts';
import type { AgentCommand, DryRun } from './preview/dry-run.ts';
import { type AllDryRuns, allDryRuns } from './preview/dry-runs.ts';
import { measure } from './preview/ranges.ts';
import { failsOnText, isSlip } from './preview/script-errors.ts';
import { shapeOf } from './preview/script-shape.ts';
import { toolNeeds } from './preview/tool-needs.ts';
import { workspaceFiles } from './preview/workspace-files.ts';
import type { PreviewedRun, PreviewRequest } from './preview-request.ts';

/** Previews of this process so far: each has an id of its own. */
let previews = 0;

/** Milliseconds that the workspace may take to be listed. */
const LIST_MS = 3_000;

/** Scripts that never say a word of files are not shown any. */
const ABOUT_FILES = /\b(files?|paths?)\b/i;

/**
 * Tells what a script would do, by dry runs of it: agents are answered with made-up values, tools that only read may really
 * read, and time is virtual. Nothing is written, and nothing is sent to a model.
 * @throws ScriptRefusedError where the script must not run, UserError for everything else a person can mend, the signal's
 * reason when aborted.
 */
export async function previewScript(runs: RunService, request: PreviewRequest): Promise<PreviewedRun> {
  request.signal?.throwIfAborted();
  const located = await scriptOf(runs, request);
  const args = fillArgs(located.script.meta.args, request.args);
  const provider = await runs.provider(request.provider, request.model);
  const info = infoOf(located, request, provider);
  const history = runs.history();
  const figures = new FigureBook(provider, history, runs.lookingTools.agents);
  const program = programOf(located.script);
  const now = Date.now();
  const agentTypes = request.mayRead ? await runs.agentTypes() : null;
  const modelOf = ({ request: { options, role }, phase }: AgentCommand): string => {
    const model = options.model || agentTypes?.of(options.agentType)?.model;
    return modelOfAgent({ options: model ? { model } : {}, role, phase }, info, (name) => provider.resolveModel(name));
  };
  const permit = permitReading(request.permissions);
  const dry = await whileWanted(request.signal, (signal) =>
    allDryRuns({
      runs,
      script: located.script,
      shape: shapeOf(program),
      args,
      now,
      limits: info.limits,
      agentTypes,
      mayRead: request.mayRead,
      permit,
      files: filesFor({ runs, request, located, args, permit, signal }),
      history,
      figures,
      modelOf,
      understands: (prompt) => provider.understands?.(prompt) ?? true,
      signal,
    }),
  );
  const shown = likeliest(dry);
  const { lean, likely, rich, failing } = dry;
  const tree = new DrawnTree(shown, { info, text: located.text, at: now, modelOf });
  const preview: Preview = {
    script: { title: info.script, name: info.name, description: info.description, digest: info.digest },
    ...measure({ lean, likely: shown, rich }, provider),
    basis: basisOf(figures, [lean, likely, rich]),
    tools: toolNeeds([lean, likely, rich], agentTypes, runs.lookingTools),
    checkpoints: shown.checkpoints,
    advice: adviceOn({ located, program, args, runs: [likely, rich, lean], failing }),
    error: errorOf(shown),
  };
  return { preview, text: located.text, runId: info.id, events: tree.events, details: (call) => tree.details(call) };
}

/** What the run would be told of, were it one. @throws UserError where a limit cannot hold. */
function infoOf(located: LocatedScript, request: PreviewRequest, provider: Provider): RunInfo {
  const { info } = newRun(located, request, provider);
  previews += 1;
  return { ...info, id: `preview-${info.digest.slice(0, 8)}-${previews}`, preview: true };
}

/** What a dry run leaves behind it, such as a search through the workspace, ends with the work. */
async function whileWanted<T>(wanted: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  try {
    return await work(wanted ? AbortSignal.any([wanted, over.signal]) : over.signal);
  } finally {
    over.abort(new Error('the preview is over'));
  }
}

async function filesFor(wanted: {
  runs: RunService;
  request: PreviewRequest;
  located: LocatedScript;
  args: Json | undefined;
  permit: PermitReading;
  signal: AbortSignal;
}): Promise<readonly string[] | null> {
  const { runs, request, located, args, permit, signal } = wanted;
  if (!request.mayRead || !ABOUT_FILES.test(located.text)) return null;
  const late = AbortSignal.timeout(LIST_MS);
  try {
    return await workspaceFiles({ runs, permit, signal: AbortSignal.any([signal, late]) }, args);
  } catch (error) {
    // In a workspace too large to be listed while somebody waits, files are made up like all else.
    if (late.aborted && !signal.aborted) return null;
    throw error;
  }
}

/** The script that lies there, or the text that is to be taken in its place. */
async function scriptOf(runs: RunService, { script, text }: PreviewRequest): Promise<LocatedScript> {
  if (text === undefined) return await runs.locate(script);
  const inside = relative(runs.workspace, resolve(runs.workspace, script));
  const title = inside.startsWith('..') || isAbsolute(inside) ? script : inside.split(sep).join('/');
  return { title, text, script: readScript(text) };
}

/**
 * A script may refuse an answer in words of its own, such as a list that is empty or too long. Where that is what ended the
 * likely dry run, and another one came through, that one shows better what would happen.
 */
function likeliest({ lean, likely, rich }: AllDryRuns): DryRun {
  if (likely.end.ok || isSlip(likely.end.error)) return likely;
  return [rich, lean].find(({ end }) => end.ok) ?? likely;
}

function errorOf(run: DryRun): ErrorInfo | null {
  const { end, endless, cutShort } = run;
  return end.ok || endless || cutShort || failsOnText(run) ? null : end.error;
}

function basisOf(figures: FigureBook, runs: DryRun[]): string {
  const cut = runs.some(({ cutShort }) => cutShort);
  return cut ? `${figures.basis}; a dry run took too long and was ended, so it is at least this` : figures.basis;
}
