import type { CallNode } from '../../extension/protocol/run-tree.ts';

/** What VS Code reads, from the element under the pointer and those around it, when its own menu is asked for. */
type Context = { 'data-vscode-context': string };

function contextOf(context: Record<string, string | number | boolean>): Context {
  return { 'data-vscode-context': JSON.stringify(context) };
}

export function runMenu(runId: string): Context {
  return contextOf({ webviewSection: 'run', runId, preventDefaultContextMenuItems: true });
}

export function agentMenu(runId: string, call: CallNode): Context {
  return contextOf({
    webviewSection: 'agent',
    runId,
    callId: call.info.id,
    callKey: call.info.key,
    agentState: call.state,
    leftChanges: (call.settled?.changedFiles ?? 0) > 0,
    preventDefaultContextMenuItems: true,
  });
}

export function checkpointMenu(runId: string, call: CallNode): Context {
  return contextOf({
    webviewSection: 'checkpoint',
    runId,
    callId: call.info.id,
    callKey: call.info.key,
    preventDefaultContextMenuItems: true,
  });
}

/** Where text is typed the editor's Cut, Copy and Paste are what is wanted. */
export const TEXT_MENU = contextOf({ webviewSection: 'text', preventDefaultContextMenuItems: false });
