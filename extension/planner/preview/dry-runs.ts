import { setImmediate } from 'node:timers/promises';
import type { AgentTypes } from '../../agents/agent-types.ts';
import type { Script } from '../../dialect/read-script.ts';
import type { Json } from '../../protocol/json.ts';
import type { RunLimits } from '../../protocol/run-events.ts';
import type { AgentHistory } from '../../runs/agent-history.ts';
import type { PermitReading } from '../../runs/permit-reading.ts';
import type { RunService } from '../../runs/run-service.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { FigureBook } from './agent-figures.ts';
import { DryAnswers, type Failing, type Outcome, PastCalls } from './dry-answers.ts';
import { type AgentCommand, type DryRun, DryRunner } from './dry-run.ts';
import type { Leaning } from './leaning.ts';
import { isSlip } from './script-errors.ts';
import type { ScriptShape } from './script-shape.ts';

export interface DryRunsParts {
  runs: RunService;
  script: Script;
  shape: ScriptShape;
  args: Json | undefined;
  now: number;
  limits: RunLimits;
  /** Null where nothing may be read: then nobody knows which there are. */
  agentTypes: AgentTypes | null;
  mayRead: boolean;
  permit: PermitReading;
  /** Null where they are not known. */
  files: Promise<readonly string[] | null>;
  history: AgentHistory;
  figures: FigureBook;
  modelOf(agent: AgentCommand): string;
  understands(prompt: string): boolean;
  signal: AbortSignal;
}

export interface AllDryRuns {
  lean: DryRun;
  likely: DryRun;
  rich: DryRun;
  /** Those in which some agents have no answer. */
  failing: DryRun[];
}

/**
 * Runs a script dry as often as it takes: the likely way first, for it tells which of the others could come out otherwise.
 * Each has a sandbox of its own. Rejects with the signal's reason when aborted.
 */
export async function allDryRuns(parts: DryRunsParts): Promise<AllDryRuns> {
  // It is waited for with the first sandbox.
  parts.files.catch(() => undefined);
  const taken = new Sandboxes(parts.runs, parts.signal);
  const toolOutputs = new Map<string, Promise<Outcome>>();
  const play = (leaning: Leaning, failing: Failing): Promise<DryRun> =>
    dryRun({ ...parts, toolOutputs }, taken, leaning, failing);
  try {
    const likely = await play('likely', 'none');
    if (isDead(likely)) return { lean: likely, likely, rich: likely, failing: [] };
    const branches =
      likely.laterCalls > 0 || parts.shape.ownLoops || votesInTurn(likely) || leavesOut(parts.shape, likely);
    const other = (leaning: Leaning): Promise<DryRun> => (branches ? play(leaning, 'none') : Promise.resolve(likely));
    const [lean, rich, ...failing] = await Promise.all([
      other('lean'),
      other('rich'),
      ...failuresWorthTrying(likely).map((which) => play('likely', which)),
    ]);
    return { lean, likely, rich, failing };
  } finally {
    taken.close();
  }
}

/** A script that its sandbox ended would be ended again and again, and each time takes as long as it may. */
function isDead({ end, cutShort }: DryRun): boolean {
  return cutShort || (!end.ok && ENDED_BY_SANDBOX.has(end.error.name));
}

const ENDED_BY_SANDBOX: ReadonlySet<string> = new Set(['TurnTimeoutError', 'MemoryLimitError', 'SandboxError']);

/** Whether a challenge sends as many as it takes: how many that is, the votes say. */
function votesInTurn({ commands }: DryRun): boolean {
  return commands.some(
    (command) => command.type === 'group-open' && command.kind === 'challenge' && command.size === 0,
  );
}

/** Whether there are places that ask agents and were not come to. */
function leavesOut({ sendingLines }: ScriptShape, { sites }: DryRun): boolean {
  const reached = new Set(sites.map(({ line }) => line));
  return [...sendingLines].some((line) => !reached.has(line));
}

function failuresWorthTrying({ end, agents }: DryRun): Failing[] {
  if (!end.ok && isSlip(end.error)) return [];
  const alone = agents.filter(({ grouped }) => !grouped).length;
  const failing: Failing[] = [];
  if (agents.length > alone) failing.push('in groups');
  if (alone > 0) failing.push('alone');
  return failing;
}

async function dryRun(
  parts: DryRunsParts & { toolOutputs: Map<string, Promise<Outcome>> },
  taken: Sandboxes,
  leaning: Leaning,
  failing: Failing,
): Promise<DryRun> {
  const [sandbox, files] = await Promise.all([taken.take(), parts.files]);
  const { runs, script, agentTypes, mayRead, permit, signal, history, toolOutputs, understands } = parts;
  // Who was asked the very same in the last run of this workflow is likely to answer the same again.
  const past = leaning === 'likely' && failing === 'none' ? history.lastRun(script.meta.name) : null;
  const runner = new DryRunner({
    ...parts,
    source: script.source,
    sandbox,
    leaning,
    answers: new DryAnswers({
      runs,
      agentTypes,
      mayRead,
      permit,
      leaning,
      failing,
      files,
      toolOutputs,
      understands,
      signal,
    }),
    past: new PastCalls(past),
    ownLoops: parts.shape.ownLoops,
  });
  try {
    return await runner.play();
  } finally {
    sandbox.close();
    signal.throwIfAborted();
    // So that several dry runs of a thousand agents each leave the host its turns.
    await setImmediate();
  }
}

/** A sandbox that was kept ready is there sooner, and then the next one is on its way up already. */
const KEPT_MS = 20;

/** The sandboxes of one preview, all of them closed in the end. */
class Sandboxes {
  #runs: RunService;
  #signal: AbortSignal;
  #all: Promise<Sandbox>[] = [];
  /** Nearly every script needs a second one, and it takes longer to come up than most scripts to run. */
  #spare: Promise<Sandbox> | null = null;
  #close = (): void => this.close();

  constructor(runs: RunService, signal: AbortSignal) {
    this.#runs = runs;
    this.#signal = signal;
    signal.addEventListener('abort', this.#close, { once: true });
  }

  async take(): Promise<Sandbox> {
    this.#signal.throwIfAborted();
    const taken = this.#spare ?? this.#launch();
    this.#spare = null;
    const late = this.#all.length === 1 ? setTimeout(() => (this.#spare = this.#launch()), KEPT_MS) : undefined;
    try {
      const sandbox = await taken;
      this.#signal.throwIfAborted();
      return sandbox;
    } finally {
      clearTimeout(late);
    }
  }

  #launch(): Promise<Sandbox> {
    const launched = this.#runs.sandbox();
    launched.catch(() => undefined);
    this.#all.push(launched);
    return launched;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#close);
    for (const launched of this.#all.splice(0)) launched.then((sandbox) => sandbox.close()).catch(() => undefined);
  }
}
