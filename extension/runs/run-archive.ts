import type { Journal, StoredRun } from '../journal/journal.ts';
import { isDriven } from '../journal/lease.ts';
import * as reader from '../journal/reader.ts';
import type { CallDetails } from '../protocol/call-details.ts';
import { callNumberWords } from '../protocol/call-number.ts';
import { type ScriptPosition, UserError } from '../protocol/errors.ts';
import { isJsonObject, type Json } from '../protocol/json.ts';
import type { RunEvent, RunInfo, RunStatus } from '../protocol/run-events.ts';
import { type CallNode, cutOff, emptyRunTree, foldRun, type RunTree } from '../protocol/run-tree.ts';
import { promptOf } from './call-info.ts';
import type { RunOutcome, RunSummary } from './run-service.ts';

/** Characters of a script's line that are shown. */
const LONGEST_LINE = 300;

/** What the journal of a workspace tells of its runs, whoever drives them. */
export class RunArchive {
  #journal: Journal;
  #trees = new Map<string, RunTree>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** What a run was started from, and what it goes by now. @throws UserError where there is no such run. */
  stored(runId: string): { run: StoredRun; info: RunInfo } {
    const run = reader.readRun(this.#journal.database, runId);
    const created = reader.readLastEvent(this.#journal.database, runId, ['run.created']);
    if (!run || !created) throw noSuchRun(runId);
    return { run, info: this.#changed(runId, created.run) };
  }

  /** What the run goes by now. */
  #changed(runId: string, info: RunInfo): RunInfo {
    const changes = reader.readEventsOf(this.#journal.database, runId, 'run.changed');
    return Object.assign({ ...info }, ...changes.map(({ change }) => change));
  }

  statusOf(runId: string): RunStatus {
    const last = reader.readLastEvent(this.#journal.database, runId, ['run.created', 'run.started', 'run.ended']);
    if (last?.type === 'run.ended') return last.status;
    return isDriven(this.#journal.database, runId) ? 'running' : 'interrupted';
  }

  /** Ids of all runs, newest first. */
  ids(): string[] {
    return reader.readRunIds(this.#journal.database);
  }

  unfinished(): string[] {
    return reader.readUnfinishedRunIds(this.#journal.database);
  }

  summary(runId: string): Omit<RunSummary, 'here'> | null {
    const created = reader.readLastEvent(this.#journal.database, runId, ['run.created']);
    if (!created) return null;
    const last = reader.readLastEvent(this.#journal.database, runId, ['run.started', 'run.ended']);
    return {
      run: this.stored(runId).info,
      status: this.statusOf(runId),
      createdAt: created.at,
      endedAt: last?.type === 'run.ended' ? last.at : null,
    };
  }

  events(runId: string, after: number, limit?: number): RunEvent[] {
    return reader.readEvents(this.#journal.database, runId, after, limit);
  }

  /** The fold of a run's events so far. */
  tree(runId: string): RunTree {
    this.stored(runId);
    const known = this.#trees.get(runId) ?? emptyRunTree();
    const events = this.events(runId, known.lastSeq);
    const tree = foldRun(events, known);
    this.#trees.set(runId, tree);
    if (this.statusOf(runId) === 'interrupted') cutOff(tree, events.at(-1)?.at ?? tree.createdAt);
    return tree;
  }

  /** A call as numbered in the latest attempt. @throws UserError where there is none. */
  call(runId: string, call: number): CallNode {
    const node = this.tree(runId).calls.get(call);
    if (!node) throw new UserError('bad-arguments', `Run ${runId} has no agent number ${callNumberWords(call)}.`);
    return node;
  }

  /** How many entries a call's transcript has, those included that are about to be written. */
  transcriptLength(runId: string, key: string): number {
    this.#journal.flush();
    return reader.countTranscript(this.#journal.database, runId, key);
  }

  details(runId: string, call: number, after = 0): CallDetails {
    const node = this.call(runId, call);
    const scriptLine = this.#lineOf(runId, node.info.at);
    return { ...this.detailsOf(runId, node, after), ...(scriptLine && { scriptLine }) };
  }

  #lineOf(runId: string, at: ScriptPosition | null): string | undefined {
    if (!at) return undefined;
    const text = at.script === undefined ? this.script(runId) : this.#calledScript(runId, at.script);
    return text?.split('\n')[at.line - 1]?.trim().slice(0, LONGEST_LINE);
  }

  /** The details of a call of the run's tree. */
  detailsOf(runId: string, { info, settled, asks }: CallNode, after = 0): CallDetails {
    const db = this.#journal.database;
    const request = reader.readRequest(db, runId, info.key);
    const result = reader.readResult(db, runId, info.key);
    const wanted = asks.flatMap(({ id }) => {
      const call = reader.readQuestion(db, runId, id);
      return call ? [{ question: id, call }] : [];
    });
    return {
      id: info.id,
      prompt: request ? promptOf(request) : '',
      options: request?.kind === 'agent' ? request.options : {},
      transcript: reader.readTranscript(db, runId, info.key, after),
      ...(result && { answer: result.value }),
      ...(settled && { settled }),
      ...(wanted.length > 0 && { wanted }),
    };
  }

  /** The text of the script as it ran; `title`: of the one that it called under that title. */
  script(runId: string, title?: string): string {
    if (title !== undefined) {
      const called = this.#calledScript(runId, title);
      if (called !== null) return called;
      throw new UserError('bad-arguments', `This run called no script ${JSON.stringify(title)}.`);
    }
    return reader.readReplacedScript(this.#journal.database, runId) ?? this.stored(runId).run.script;
  }

  /** What was loaded for the newest call of that script; null where it was never called. */
  #calledScript(runId: string, title: string): string | null {
    const calls = [...this.tree(runId).calls.values()].filter(({ info }) => info.kind === 'workflow').reverse();
    for (const { info } of calls) {
      const called = reader.readResult(this.#journal.database, runId, info.key)?.value;
      if (isJsonObject(called) && called.title === title && typeof called.text === 'string') return called.text;
    }
    return null;
  }

  result(runId: string): Json | undefined {
    return reader.readOutcome(this.#journal.database, runId);
  }

  report(runId: string): string | null {
    const result = this.result(runId);
    if (typeof result === 'string') return result;
    return isJsonObject(result) && typeof result.report === 'string' ? result.report : null;
  }

  /** How a run ended, null where it has not. */
  outcome(runId: string): RunOutcome | null {
    const last = reader.readLastEvent(this.#journal.database, runId, ['run.started', 'run.ended']);
    if (last?.type !== 'run.ended') return null;
    const { status, error } = last;
    if (error) return { status, error };
    const result = status === 'stopped' ? undefined : this.result(runId);
    return { status, ...(result !== undefined && { result }) };
  }
}

export function noSuchRun(runId: string): UserError {
  return new UserError(
    'run-not-found',
    `There is no run ${JSON.stringify(runId)} in this workspace. \`runs\` lists those there are.`,
  );
}
