import { UserError } from '../protocol/errors.ts';
import type { JsonObject } from '../protocol/json.ts';
import type {
  Grant,
  PermissionAnswer,
  PermissionDecision,
  PermissionQuestion,
  Profile,
  WholeCall,
} from '../protocol/permissions.ts';
import type { Bounds } from '../tools/bounds.ts';
import type { Tool, ToolContext } from '../tools/tool.ts';
import { boundsOf } from './bounds.ts';
import { decide, grantOf, type PermissionCall, type Verdict } from './decide.ts';
import type { GrantScope, Grants } from './grants.ts';
import { OpenQuestions } from './open-questions.ts';
import type { Rule } from './rules.ts';
import { openFirst, showCall, shownTargets, showTarget } from './show.ts';

/** What comes of a question: a person's answer, or that none came. */
export type Answer = PermissionAnswer | 'timeout' | 'unattended';

export interface PermissionsOptions {
  rules: readonly Rule[];
  profile: Profile;
  /** The sandbox of the operating system holds whatever programs tools run. */
  confined: boolean;
  /** The run's script, by its name and by what grants for good are bound to. */
  script: GrantScope & { name: string };
  grants: Grants;
  /** What the run was granted before it was resumed. */
  past?: PastPermissions;
  /** How long a person has for an answer, milliseconds; null: for ever. */
  timeoutMs: number | null;
  /**
   * Puts a question to a person and gives the answer. The signal is aborted when no call waits for it any more.
   * @param call The first that does. @param whole What the question has no room for.
   */
  ask(call: number, question: PermissionQuestion, signal: AbortSignal, whole: WholeCall): Promise<Answer>;
  /** Hears that a call waits for the answer to a question, be it the first that does or not, and what it would do. */
  waiting?(call: number, question: number, what: string): void;
  /** Writes down how a tool call was decided that was not simply allowed; it is not done before that is through. */
  decided(call: number, decision: PermissionDecision): Promise<void>;
  now?: () => number;
}

/** What the events of a run say about its permissions. */
export interface PastPermissions {
  grants: readonly Grant[];
  /** Id of the last question; 0 where there was none. */
  lastQuestion: number;
}

/** A tool call of an agent. */
export interface WantedCall {
  tool: Tool;
  input: JsonObject;
  /** Id of the agent's call in the run. */
  call: number;
}

/** Whether a tool call may be done, and within which bounds; or why not, in words for the model. */
export type Permit = { allowed: true; bounds: Bounds } | { allowed: false; why: string };

/** Decides about the tool calls of one run: by its rules, by what a person already allowed, and else by asking. */
export class Permissions {
  readonly #options: PermissionsOptions;
  /** What a person allowed for the rest of the run. */
  readonly #granted: Set<string>;
  readonly #questions: OpenQuestions<Settled>;

  constructor(options: PermissionsOptions) {
    this.#options = options;
    this.#granted = new Set(options.past?.grants.map(keyOf));
    this.#questions = new OpenQuestions(options.past?.lastQuestion ?? 0);
  }

  /**
   * Whether a tool call may be done; where a person is asked, once they have answered. Calls that want the same and wait at the same time
   * are one question.
   * @throws ToolError where the tool cannot say what it would touch; the signal's reason when aborted.
   */
  async permit({ tool, input, call }: WantedCall, context: ToolContext): Promise<Permit> {
    const { signal } = context;
    signal.throwIfAborted();
    const targets = tool.targets ? await tool.targets(input, context) : [];
    const { name, access } = tool;
    const wanted: PermissionCall = { tool: name, access, input, targets, confined: this.#options.confined };
    let verdict = this.#decide(wanted);
    if (verdict.outcome === 'ask') {
      await this.#recall(verdict, wanted);
      signal.throwIfAborted();
      // Somebody may have answered meanwhile, too.
      verdict = this.#decide(wanted);
    }
    if (verdict.outcome === 'allow') return this.#allowed(wanted);
    if (verdict.outcome === 'ask') return await this.#ask(call, wanted, verdict, signal);
    const why = `Not allowed. ${verdict.why}.`;
    await this.#options.decided(call, {
      question: null,
      tool: name,
      what: showCall(name, input),
      allowed: false,
      by: 'rule',
      why,
    });
    return { allowed: false, why };
  }

  #decide(wanted: PermissionCall): Verdict {
    return decide(wanted, this.#options.rules, this.#options.profile, (grant) => this.#granted.has(keyOf(grant)));
  }

  #allowed(wanted: PermissionCall): Permit {
    return {
      allowed: true,
      bounds: boundsOf(wanted, this.#options.rules, (grant) => this.#granted.has(keyOf(grant))),
    };
  }

  /** Looks for what a person allowed for good; another window may have asked them since. */
  async #recall({ open }: Verdict, wanted: PermissionCall): Promise<void> {
    const { grants, script } = this.#options;
    const wished = open.map((target) => grantOf(target, wanted));
    const known = await Promise.all(wished.map((grant) => grants.has(script, grant)));
    wished.forEach((grant, at) => {
      if (known[at]) this.#granted.add(keyOf(grant));
    });
  }

  async #ask(call: number, wanted: PermissionCall, verdict: Verdict, signal: AbortSignal): Promise<Permit> {
    const { tool, input } = wanted;
    const grants = verdict.open.map((target) => grantOf(target, wanted));
    const what = showCall(tool, input);
    const ask = async (id: number, unwanted: AbortSignal): Promise<Settled> => {
      const { timeoutMs, now = Date.now } = this.#options;
      const askedAt = now();
      const timeoutAt = timeoutMs === null ? null : askedAt + timeoutMs;
      // Words of commands that stand there already are shown where it is they that are asked about.
      const own = wanted.targets.filter((one) => !(one.kind === 'path' && one.word) || verdict.open.includes(one));
      const targets = shownTargets(own, verdict.open);
      const question = { id, tool, what, targets, why: verdict.why, askedAt, timeoutAt };
      const whole = { input, targets: openFirst(own, verdict.open) };
      return await this.#keep(await this.#options.ask(call, question, unwanted, whole), grants);
    };
    const {
      id,
      first,
      answer: settled,
    } = await this.#questions.answer(grants.map(keyOf), signal, ask, (question) =>
      this.#options.waiting?.(call, question, what),
    );
    const { answer, note } = settled;
    const by = answer === 'timeout' || answer === 'unattended' ? answer : 'person';
    const lasts = first && (answer === 'run' || answer === 'always') ? { grants } : {};
    const allowed = Object.hasOwn(HOW_LONG, answer);
    const why = allowed ? note : refusal(answer, verdict);
    await this.#options.decided(call, { question: id, tool, what, allowed, by, why, ...lasts });
    return allowed ? this.#allowed(wanted) : { allowed, why };
  }

  /** Keeps a yes for as long as the person said; where that cannot be written, for this run at least. */
  async #keep(answer: Answer, grants: readonly Grant[]): Promise<Settled> {
    const { script, grants: store } = this.#options;
    if (answer === 'run' || answer === 'always') for (const grant of grants) this.#granted.add(keyOf(grant));
    const note = Object.hasOwn(HOW_LONG, answer) ? `A person allowed it${HOW_LONG[answer]}.` : '';
    if (answer !== 'always') return { answer, note };
    try {
      await Promise.all(grants.map((grant) => store.add(script, grant, script.name)));
      return { answer, note };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { answer: 'run', note: `A person allowed it for the rest of the run. ${error.message}` };
    }
  }
}

/** How a question ended, and what is written down of a yes. */
interface Settled {
  answer: Answer;
  note: string;
}

function refusal(answer: Answer, { why, open }: Verdict): string {
  const about = showTarget(open[0] ?? null, 'it');
  if (answer === 'timeout')
    return `Not allowed: a person was asked about ${about} and did not answer in time. Go on without it.`;
  if (answer === 'unattended') return `Not allowed, for nobody is there to be asked. ${why}. Go on without it.`;
  return `Not allowed: a person said no to ${about}. Do not try it in another way.`;
}

/** The answers that allow something. What comes from a screen and is none of these allows nothing. */
const HOW_LONG: Readonly<Record<string, string>> = {
  once: '',
  run: ' for the rest of the run',
  always: ' for this script in this folder, for 30 days',
};

function keyOf({ tool, covers }: Grant): string {
  return `${tool} ${covers}`;
}
