import type { CheckpointInfo } from '../../extension/protocol/run-events.ts';
import type { OpenQuestion } from '../../extension/runs/open-questions.ts';
import type { RunService } from '../../extension/runs/run-service.ts';

export interface FixtureOf extends Partial<CheckpointInfo> {
  line?: number;
  digest?: string;
  driven?: boolean;
}

/** An open question of the run `run-1` of `/project/flows/ship.js`, as the board has it. */
export function questionFixture({ line = 3, digest = 'd', driven = true, ...asks }: FixtureOf = {}): OpenQuestion {
  const limits = {
    concurrency: 1,
    maxAgents: 1,
    budget: null,
    maxCostUsd: null,
    agentTimeoutMs: null,
    runTimeoutMs: null,
  };
  return {
    runId: 'run-1',
    // Words and places ask nothing of the runs.
    runs: {} as RunService,
    key: `key of line ${line}`,
    asks: {
      question: 'Ship it?',
      detail: '',
      choices: ['Ship', 'Hold'],
      schema: null,
      askedAt: 0,
      timeoutAt: null,
      ...asks,
    },
    on: { call: 1, key: `key of line ${line}` },
    at: { line, column: 1 },
    run: {
      id: 'run-1',
      name: 'ship',
      description: '',
      script: 'flows/ship.js',
      digest,
      provider: 'builtin',
      providerTitle: '',
      model: '',
      phases: [],
      limits,
    },
    folder: '/project',
    driven,
  };
}
