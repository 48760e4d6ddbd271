import type { DatabaseSync } from 'node:sqlite';
import { type TurnStep, type TurnStore, untoldUsage } from '../agents/turns.ts';
import type { JournalRow } from '../journal/journal.ts';
import { readKeysOfTurns, readTurns } from '../journal/reader.ts';
import type { Json } from '../protocol/json.ts';
import type { CallSettled, FailureCause, Usage } from '../protocol/run-events.ts';
import type { RunLog } from './run-log.ts';

/** The turns of a run's agents that have no end yet, as the journal keeps them. */
export class RunTurns {
  #db: DatabaseSync;
  #log: RunLog;
  /** Agents of which turns are kept: most are done with their first reply, and nothing is to be read or removed of them. */
  #keys: Set<string>;

  constructor(db: DatabaseSync, log: RunLog) {
    this.#db = db;
    this.#log = log;
    this.#keys = new Set(readKeysOfTurns(db, log.runId));
  }

  /** @param onFailure hears where they cannot be written. */
  of(key: string, onFailure: (error: unknown) => void): TurnStore {
    const written = async (row: JournalRow, soon = true): Promise<void> => {
      try {
        await this.#log.write([row], { soon });
      } catch (error) {
        onFailure(error);
        throw error;
      }
    };
    return {
      kept: () => (this.#keys.has(key) ? this.#read(key) : []),
      keep: (steps, { lazily } = { lazily: false }) => {
        this.#keys.add(key);
        return written(turnsRow(key, steps), !lazily);
      },
      forget: async () => {
        for (const row of this.forgotten(key)) await written(row);
      },
    };
  }

  /** Takes what is kept of an agent away. */
  forgotten(key: string): JournalRow[] {
    return this.#keys.delete(key) ? [{ table: 'forgotten-turns', key }] : [];
  }

  /** Takes away what is kept of agents whose answer nobody waited for: a run that has completed asks for nothing more. */
  allForgotten(): JournalRow[] {
    return [...this.#keys].flatMap((key) => this.forgotten(key));
  }

  /** What becomes of an agent's turns when it ends: they go, unless it was cut off by what a person can change. @param usage that the event tells. */
  afterEnd(key: string, { cause }: CallSettled, usage: Usage): JournalRow[] {
    return cause && MAY_GO_ON.includes(cause.kind) ? this.told(key, usage) : this.forgotten(key);
  }

  /** An event tells of what an agent's turns used, by now. */
  told(key: string, usage: Usage): JournalRow[] {
    return this.#keys.has(key) ? [turnsRow(key, [{ type: 'told', usage }])] : [];
  }

  /**
   * Has the run's events tell of what agents had used when the process that drove them died, so that it counts against
   * the caps from the first request on, and only once. To be called before anything of them goes on.
   */
  tellWhatDied(onFailure: (error: unknown) => void): void {
    for (const key of this.#keys) {
      const steps = this.#read(key);
      const usage = untoldUsage(steps);
      if (isNothing(usage)) continue;
      const requests = steps.filter(({ type }) => type === 'reply').length;
      const settled = diedWith(usage, requests, this.#log.tree.usage.outputTokens);
      this.#log
        .record({ type: 'call.settled', id: NOBODYS_CALL, settled }, { rows: () => this.told(key, usage) })
        .catch(onFailure);
    }
  }

  #read(key: string): TurnStep[] {
    return readTurns(this.#db, this.#log.runId, key).flatMap((steps) => steps as unknown as TurnStep[]);
  }
}

/** The id under which the end of a call is told that the present attempt has not asked for. */
export const NOBODYS_CALL = 0;

function turnsRow(key: string, steps: TurnStep[]): JournalRow {
  return { table: 'turns', key, body: steps as unknown as Json };
}

/** Ends of which the agent is not to blame, and after which it may go on from where it was. */
const MAY_GO_ON: readonly FailureCause['kind'][] = ['budget', 'retries-exhausted'];

function isNothing({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Usage): boolean {
  return inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens === 0;
}

function diedWith(usage: Usage, requests: number, spentBefore: number): CallSettled {
  return {
    outcome: 'stopped',
    reused: false,
    cause: { kind: 'stopped', message: 'the process that drove the run ended before the agent did' },
    usage,
    requests,
    durationMs: 0,
    spent: spentBefore + usage.outputTokens,
  };
}
