import { readScript } from '../dialect/read-script.ts';
import { callNumberWords } from '../protocol/call-number.ts';
import { UserError } from '../protocol/errors.ts';
import type { CallRef, RunControl } from '../protocol/run-control.ts';
import type { CallInfo, RunInfo, RunLimits } from '../protocol/run-events.ts';
import type { Caps } from '../scheduler/caps.ts';
import type { AddedAgents } from './added-agents.ts';
import type { AgentCalls } from './agent-calls.ts';
import type { Cut } from './live-call.ts';
import { digestOf, phasesOf } from './new-run.ts';
import type { RunCalls } from './run-calls.ts';
import type { ScriptText } from './run-driver.ts';
import type { RunLog } from './run-log.ts';

export interface RunSteeringParts {
  log: RunLog;
  agents: AgentCalls;
  caps: Caps;
  calls: RunCalls;
  added: AddedAgents;
  info(): RunInfo;
  /** The script begins anew, with another text where one is given. */
  beginAnew(replacement?: ScriptText): void;
  stop(): void;
  /** @throws UserError where these limits cannot hold. */
  checkLimits(info: RunInfo): void;
}

/** Does to a run under way what a person wants. */
export class RunSteering {
  #parts: RunSteeringParts;
  #paused = false;

  constructor(parts: RunSteeringParts) {
    this.#parts = parts;
  }

  /** Agents are held back, whatever the attempt. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Resolves when it is done and written down. @throws UserError where it cannot be. */
  async control(control: RunControl): Promise<void> {
    const { calls, added } = this.#parts;
    switch (control.action) {
      case 'pause':
        return await this.#pause();
      case 'unpause':
        return await this.#unpause();
      case 'stop':
        return this.#parts.stop();
      case 'stop-agent':
        return this.#cut(control, { how: 'stop' });
      case 'skip-agent': {
        const value = control.value === undefined ? {} : { value: control.value };
        return this.#cut(control, { how: 'skip', ...value });
      }
      case 'retry-agent':
        return await this.#retry(this.#callOf(control));
      case 'message-agent': {
        const call = this.#callOf(control);
        return this.#whose(call).messageAgent(call.id, control.text);
      }
      case 'add-agent':
        return await added.add(control.task);
      case 'set-limits':
        return await this.#setLimits(control.limits);
      case 'replace-script':
        return await this.#replaceScript(control.title, control.text);
      case 'answer':
        return await calls.answer(this.#callOf(control), control.answer);
      case 'permit':
        return await calls.permit(this.#callOf(control), control.permission, control.answer);
    }
  }

  async #pause(): Promise<void> {
    const { agents, log } = this.#parts;
    if (this.#paused) return;
    this.#paused = true;
    agents.pause();
    await log.record({ type: 'run.paused' }, { durable: true });
  }

  async #unpause(): Promise<void> {
    const { agents, log } = this.#parts;
    if (!this.#paused) return;
    this.#paused = false;
    agents.unpause();
    await log.record({ type: 'run.unpaused' }, { durable: true });
  }

  #cut(ref: CallRef, cut: Extract<Cut, { how: 'stop' | 'skip' }>): void {
    const call = this.#callOf(ref);
    this.#whose(call).cutAgent(call.id, cut);
  }

  /** Who has the agent work: those that the script asked for, or those that a person added. */
  #whose({ added }: CallInfo): RunCalls | AddedAgents {
    return added ? this.#parts.added : this.#parts.calls;
  }

  /** One at work begins anew by itself; for one that has failed the script must, so that it never saw the failure. */
  async #retry(call: CallInfo): Promise<void> {
    const { calls, added, beginAnew } = this.#parts;
    if (call.added) return await added.retry(call.id);
    if (calls.isLive(call.key)) return calls.cutAgent(call.id, { how: 'retry' });
    if (!calls.askAgain(call.key)) throw new UserError('not-possible', this.#whyKept(call));
    beginAnew();
  }

  #whyKept({ id }: CallInfo): string {
    const who = `Agent ${callNumberWords(id)}`;
    return this.#parts.log.tree.calls.get(id)?.state === 'stopped'
      ? `${who} was stopped when the script ended: nobody waits for its answer any more.`
      : `${who} has its answer, which is kept. To ask again, fork the run from before that.`;
  }

  async #setLimits(wanted: Partial<RunLimits>): Promise<void> {
    const { agents, caps, log, info, checkLimits } = this.#parts;
    const limits = { ...info().limits, ...wanted };
    checkLimits({ ...info(), limits });
    await log.record({ type: 'run.changed', change: { limits } }, { durable: true });
    caps.change(limits);
    agents.setConcurrency(limits.concurrency);
  }

  async #replaceScript(title: string, text: string): Promise<void> {
    const { log, info, calls, beginAnew } = this.#parts;
    const { source, meta } = readScript(text);
    const change = {
      script: title,
      digest: digestOf(text),
      edition: (info().edition ?? 0) + 1,
      phases: phasesOf(meta),
    };
    await log.record(
      { type: 'run.changed', change },
      { durable: true, rows: ({ seq }) => [{ table: 'scripts', seq, text }] },
    );
    calls.forgetFailures();
    beginAnew({ text, source });
  }

  #callOf({ call, key }: CallRef): CallInfo {
    const known = this.#parts.log.tree.calls.get(call)?.info;
    if (!known)
      throw new UserError('bad-arguments', `The run has no agent or question number ${callNumberWords(call)}.`);
    if (key !== undefined && key !== known.key)
      throw new UserError(
        'not-possible',
        `Number ${callNumberWords(call)} is another agent by now. Look again, then try once more.`,
      );
    return known;
  }
}
