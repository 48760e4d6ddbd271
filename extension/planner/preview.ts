import { isAbsolute, relative, resolve, sep } from 'node:path';
import { programOf, readScript } from '../dialect/read-script.ts';
import type { Provider } from '../models/provider.ts';
import type { ErrorInfo } from '../protocol/errors.ts';
import type { Preview, ToolNeed } from '../protocol/preview.ts';
import type { RunInfo } from '../protocol/run-events.ts';
import { newRun } from '../runs/new-run.ts';
import type { RunService } from '../runs/run-service.ts';
import type { LocatedScript } from '../runs/workflow-catalogue.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { READ_ONLY_TOOLS } from '../tools/read-only-tools.ts';
import { FigureBook } from './preview/agent-figures.ts';
import { DrawnTree } from './preview/drawn-tree.ts';
import { DryAnswers, type Failing, PastCalls } from './preview/dry-answers.ts';
import { type DryRun, DryRunner } from './preview/dry-run.ts';
import type { Leaning } from './preview/leaning.ts';
import { type DryRuns, measure } from './preview/ranges.ts';
import { type ScriptShape, shapeOf } from './preview/script-shape.ts';
import { workspaceFiles } from './preview/workspace-files.ts';
import type { PreviewedRun, PreviewRequest } from './preview-request.ts';

/** Previews of this process so far: each has an id of its own. */
let previews = 0;

/**
 * Tells what a script would do, by dry runs of it: agents are answered with made-up values, tools that only read may really
 * read, and time is virtual. Nothing is written, nothing is sent to a model.
 * @throws ScriptRefusedError where the script must not run, UserError for everything else a person can mend, the signal's
 * reason when aborted.
 */
export async function previewScript(runs: RunService, request: PreviewRequest): Promise<PreviewedRun> {
  request.signal?.throwIfAborted();
  const script = await scriptOf(runs, request);
  const provider = await runs.provider(request.provider);
  const abort = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, abort.signal]) : abort.signal;
  try {
    return await new Previewer(runs, request, script, provider, signal).preview();
  } finally {
    // Whatever a dry run still waits for is nobody's any more.
    abort.abort(new Error('the preview is over'));
  }
}

async function scriptOf(runs: RunService, { script, text }: PreviewRequest): Promise<LocatedScript> {
  if (text === undefined) return await runs.locate(script);
  const inside = relative(runs.workspace, resolve(runs.workspace, script));
  const title = inside.startsWith('..') || isAbsolute(inside) ? script : inside.split(sep).join('/');
  return { title, text, script: readScript(text) };
}

/** What there is to see of a preview. */
class Previewer {
  #runs: RunService;
  #request: PreviewRequest;
  #located: LocatedScript;
  #provider: Provider;
  #signal: AbortSignal;
  #info: RunInfo;
  #shape: ScriptShape;
  #figures: FigureBook;
  #now = Date.now();
  #files: Promise<readonly string[] | null>;

  constructor(
    runs: RunService,
    request: PreviewRequest,
    located: LocatedScript,
    provider: Provider,
    signal: AbortSignal,
  ) {
    this.#runs = runs;
    this.#request = request;
    this.#located = located;
    this.#provider = provider;
    this.#signal = signal;
    const { info } = newRun(located, request, provider);
    previews += 1;
    this.#info = { ...info, id: `preview-${info.digest.slice(0, 8)}-${previews}`, preview: true };
    this.#shape = shapeOf(programOf(located.script));
    this.#figures = new FigureBook(provider, runs.history());
    const wanted = request.mayRead && /\b(files?|paths?)\b/i.test(located.text);
    this.#files = wanted ? workspaceFiles(runs, request.args, signal) : Promise.resolve(null);
    this.#files.catch(() => undefined);
  }

  async preview(): Promise<PreviewedRun> {
    const tree = new DrawnTree(this.#info, this.#located.text, this.#now, this.#modelOf);
    const likely = await this.#dryRun('likely', 'none', tree);
    const runs = await this.#others(likely);
    const { name, description } = this.#info;
    const preview: Preview = {
      script: { title: this.#info.script, name, description, digest: this.#info.digest },
      ...measure(runs, this.#provider),
      basis: this.#figures.basis,
      tools: toolsOf(runs),
      checkpoints: likely.checkpoints,
      advice: [],
      error: errorOf(likely),
    };
    return {
      preview,
      text: this.#located.text,
      runId: this.#info.id,
      events: tree.events,
      details: (call) => tree.details(call),
    };
  }

  #modelOf = (name: string | undefined): string => (name ? this.#provider.resolveModel(name) : this.#info.model);

  /** The other two, where they could come out otherwise. */
  async #others(likely: DryRun): Promise<DryRuns> {
    if (likely.laterCalls === 0 && !this.#shape.ownLoops) return { lean: likely, likely, rich: likely };
    const [lean, rich] = await Promise.all([this.#dryRun('lean', 'none'), this.#dryRun('rich', 'none')]);
    return { lean, likely, rich };
  }

  async #dryRun(leaning: Leaning, failing: Failing, tree?: DrawnTree): Promise<DryRun> {
    const [sandbox, files] = await Promise.all([this.#sandbox(), this.#files]);
    const { mayRead, args } = this.#request;
    const close = (): void => sandbox.close();
    this.#signal.addEventListener('abort', close, { once: true });
    const past = leaning === 'likely' && failing === 'none' ? this.#runs.history().lastRun(this.#info.name) : null;
    try {
      this.#signal.throwIfAborted();
      const runner = new DryRunner({
        sandbox,
        source: this.#located.script.source,
        args,
        now: this.#now,
        limits: this.#info.limits,
        leaning,
        answers: new DryAnswers({ runs: this.#runs, mayRead, leaning, failing, files, signal: this.#signal }),
        past: new PastCalls(past),
        figures: this.#figures,
        resolveModel: this.#modelOf,
        ownLoops: this.#shape.ownLoops,
        ...(tree && { onCommand: (command) => tree.hear(command) }),
      });
      return await runner.play();
    } finally {
      this.#signal.removeEventListener('abort', close);
      close();
    }
  }

  #sandbox(): Promise<Sandbox> {
    return this.#runs.sandbox();
  }
}

function errorOf({ end, endless, cutShort }: DryRun): ErrorInfo | null {
  return end.ok || endless || cutShort ? null : end.error;
}

function toolsOf(runs: DryRuns): ToolNeed[] {
  const all = [runs.likely, runs.rich, runs.lean];
  const agents = all.some((run) => run.agents.length > 0);
  const ours: ToolNeed[] = agents ? READ_ONLY_TOOLS.map(({ name }) => ({ name, by: 'agents', access: 'read' })) : [];
  const called = new Set(all.flatMap((run) => [...run.tools]));
  return [...ours, ...[...called].map((name): ToolNeed => ({ name, by: 'script', access: 'read' }))];
}
