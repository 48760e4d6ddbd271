import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import type { CallRef } from '../protocol/run-control.ts';
import type { CallNode, CallState } from '../protocol/run-tree.ts';
import { type FoundRun, findRun, treeOf } from './pick-run.ts';
import type { ChosenScript } from './pick-script.ts';
import { plain } from './plain-text.ts';
import type { Workbench } from './workbench.ts';

/** Where in a panel or a view a person pointed. */
export interface Pointed {
  runId?: string;
  call?: CallRef;
  /** A script of the view of workflows. */
  workflow?: PointedWorkflow;
  /** The editor in whose title or tab they pointed, or a file of the explorer. */
  uri?: vscode.Uri;
}

export interface PointedWorkflow extends ChosenScript {
  /** It came with Counterpoint, and is not there to be edited. */
  bundled: boolean;
  /** URI of the folder that it belongs to; absent where it can run on any. */
  folder?: string;
  /** Where it does not parse. */
  line?: number;
  column?: number;
}

/** An agent of a run that is at work. */
export interface FoundAgent {
  found: FoundRun;
  /** As numbered now, and what it then must still be. */
  on: CallRef;
  label: string;
  node: CallNode;
}

export interface AgentQuestion {
  placeHolder: string;
  states: readonly CallState[];
  /** Said where there is none in these states. */
  none: string;
}

/**
 * The agent that was pointed at, else one that the person picks, of the active panel's run or of another. Undefined where they turned away.
 * @throws UserError where there is none to pick, or that number is another agent by now.
 */
export async function findAgent(
  bench: Workbench,
  question: AgentQuestion,
  { runId, call }: Pointed,
): Promise<FoundAgent | undefined> {
  const found = await findRun(
    bench,
    {
      placeHolder: 'Of which run?',
      wanted: (state) => state === 'running' || state === 'paused',
      none: 'No run is at work.',
    },
    runId,
  );
  if (!found) return undefined;
  const agents = [...treeOf(found).calls.values()].filter(({ info }) => info.kind === 'agent');
  const node = call ? pointedAt(agents, call) : await pickAgent(agents, question);
  return node && { found, node, label: plain(node.info.label, 80), on: { call: node.info.id, key: node.info.key } };
}

/** The call that was pointed at. @throws UserError where that number is another by now. */
export function pointedAt(agents: CallNode[], { call, key }: CallRef): CallNode {
  const node = agents.find(({ info }) => info.id === call);
  if (node && (key === undefined || key === node.info.key)) return node;
  throw new UserError('not-possible', 'The script has begun anew, and that agent is another by now. Look again.');
}

const STATES: Record<CallState, [icon: string, words: string]> = {
  waiting: ['circle-large-outline', 'waiting'],
  working: ['sync', 'at work'],
  succeeded: ['check', 'done'],
  reused: ['history', 'reused'],
  failed: ['error', 'failed'],
  skipped: ['debug-step-over', 'skipped'],
  stopped: ['debug-stop', 'stopped'],
};

async function pickAgent(agents: CallNode[], question: AgentQuestion): Promise<CallNode | undefined> {
  const fitting = agents.filter(({ state }) => question.states.includes(state));
  if (fitting.length === 0) throw new UserError('not-possible', question.none);
  const items = fitting.map((node) => ({
    label: plain(node.info.label, 120),
    description: [STATES[node.state][1], node.info.phase].filter(Boolean).join(' · '),
    detail: plain(node.doing || (node.settled?.cause?.message ?? '')),
    iconPath: new vscode.ThemeIcon(STATES[node.state][0]),
    node,
  }));
  const options = { placeHolder: question.placeHolder, matchOnDescription: true, matchOnDetail: true };
  return (await vscode.window.showQuickPick(items, options))?.node;
}
