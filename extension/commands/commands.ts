import * as vscode from 'vscode';
import type { PanelCommand } from '../protocol/panel-messages.ts';
import type { Decision } from '../protocol/preview.ts';
import type { RunControl } from '../protocol/run-control.ts';
import type { StartRequest } from '../runs/run-service.ts';
import type { AppliedChanges } from '../runs/worktrees.ts';
import { addAgent, sendTask } from './add-agent.ts';
import { answerCheckpoint } from './answer-checkpoint.ts';
import { applyAndTell, applyNamed } from './apply-changes.ts';
import {
  type AddArgument,
  type AnswerArgument,
  ARGUMENTS,
  type CallArgument,
  type CapsArgument,
  type ConcurrencyArgument,
  callOf,
  type ForkArgument,
  fromMenu,
  type MessageArgument,
  readArgument as read,
  type SaveArgument,
  type ScriptArgument,
  type SkipArgument,
} from './command-arguments.ts';
import { messageAgent, retryAgent, skipAgent, stopAgent } from './control-agent.ts';
import { continueRun, controlRun, pauseRun, setCaps, setConcurrency, stopRun } from './control-run.ts';
import { showFailure } from './failure.ts';
import { forkRun, startFork } from './fork-run.ts';
import { showServers } from './list-mcp-servers.ts';
import type { Pointed } from './pick-agent.ts';
import { openScript } from './pick-script.ts';
import { type PlanWish, planWorkflow } from './plan-workflow.ts';
import { previewWorkflow } from './preview-workflow.ts';
import { goOnWithScript, replaceScript } from './replace-script.ts';
import { type AgentArgument, runAgent, runTask } from './run-agent.ts';
import { openReport, resumeRun, runWorkflow, showRun, tellPanel } from './run-commands.ts';
import { saveCommand, saveNamed } from './save-command.ts';
import { scriptAt } from './script-at.ts';
import { saveSarif, showFindings } from './show-findings.ts';
import { setUpModel, testModelCommand } from './test-model.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust } from './workspaces.ts';

/** Every command and its signature. Without arguments a command asks the person; with them it does not, and what fails reaches the caller. */
export interface Commands {
  /** Whoever gives a request has decided that it may run: no preview is made, and no approval asked for. */
  'counterpoint.runWorkflow': (request?: StartRequest) => Promise<string | undefined>;
  /** Has one agent do a task in a run of its own, whose panel is not opened. Gives the id of the run. */
  'counterpoint.runAgent': (request?: AgentArgument) => Promise<string | undefined>;
  /** Gives the path of the script that came of the goal. */
  'counterpoint.planWorkflow': (wish?: PlanWish) => Promise<string | undefined>;
  'counterpoint.previewWorkflow': (path?: string) => Promise<void>;
  /** Gives the path of the command. */
  'counterpoint.saveWorkflow': (save?: SaveArgument) => Promise<string | undefined>;
  /** What a person decides of a script that waits for it: of the active one, else of the only one. */
  'counterpoint.approveRun': () => Promise<void>;
  'counterpoint.approveOnce': () => Promise<void>;
  'counterpoint.approveAlways': () => Promise<void>;
  'counterpoint.cancelApproval': () => Promise<void>;
  'counterpoint.showRun': (runId?: string) => Promise<void>;
  'counterpoint.pauseRun': (runId?: string) => Promise<void>;
  'counterpoint.continueRun': (runId?: string) => Promise<void>;
  'counterpoint.stopRun': (runId?: string) => Promise<void>;
  'counterpoint.resumeRun': (runId?: string) => Promise<void>;
  'counterpoint.setConcurrency': (change?: ConcurrencyArgument) => Promise<void>;
  'counterpoint.setCaps': (change?: CapsArgument) => Promise<void>;
  'counterpoint.replaceScript': (change?: ScriptArgument) => Promise<void>;
  /** Gives the id of the new run. */
  'counterpoint.forkRun': (request?: ForkArgument) => Promise<string | undefined>;
  /** Gives the number of the new agent. */
  'counterpoint.addAgent': (task?: AddArgument) => Promise<number | undefined>;
  'counterpoint.stopAgent': (agent?: CallArgument) => Promise<void>;
  'counterpoint.skipAgent': (agent?: SkipArgument) => Promise<void>;
  'counterpoint.retryAgent': (agent?: CallArgument) => Promise<void>;
  'counterpoint.messageAgent': (agent?: MessageArgument) => Promise<void>;
  /** Gives what came of it; with an argument nobody is asked. */
  'counterpoint.applyChanges': (agent?: CallArgument) => Promise<AppliedChanges | undefined>;
  'counterpoint.answerCheckpoint': (answer?: AnswerArgument) => Promise<void>;
  'counterpoint.openReport': (runId?: string) => Promise<void>;
  'counterpoint.showFindings': (runId?: string) => Promise<void>;
  'counterpoint.clearFindings': () => Promise<void>;
  /** Only for the menu of such a comment. */
  'counterpoint.dismissFinding': (thread: vscode.CommentThread) => Promise<void>;
  'counterpoint.saveFindings': (runId?: string) => Promise<void>;
  'counterpoint.findInRun': (runId?: string) => Promise<void>;
  'counterpoint.showTree': (runId?: string) => Promise<void>;
  'counterpoint.showTimeline': (runId?: string) => Promise<void>;
  'counterpoint.showList': (runId?: string) => Promise<void>;
  'counterpoint.showReport': (runId?: string) => Promise<void>;
  /** Opens the script at a path, or that of a row of the view of workflows. */
  'counterpoint.openScript': (path?: string) => Promise<void>;
  /** Has the views read anew what they show. */
  'counterpoint.refresh': () => Promise<void>;
  'counterpoint.setAnthropicKey': () => Promise<boolean>;
  'counterpoint.setModelServer': () => Promise<boolean>;
  'counterpoint.setUpModel': () => Promise<void>;
  'counterpoint.testModel': () => Promise<void>;
  /** Without arguments by which something else than a person could allow a server. */
  'counterpoint.showServers': () => Promise<void>;
}

type Id = keyof Commands;
/** `given` is undefined where a person asks; `at` is where they pointed. */
type Handler<Of extends Id> = (given: unknown, at: Pointed) => ReturnType<Commands[Of]>;

/** Registers all commands. */
export function registerCommands(bench: Workbench): vscode.Disposable {
  const handlers: { [Of in Id]: Handler<Of> } = {
    ...runHandlers(bench),
    ...workflowHandlers(bench),
    ...steeringHandlers(bench),
    ...agentHandlers(bench),
    ...viewHandlers(bench),
    ...findingHandlers(bench),
    ...modelHandlers(bench),
  };
  return vscode.Disposable.from(
    ...Object.entries(handlers).map(([id, handler]) =>
      vscode.commands.registerCommand(id, async (argument: unknown) => {
        const { given, at } = fromMenu(argument, bench.views.selected);
        try {
          return await handler(given, at);
        } catch (error) {
          if (given !== undefined) throw error;
          showFailure(error);
          return undefined;
        }
      }),
    ),
  );
}

function runHandlers(bench: Workbench) {
  const idOf = (given: unknown, at: Pointed) => read(ARGUMENTS.runId, given) ?? at.runId;
  return {
    'counterpoint.runWorkflow': async (given, at) =>
      runWorkflow(bench, read(ARGUMENTS.request, given), at.workflow ?? (at.uri && (await scriptAt(bench, at)))),
    'counterpoint.runAgent': (given) =>
      given === undefined ? runAgent(bench) : runTask(bench, read(ARGUMENTS.agent, given)),
    'counterpoint.showRun': (given, at) => showRun(bench, idOf(given, at)),
    'counterpoint.pauseRun': (given, at) => pauseRun(bench, idOf(given, at)),
    'counterpoint.continueRun': (given, at) => continueRun(bench, idOf(given, at)),
    'counterpoint.stopRun': (given, at) => {
      const runId = read(ARGUMENTS.runId, given);
      return runId === undefined ? stopRun(bench, at.runId) : stopNamed(bench, runId);
    },
    'counterpoint.resumeRun': (given, at) => resumeRun(bench, idOf(given, at)),
    'counterpoint.openReport': (given, at) => openReport(bench, idOf(given, at)),
  } satisfies { [Of in Id]?: Handler<Of> };
}

function workflowHandlers(bench: Workbench) {
  const decide = (decision: Decision) => (_given: unknown, at: Pointed) => bench.asked.decide(decision, at);
  return {
    'counterpoint.planWorkflow': (given) => planWorkflow(bench, read(ARGUMENTS.plan, given)),
    'counterpoint.previewWorkflow': (given, at) => previewWorkflow(bench, at, read(ARGUMENTS.path, given)),
    'counterpoint.saveWorkflow': (given, at) => {
      const save = read(ARGUMENTS.save, given);
      return save ? saveNamed(bench, save) : saveCommand(bench, at);
    },
    'counterpoint.approveRun': decide('run'),
    'counterpoint.approveOnce': decide('once'),
    'counterpoint.approveAlways': decide('always'),
    'counterpoint.cancelApproval': decide('cancel'),
  } satisfies { [Of in Id]?: Handler<Of> };
}

function viewHandlers(bench: Workbench) {
  const tell = (command: PanelCommand) => (given: unknown, at: Pointed) =>
    tellPanel(bench, command, read(ARGUMENTS.runId, given) ?? at.runId);
  return {
    'counterpoint.findInRun': tell({ name: 'find' }),
    'counterpoint.showTree': tell({ name: 'show', view: 'tree' }),
    'counterpoint.showTimeline': tell({ name: 'show', view: 'timeline' }),
    'counterpoint.showList': tell({ name: 'show', view: 'list' }),
    'counterpoint.showReport': tell({ name: 'show', view: 'report' }),
    'counterpoint.openScript': async (given, at) => {
      const path = read(ARGUMENTS.path, given);
      if (at.workflow) return openScript(at.workflow);
      if (path !== undefined) await openScript({ path, name: path, whenToUse: '', bundled: false });
    },
    'counterpoint.refresh': async () => bench.views.refresh(),
  } satisfies { [Of in Id]?: Handler<Of> };
}

function findingHandlers(bench: Workbench) {
  const idOf = (given: unknown, at: Pointed) => read(ARGUMENTS.runId, given) ?? at.runId;
  return {
    'counterpoint.showFindings': (given, at) => showFindings(bench, idOf(given, at)),
    'counterpoint.clearFindings': async () => bench.findings.clear(),
    'counterpoint.dismissFinding': async (thread) => bench.findings.dismiss(thread as vscode.CommentThread),
    'counterpoint.saveFindings': (given, at) => saveSarif(bench, idOf(given, at)),
  } satisfies { [Of in Id]?: Handler<Of> };
}

function modelHandlers(bench: Workbench) {
  return {
    'counterpoint.setAnthropicKey': () => bench.key.ask(),
    'counterpoint.setModelServer': () => bench.server.ask(),
    'counterpoint.setUpModel': setUpModel,
    'counterpoint.testModel': () => testModelCommand(bench),
    'counterpoint.showServers': () => showServers(bench),
  } satisfies { [Of in Id]?: Handler<Of> };
}

async function stopNamed({ workspaces }: Workbench, runId: string): Promise<void> {
  requireTrust();
  const { workspace } = await workspaces.find(runId);
  await workspace.runs.stop(runId);
}

function steeringHandlers(bench: Workbench) {
  return {
    'counterpoint.setConcurrency': (given, at) => {
      if (given === undefined) return setConcurrency(bench, at.runId);
      const { runId, ...limits } = read(ARGUMENTS.concurrency, given);
      return controlRun(bench, runId, { action: 'set-limits', limits });
    },
    'counterpoint.setCaps': (given, at) => {
      if (given === undefined) return setCaps(bench, at.runId);
      const { runId, ...limits } = read(ARGUMENTS.caps, given);
      return controlRun(bench, runId, { action: 'set-limits', limits });
    },
    'counterpoint.replaceScript': async (given, at) => {
      if (given === undefined) return replaceScript(bench, at.runId);
      const { runId, script } = read(ARGUMENTS.script, given);
      return goOnWithScript(bench, await bench.workspaces.find(runId), script);
    },
    'counterpoint.forkRun': async (given, at) => {
      if (given === undefined) return forkRun(bench, at.runId);
      const { runId, ...request } = read(ARGUMENTS.fork, given);
      return startFork(bench, await bench.workspaces.find(runId), request);
    },
  } satisfies { [Of in Id]?: Handler<Of> };
}

function agentHandlers(bench: Workbench) {
  const control = (argument: CallArgument, action: RunControl) => controlRun(bench, argument.runId, action);
  return {
    'counterpoint.addAgent': async (given, at) => {
      if (given === undefined) return addAgent(bench, at.runId);
      const { runId, ...task } = read(ARGUMENTS.add, given);
      return sendTask(bench, await bench.workspaces.find(runId), task);
    },
    'counterpoint.stopAgent': (given, at) => {
      if (given === undefined) return stopAgent(bench, at);
      const agent = read(ARGUMENTS.call, given);
      return control(agent, { action: 'stop-agent', ...callOf(agent) });
    },
    'counterpoint.skipAgent': (given, at) => {
      if (given === undefined) return skipAgent(bench, at);
      const agent = read(ARGUMENTS.skip, given);
      const value = agent.value === undefined ? {} : { value: agent.value };
      return control(agent, { action: 'skip-agent', ...callOf(agent), ...value });
    },
    'counterpoint.retryAgent': (given, at) => {
      if (given === undefined) return retryAgent(bench, at);
      const agent = read(ARGUMENTS.call, given);
      return control(agent, { action: 'retry-agent', ...callOf(agent) });
    },
    'counterpoint.messageAgent': (given, at) => {
      if (given === undefined) return messageAgent(bench, at);
      const agent = read(ARGUMENTS.message, given);
      return control(agent, { action: 'message-agent', ...callOf(agent), text: agent.text });
    },
    'counterpoint.applyChanges': async (given, at) => {
      if (given === undefined) return applyAndTell(bench, at);
      const agent = read(ARGUMENTS.call, given);
      return applyNamed(bench, agent.runId, callOf(agent));
    },
    'counterpoint.answerCheckpoint': (given, at) => {
      if (given === undefined) return answerCheckpoint(bench, at);
      const { runId, callId, callKey, ...answer } = read(ARGUMENTS.answer, given);
      const on = callOf({ runId, callId, ...(callKey !== undefined && { callKey }) });
      return controlRun(bench, runId, { action: 'answer', ...on, answer });
    },
  } satisfies { [Of in Id]?: Handler<Of> };
}
