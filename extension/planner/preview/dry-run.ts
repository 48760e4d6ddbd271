import type { ErrorInfo } from '../../protocol/errors.ts';
import type { Json } from '../../protocol/json.ts';
import { orAborted } from '../../protocol/or-aborted.ts';
import type { Preview } from '../../protocol/preview.ts';
import type { RunLimits } from '../../protocol/run-events.ts';
import {
  CALL_ERRORS,
  type CallCommand,
  type CallRequest,
  type Command,
  RUN_SANDBOX_LIMITS,
  type ScriptEnd,
  type YieldMessage,
} from '../../protocol/sandbox-wire.ts';
import type { Settlement } from '../../runs/settlements.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { SandboxError } from '../../sandbox/sandbox-error.ts';
import { Agenda } from './agenda.ts';
import type { FigureBook, Figures, FiguresByLeaning } from './agent-figures.ts';
import { type AskedSite, AskedSites } from './asked-sites.ts';
import { CallRounds, type Repeated } from './call-rounds.ts';
import { drawn } from './dice.ts';
import { bad, type DryAnswers, good, type Outcome, type PastCalls, type Standing } from './dry-answers.ts';
import type { Leaning } from './leaning.ts';

/** A call for an agent. */
export type AgentCommand = CallCommand & { request: Extract<CallRequest, { kind: 'agent' }> };

export interface DryRunParts {
  sandbox: Sandbox;
  source: string;
  args: Json | undefined;
  /** When it begins, milliseconds since the epoch. */
  now: number;
  limits: RunLimits;
  leaning: Leaning;
  answers: DryAnswers;
  past: PastCalls;
  signal: AbortSignal;
  figures: FigureBook;
  /** The model of an agent, no alias. */
  modelOf(agent: AgentCommand): string;
  /** Whether the script has loops that end by what agents answer. */
  ownLoops: boolean;
}

/** An agent that would be sent out. */
export interface AgentSent {
  /** It stands in a group, beside others or in a round. */
  grouped: boolean;
  phase: string;
  model: string;
  figures: FiguresByLeaning;
}

/** What a script did in a dry run. */
export interface DryRun {
  leaning: Leaning;
  agents: AgentSent[];
  /** Virtual milliseconds. */
  durationMs: number;
  checkpoints: number;
  /** Names of the tools that the script itself called. */
  tools: Set<string>;
  /** The cap that it ran into first. */
  capped: Preview['capped'];
  /** It would have gone on for ever, or for as long as a cap lets it. */
  endless: boolean;
  /** It took too long and was ended before it was through: its figures are the least there would be. */
  cutShort: boolean;
  mostRepeated: Repeated;
  /** The places of the script that asked agents. */
  sites: AskedSite[];
  /** What it asked for, in order, as far as there is room for it. */
  commands: Command[];
  /** How many there was no room for. */
  cutCommands: number;
  /** Calls after the first answer: what the script does depends on what it is told. */
  laterCalls: number;
  end: ScriptEnd;
}

/** A dry run is for the eye: no script may keep it waiting. */
const TURN_MS = 2_000;
const WALL_MS = 6_000;
/** Agents refused by a cap, as in a run, and turns in which some were: a script that goes on after these has no end. */
const MOST_REFUSED = 10_000;
const MOST_REFUSED_TURNS = 2_000;
/** Timers, questions and tool calls, after which the same holds. */
const MOST_OTHER_CALLS = 3_000;
const LONGEST_MS = 366 * 24 * 3_600_000;
/** Calls that settle together, as in a run. */
const MOST_TOGETHER = 64;
const TOOL_MS = 20;
/** Of prompts that are kept to be shown. */
const MOST_CHARACTERS = 32_000_000;

interface Due {
  command: CallCommand;
  /** An agent that has its place: it gives it back when it is done. */
  agent: Figures | null;
  outcome: Outcome | Promise<Outcome>;
}

interface Waiting {
  command: AgentCommand;
  standing: Standing;
  sent: AgentSent;
  known: Outcome | null;
}

const NOTHING = good(null);

/** What reads an option goes as deep as it does, here as in a run. */
const TOO_DEEP: ErrorInfo = { name: 'RangeError', message: 'an option of an agent is nested too deeply to be read' };

/** Ended by us, not by the script. */
const ENDLESS: ErrorInfo = {
  name: 'EndlessError',
  message: 'the dry run was ended, for the script went on and on',
};

/**
 * Runs a script in a sandbox with made-up answers, as a simulation of discrete events: agents take the time that they are
 * expected to, so many at a time, and settle in the order of a virtual clock.
 */
export class DryRunner {
  #parts: DryRunParts;
  #agenda = new Agenda<Due>();
  #waiting: Waiting[] = [];
  #working = 0;
  #now = 0;
  #spent = { tokens: 0, usd: 0 };
  #rounds: CallRounds;
  #began = performance.now();
  #over = new AbortController();
  #ended: AbortSignal;
  #refused = 0;
  #refusedTurns = 0;
  #others = 0;
  #answered = false;
  #sites = new AskedSites();
  #room = MOST_CHARACTERS;
  #run: DryRun;

  constructor(parts: DryRunParts) {
    this.#parts = parts;
    this.#rounds = new CallRounds(parts.ownLoops);
    this.#ended = AbortSignal.any([parts.signal, this.#over.signal]);
    this.#run = {
      leaning: parts.leaning,
      agents: [],
      durationMs: 0,
      checkpoints: 0,
      tools: new Set(),
      capped: null,
      endless: false,
      cutShort: false,
      mostRepeated: this.#rounds.mostRepeated,
      sites: [],
      commands: [],
      cutCommands: 0,
      laterCalls: 0,
      end: { ok: true, result: null },
    };
  }

  /** Never rejects for what the script does, but with the signal's reason; the sandbox is the caller's to close. */
  async play(): Promise<DryRun> {
    const wall = setTimeout(() => this.#cutShort(), WALL_MS);
    try {
      this.#run.end = await this.#play();
    } catch (error) {
      if (error instanceof SandboxError) this.#run.end = { ok: false, error: error.info };
      else if (error instanceof RangeError) this.#run.end = { ok: false, error: TOO_DEEP };
      else throw error;
    } finally {
      clearTimeout(wall);
    }
    const { mostRepeated } = this.#rounds;
    return { ...this.#run, durationMs: this.#now, mostRepeated, sites: this.#sites.all };
  }

  #cutShort(): void {
    this.#run.cutShort = true;
    this.#parts.sandbox.close();
    this.#over.abort(new SandboxError({ name: 'SandboxError', message: 'the dry run took too long' }));
  }

  async #play(): Promise<ScriptEnd> {
    const { sandbox, source, args, now, limits } = this.#parts;
    const first = await sandbox.start({
      source,
      args,
      now,
      seed: 'preview',
      budgetTotal: limits.budget,
      limits: { ...RUN_SANDBOX_LIMITS, turnMs: TURN_MS },
    });
    let end = this.#hear(first);
    while (!end) {
      if (this.#isEndless()) {
        this.#run.endless = true;
        return { ok: false, error: ENDLESS };
      }
      const settlements = await this.#next();
      if (settlements.length === 0) return { ok: false, error: STUCK };
      this.#answered = true;
      for await (const turn of sandbox.settleAll(settlements)) {
        end = this.#hear(turn);
        if (end) break;
      }
    }
    return end;
  }

  #isEndless(): boolean {
    const refused = this.#refused > MOST_REFUSED || this.#refusedTurns > MOST_REFUSED_TURNS;
    return refused || this.#others > MOST_OTHER_CALLS || this.#now > LONGEST_MS;
  }

  #hear({ commands, end }: YieldMessage): ScriptEnd | undefined {
    // A timer waits for a turn of the host's loop, which a hostile script can put off.
    if (performance.now() - this.#began > WALL_MS) this.#cutShort();
    const refusedBefore = this.#refused;
    for (const command of commands) {
      if (command.type === 'group-open') this.#rounds.open(command);
      if (command.type === 'call') this.#issue(command);
      this.#keep(command);
    }
    if (this.#refused > refusedBefore) this.#refusedTurns += 1;
    return end;
  }

  /** A script can write prompts of any length, and any number of them. */
  #keep(command: Command): void {
    if (command.type === 'log') return;
    this.#room -= roomOf(command);
    if (this.#room >= 0) this.#run.commands.push(command);
    else this.#run.cutCommands += 1;
  }

  #issue(command: CallCommand): void {
    const { answers } = this.#parts;
    const { request } = command;
    if (this.#answered) this.#run.laterCalls += 1;
    const round = this.#rounds.roundOf(command);
    if (request.kind === 'agent') return this.#issueAgent({ ...command, request }, round);
    this.#parts.past.of(request);
    this.#others += 1;
    switch (request.kind) {
      case 'timer':
        return this.#enter(request.delayMs, command, good(null));
      case 'checkpoint':
        this.#run.checkpoints += 1;
        return this.#enter(0, command, answers.checkpoint(request, command.call));
      case 'tool':
        this.#run.tools.add(request.name);
        return this.#enter(TOOL_MS, command, answers.tool(request));
      case 'workflow':
        return this.#enter(TOOL_MS, command, answers.workflow(request));
    }
  }

  #enter(ms: number, command: CallCommand, outcome: Outcome | Promise<Outcome>): void {
    // It is waited for when its time comes; until then nobody listens.
    if (outcome instanceof Promise) outcome.catch(() => undefined);
    this.#agenda.enter(this.#now + ms, { command, agent: null, outcome });
  }

  #issueAgent(command: AgentCommand, round: number): void {
    const { limits, answers, modelOf, figures } = this.#parts;
    const { request } = command;
    const past = this.#parts.past.of(request);
    const problem = answers.problemWith(request);
    if (problem) return this.#enter(0, command, problem);
    if (this.#run.agents.length >= limits.maxAgents) {
      return this.#refuse(
        command,
        'maxAgents',
        CALL_ERRORS.agentLimit,
        `the run may ask for ${limits.maxAgents} agents and has asked for all of them`,
      );
    }
    if (this.#exhausted()) return this.#refuseSpent(command);
    const model = modelOf(command);
    const asked = { prompt: request.prompt, options: request.options, role: request.role, model };
    const sent = {
      grouped: command.group !== null,
      phase: command.phase ?? '',
      model,
      figures: past ? figures.ofPast(past.settled) : figures.of(asked),
    };
    this.#run.agents.push(sent);
    const group = this.#rounds.group(command.group);
    this.#sites.note(command, group);
    const standing = { round, place: this.#rounds.placeOf(command), index: command.slot[0] ?? 0, group };
    this.#waiting.push({ command, standing, sent, known: past ? good(past.value) : null });
    this.#fillPlaces();
  }

  #exhausted(): Preview['capped'] {
    const { budget, maxCostUsd } = this.#parts.limits;
    if (budget !== null && this.#spent.tokens >= budget) return 'budget';
    return maxCostUsd !== null && this.#spent.usd >= maxCostUsd ? 'maxCostUsd' : null;
  }

  #refuse(command: CallCommand, cap: NonNullable<Preview['capped']>, name: string, message: string): void {
    this.#refused += 1;
    this.#run.capped ??= cap;
    this.#enter(0, command, bad(name, message));
  }

  #refuseSpent(command: CallCommand): void {
    const { budget, maxCostUsd } = this.#parts.limits;
    const cap = this.#exhausted() ?? 'budget';
    const message =
      cap === 'budget' ? `the budget of ${budget} output tokens is spent` : `the cost cap of $${maxCostUsd} is reached`;
    this.#refuse(command, cap, CALL_ERRORS.budget, message);
  }

  /** Sends out those that wait, as far as there are places. */
  #fillPlaces(): void {
    while (this.#working < this.#parts.limits.concurrency) {
      const next = this.#waiting.shift();
      if (!next) return;
      const { command, sent } = next;
      if (this.#exhausted()) {
        this.#run.agents.splice(this.#run.agents.lastIndexOf(sent), 1);
        this.#refuseSpent(command);
        continue;
      }
      const agent = sent.figures[this.#parts.leaning];
      this.#working += 1;
      // Once the time is up nothing is made up any more; the sandbox ends with the next look at it.
      const outcome = this.#run.cutShort ? NOTHING : (next.known ?? this.#parts.answers.agent(command, next.standing));
      this.#agenda.enter(this.#now + varied(agent.ms, command.call), { command, agent, outcome });
    }
  }

  /** What settles next, and what settles before anything that the script may ask for then can be through. */
  async #next(): Promise<Settlement[]> {
    const settlements: Settlement[] = [];
    const from = this.#agenda.nextAt ?? 0;
    let shortest = Number.POSITIVE_INFINITY;
    while (settlements.length < MOST_TOGETHER) {
      const at = this.#agenda.nextAt;
      if (at === null || at > from + shortest) break;
      const due = this.#agenda.take();
      if (!due) break;
      shortest = Math.min(shortest, due.what.agent ? due.what.agent.ms * LEAST_VARIED : 0);
      settlements.push(await this.#settle(due.at, due.what));
    }
    return settlements;
  }

  async #settle(at: number, { command, agent, outcome }: Due): Promise<Settlement> {
    this.#now = Math.max(this.#now, at);
    if (agent) {
      this.#working -= 1;
      this.#spent.tokens += agent.outputTokens;
      this.#spent.usd += agent.costUsd ?? 0;
      this.#fillPlaces();
    }
    const { now } = this.#parts;
    return {
      call: command.call,
      now: Math.round(now + this.#now),
      spent: Math.round(this.#spent.tokens),
      // A search through a large workspace may take longer than anybody waits for a preview.
      ...(outcome instanceof Promise ? await orAborted(outcome, this.#ended) : outcome),
    };
  }
}

/** No two agents take the same time, and who waits for all of them waits for the slowest. */
const LEAST_VARIED = 0.7;
function varied(ms: number, call: number): number {
  return ms * (LEAST_VARIED + (2 - 2 * LEAST_VARIED) * drawn(`duration ${call}`));
}

/** About what a command takes in memory. */
function roomOf(command: Command): number {
  if (command.type === 'group-open') return 200 + 50 * command.labels.length;
  if (command.type !== 'call' || command.request.kind === 'timer') return 100;
  return 200 + (command.request.kind === 'agent' ? command.request.prompt.length : 4_000);
}

const STUCK: ErrorInfo = {
  name: 'StuckError',
  message: 'the script waits for a promise that nothing will settle: no agent and no timer is under way',
};
