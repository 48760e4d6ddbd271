import type { Grants } from '../permissions/grants.ts';
import { pastPermissions } from '../permissions/past-permissions.ts';
import { type Answer, Permissions, type PermissionsOptions, type Permit } from '../permissions/permissions.ts';
import type { Rule } from '../permissions/rules.ts';
import { showCall } from '../permissions/show.ts';
import { callNumberWords } from '../protocol/call-number.ts';
import { UserError } from '../protocol/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';
import type {
  PermissionAnswer,
  PermissionDecision,
  PermissionQuestion,
  Profile,
  WholeCall,
} from '../protocol/permissions.ts';
import { plain } from '../protocol/plain-text.ts';
import { type RunEvent, workflowNameOf } from '../protocol/run-events.ts';
import { type Tool, type ToolContext, ToolRefusal } from '../tools/tool.ts';
import { alarm } from './checkpoints.ts';
import type { LiveCall } from './live-call.ts';
import type { RunLog } from './run-log.ts';
import type { Attendance } from './run-service.ts';
import { NOBODYS_CALL } from './run-turns.ts';

const MAX_NAME = 60;

/** Whose tool call it is: an agent, or the script's own call of a tool. */
type Asker = Pick<LiveCall, 'info' | 'present'>;

/** A tool call that wants to be allowed. */
export interface AskedCall {
  tool: Tool;
  input: JsonObject;
  context: ToolContext;
  /** Hears what a person is asked about, and null once it does not wait for them any more. */
  onWait(what: string | null): void;
}

export interface RunPermissionsParts {
  log: RunLog;
  /** Decides; what it has to ask and to write down comes back here. */
  permissions(hooks: Pick<PermissionsOptions, 'ask' | 'waiting' | 'decided'>): Permissions;
  /** Nobody will answer: what would be asked is denied at once. */
  nobodyThere: boolean;
  /** The run cannot go on. */
  onFailure(error: unknown): void;
}

/** By what the tool calls of one attempt are decided. */
export interface Deciding {
  past: RunEvent[];
  rules: readonly Rule[];
  /** As in `PermissionsOptions`. */
  confined: boolean;
  attendance: Attendance;
}

/** The permissions of a run that begins or goes on. */
export function permissionsOf(
  parts: Deciding & {
    log: RunLog;
    profile: Profile;
    workspace: string;
    grants: Grants;
    onFailure(error: unknown): void;
  },
): RunPermissions {
  const { log, past, rules, confined, profile, workspace, grants, attendance, onFailure } = parts;
  const { unattended = false, permissionTimeoutMs: timeoutMs = null } = attendance;
  const script = {
    workspace,
    name: log.tree.run ? workflowNameOf(log.tree.run) : '',
    // As it is now: what was allowed for good holds for that text of the script, and it may be replaced on the way.
    get digest() {
      return log.tree.run?.digest ?? '';
    },
  };
  return new RunPermissions({
    log,
    nobodyThere: unattended && timeoutMs === null,
    permissions: (hooks) =>
      new Permissions({
        ...hooks,
        rules,
        profile,
        confined,
        script,
        grants,
        past: pastPermissions(past),
        timeoutMs,
      }),
    onFailure,
  });
}

/** A tool call that is being decided, and the question that it waits for. */
interface Pending {
  asker: Asker;
  question: number | null;
  onWait: AskedCall['onWait'];
}

interface OpenQuestion {
  question: PermissionQuestion;
  whole: WholeCall;
  /** The tool call that shows it; the others that wait for the same do not. */
  shownBy: number;
  answer: PromiseWithResolvers<Answer>;
  answered: boolean;
}

/** What the tool calls of one run may do, as its events tell of it: who waits for which question, and how each was decided. */
export class RunPermissions {
  readonly #parts: RunPermissionsParts;
  readonly #permissions: Permissions;
  readonly #pending = new Map<number, Pending>();
  readonly #open = new Map<number, OpenQuestion>();
  /** Of questions that a person answered: resolved once that is written down, or nobody waits for it any more. */
  readonly #heard = new Map<number, PromiseWithResolvers<void>>();
  #lastCall = 0;

  constructor(parts: RunPermissionsParts) {
    this.#parts = parts;
    this.#permissions = parts.permissions({
      ask: (call, question, signal, whole) => this.#ask(call, { question, whole }, signal),
      waiting: (call, question, what) => this.#wait(call, question, what),
      decided: (call, decision) => this.#decided(call, decision),
    });
  }

  /** Whether a tool call may be done, once that is known. @throws ToolError as `Permissions.permit`; the signal's reason when aborted. */
  async permit(asker: Asker, { tool, input, context, onWait }: AskedCall): Promise<Permit> {
    this.#lastCall += 1;
    const call = this.#lastCall;
    const pending: Pending = { asker, question: null, onWait };
    this.#pending.set(call, pending);
    try {
      return await this.#permissions.permit({ tool, input, call }, context);
    } catch (error) {
      if (!(error instanceof ToolRefusal)) throw error;
      const why = `Not allowed. ${error.message}`;
      await this.refuse(asker, { name: tool.name, input }, why);
      return { allowed: false, why };
    } finally {
      this.#pending.delete(call);
      if (pending.question !== null) this.#leave(call, pending.question, onWait);
    }
  }

  /** Writes down that a call is not done, for a reason that no rule could change. */
  async refuse(asker: Asker, { name, input }: { name: string; input: Json }, why: string): Promise<void> {
    // A model may call what there is not, by any name.
    const tool = plain(name, MAX_NAME);
    const what = showCall(tool, isJsonObject(input) ? input : {});
    const decision = { question: null, tool, what, allowed: false, by: 'rule', why } as const;
    await this.#parts.log.record({ type: 'permission.decided', id: idOf(asker), decision });
  }

  /** The script has begun anew and asked again for the call of this asker: what it waits for is shown there. */
  joined(asker: Asker): void {
    for (const [call, pending] of this.#pending) {
      const open = pending.asker === asker && pending.question !== null && this.#open.get(pending.question);
      if (!open) continue;
      const shower = this.#pending.get(open.shownBy)?.asker;
      // Another one that waits for the same may have been asked for before.
      if (shower === asker ? open.shownBy === call : !shower?.present) this.#show(open, call);
    }
  }

  /**
   * A person's answer to a question; resolves when it is written down.
   * @param id The call that it was shown at, or any other that waits for it.
   * @throws UserError where it is not asked, or not any more.
   */
  async answer(id: number, question: number, answer: PermissionAnswer): Promise<void> {
    const open = this.#open.get(question);
    if (!open || open.answered)
      throw new UserError(
        'not-possible',
        `Permission ${question} is not asked any more: it has its answer, or what asked for it has ended.`,
      );
    const waiting = [...this.#pending.values()].filter((pending) => pending.question === question);
    if (!waiting.some(({ asker }) => idOf(asker) === id))
      throw new UserError(
        'bad-arguments',
        `Number ${callNumberWords(id)} of the run does not wait for permission ${question}.`,
      );
    open.answered = true;
    const heard = Promise.withResolvers<void>();
    this.#heard.set(question, heard);
    open.answer.resolve(answer);
    await heard.promise;
  }

  async #ask(
    call: number,
    { question, whole }: Pick<OpenQuestion, 'question' | 'whole'>,
    signal: AbortSignal,
  ): Promise<Answer> {
    if (this.#parts.nobodyThere) return 'unattended';
    const answer = Promise.withResolvers<Answer>();
    const open: OpenQuestion = { question, whole, shownBy: call, answer, answered: false };
    const callOff = question.timeoutAt === null ? () => undefined : alarm(question.timeoutAt, () => this.#runOut(open));
    const withdraw = (): void => answer.reject(signal.reason);
    signal.addEventListener('abort', withdraw, { once: true });
    this.#open.set(question.id, open);
    this.#show(open, call);
    try {
      return await answer.promise;
    } finally {
      callOff();
      signal.removeEventListener('abort', withdraw);
      this.#open.delete(question.id);
    }
  }

  #runOut(open: OpenQuestion): void {
    open.answered = true;
    open.answer.resolve('timeout');
  }

  #wait(call: number, question: number, what: string): void {
    const pending = this.#pending.get(call);
    if (!pending || this.#parts.nobodyThere) return;
    pending.question = question;
    pending.onWait(what);
  }

  #show(open: OpenQuestion, call: number): void {
    open.shownBy = call;
    const asker = this.#pending.get(call)?.asker;
    if (!asker?.present) return;
    const { id } = asker.info;
    const { question, whole } = open;
    this.#parts.log
      .record(
        { type: 'permission.asked', id, question },
        { rows: () => [{ table: 'questions', id: question.id, call: whole }] },
      )
      .catch((error: unknown) => this.#parts.onFailure(error));
  }

  #leave(call: number, question: number, onWait: AskedCall['onWait']): void {
    onWait(null);
    const waiting = [...this.#pending].filter(([, pending]) => pending.question === question);
    const open = this.#open.get(question);
    // What showed it has ended, and others wait on.
    const next = waiting.find(([, pending]) => pending.asker.present) ?? waiting[0];
    if (open?.shownBy === call && !open.answered && next) this.#show(open, next[0]);
    if (waiting.length === 0) this.#isHeard(question);
  }

  async #decided(call: number, decision: PermissionDecision): Promise<void> {
    const id = idOf(this.#pending.get(call)?.asker);
    // A person's word must outlast the machine, too.
    const durable = decision.by === 'person';
    await this.#parts.log.record({ type: 'permission.decided', id, decision }, { durable });
    if (decision.question !== null) this.#isHeard(decision.question);
  }

  #isHeard(question: number): void {
    this.#heard.get(question)?.resolve();
    this.#heard.delete(question);
  }
}

function idOf(asker: Asker | undefined): number {
  return asker?.present ? asker.info.id : NOBODYS_CALL;
}
