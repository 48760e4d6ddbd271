import { isAbsolute, relative, resolve, sep } from 'node:path';
import { programOf, readScript } from '../dialect/read-script.ts';
import type { ErrorInfo } from '../protocol/errors.ts';
import type { Preview } from '../protocol/preview.ts';
import type { RunInfo } from '../protocol/run-events.ts';
import { newRun } from '../runs/new-run.ts';
import type { RunService } from '../runs/run-service.ts';
import { fillArgs } from '../runs/workflow-args.ts';
import type { LocatedScript } from '../runs/workflow-catalogue.ts';
import { adviceOn } from './preview/advice.ts';
import { FigureBook } from './preview/agent-figures.ts';
import { DrawnTree } from './preview/drawn-tree.ts';
import type { DryRun } from './preview/dry-run.ts';
import { type AllDryRuns, allDryRuns } from './preview/dry-runs.ts';
import { measure } from './preview/ranges.ts';
import { failsOnText, isSlip } from './preview/script-errors.ts';
import { shapeOf } from './preview/script-shape.ts';
import { toolNeeds } from './preview/tool-needs.ts';
import { workspaceFiles } from './preview/workspace-files.ts';
import type { PreviewedRun, PreviewRequest } from './preview-request.ts';

/** Previews of this process so far: each has an id of its own. */
let previews = 0;

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
  const provider = await runs.provider(request.provider);
  const { info: planned } = newRun(located, request, provider);
  previews += 1;
  const info: RunInfo = { ...planned, id: `preview-${planned.digest.slice(0, 8)}-${previews}`, preview: true };
  const program = programOf(located.script);
  const history = runs.history();
  const figures = new FigureBook(provider, history);
  const resolveModel = (name: string | undefined): string => (name ? provider.resolveModel(name) : info.model);
  const now = Date.now();
  // What a dry run leaves behind it, such as a search through the workspace, ends with the preview.
  const over = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, over.signal]) : over.signal;
  try {
    const reads = request.mayRead && ABOUT_FILES.test(located.text);
    const files = reads ? workspaceFiles(runs, args, signal) : Promise.resolve(null);
    files.catch(() => undefined);
    const { name } = located.script.meta;
    const { source } = located.script;
    const { limits } = info;
    const { mayRead } = request;
    const parts = { runs, name, source, shape: shapeOf(program), args, now, limits, mayRead, files, history };
    const understands = (prompt: string): boolean => provider.understands?.(prompt) ?? true;
    const dry = await allDryRuns({ ...parts, figures, resolveModel, understands, signal });
    const shown = likeliest(dry);
    const { lean, likely, rich, failing } = dry;
    const tree = new DrawnTree(shown, { info, text: located.text, at: now, resolveModel });
    const preview: Preview = {
      script: { title: info.script, name: info.name, description: info.description, digest: info.digest },
      ...measure({ lean, likely: shown, rich }, provider),
      basis: basisOf(figures, [lean, likely, rich]),
      tools: toolNeeds([lean, likely, rich]),
      checkpoints: shown.checkpoints,
      advice: adviceOn({ located, program, args, runs: [likely, rich, lean], failing }),
      error: errorOf(shown),
    };
    return { preview, text: located.text, runId: info.id, events: tree.events, details: (call) => tree.details(call) };
  } finally {
    over.abort(new Error('the preview is over'));
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
