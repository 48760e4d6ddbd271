import type { PanelActions } from '../panel/panel-requests.ts';
import type { AgentAction, RunAction } from '../protocol/panel-messages.ts';
import { addAgent } from './add-agent.ts';
import { sendAnswer } from './answer-checkpoint.ts';
import { applyChanges, showChanges } from './apply-changes.ts';
import { messageAgent, retryAgent, skipAgent, stopAgent } from './control-agent.ts';
import { continueRun, pauseRun, setCaps, setConcurrency, stopRun } from './control-run.ts';
import { forkRun } from './fork-run.ts';
import { sendPermit } from './permission-answer.ts';
import type { Pointed } from './pick-agent.ts';
import { replaceScript } from './replace-script.ts';
import { resumeRun } from './run-commands.ts';
import type { Workbench } from './workbench.ts';

const RUN_ACTIONS: Record<RunAction, (bench: Workbench, runId: string) => Promise<unknown>> = {
  pause: pauseRun,
  unpause: continueRun,
  stop: stopRun,
  resume: resumeRun,
  'add-agent': addAgent,
  'set-concurrency': setConcurrency,
  'set-caps': setCaps,
  'replace-script': replaceScript,
  fork: forkRun,
};

const AGENT_ACTIONS: Record<AgentAction, (bench: Workbench, at: Pointed) => Promise<void>> = {
  stop: stopAgent,
  skip: skipAgent,
  retry: retryAgent,
  message: messageAgent,
};

/** What a panel's buttons do: the same as the commands, to the run they stand in. */
export function createPanelActions(bench: () => Workbench): PanelActions {
  return {
    get documents() {
      return bench().documents;
    },
    async act({ id }, action) {
      await RUN_ACTIONS[action](bench(), id);
    },
    actOnAgent: ({ id }, action, call) => AGENT_ACTIONS[action](bench(), { runId: id, call }),
    answer: ({ id, runs }, on, answer) => sendAnswer({ runs, runId: id }, on, answer),
    applyChanges: async ({ id }, call) => {
      await applyChanges(bench(), { runId: id, call });
    },
    showChanges: ({ id }, call) => showChanges(bench(), { runId: id, call }),
    permit: ({ id, runs }, on, permission, answer) => sendPermit({ runs, runId: id }, { on, permission }, answer),
  };
}
