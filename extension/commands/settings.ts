import * as vscode from 'vscode';
import type { RunLimits } from '../protocol/run-events.ts';
import type { EngineChoice } from '../protocol/sandbox-wire.ts';
import type { AskAbove } from './approval.ts';

/** What happens to a run that was cut: the person is asked, it goes on by itself, or nothing. */
export type ResumePolicy = 'ask' | 'always' | 'never';

/** What a run that is started in a folder goes by, where nobody says otherwise. */
export function runSettings(folder: vscode.WorkspaceFolder): { engine: EngineChoice; limits: RunLimits } {
  const settings = vscode.workspace.getConfiguration('counterpoint', folder);
  // Settings speak of no limit as null or 0, and of time in seconds.
  const cap = (name: string) => settings.get<number | null>(name) || null;
  const seconds = (name: string) => {
    const limit = cap(name);
    return limit === null ? null : limit * 1000;
  };
  return {
    engine: settings.get<EngineChoice>('engine', 'auto'),
    limits: {
      concurrency: settings.get('concurrency', 16),
      maxAgents: settings.get('maxAgents', 1000),
      budget: cap('budget'),
      maxCostUsd: cap('maxCostUsd'),
      agentTimeoutMs: seconds('agentTimeout'),
      runTimeoutMs: seconds('runTimeout'),
    },
  };
}

export function resumePolicy(folder: vscode.WorkspaceFolder): ResumePolicy {
  return vscode.workspace.getConfiguration('counterpoint', folder).get<ResumePolicy>('resumeInterrupted', 'ask');
}

/** From which size and cost on a person is asked before any run. No folder can change it: what it brings is what is asked about. */
export function askAbove(): AskAbove {
  const settings = vscode.workspace.getConfiguration('counterpoint');
  return {
    agents: settings.get<number | null>('askAboveAgents', 200) || null,
    costUsd: settings.get<number | null>('askAboveCostUsd', 5) || null,
  };
}
