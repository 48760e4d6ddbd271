import * as vscode from 'vscode';
import type { RunLimits } from '../protocol/run-events.ts';
import type { EngineChoice } from '../protocol/sandbox-wire.ts';
import type { Attendance, StartRequest } from '../runs/run-service.ts';
import type { AskAbove } from './approval.ts';
import { modelsIn, profileIn, rulesIn } from './read-settings.ts';

/** What happens to a run that was cut: the person is asked, it goes on by itself, or nothing. */
export type ResumePolicy = 'ask' | 'always' | 'never';

/** What a run that is started in a folder goes by, where nobody says otherwise. @throws UserError for a setting that guards something and cannot be read. */
export function runSettings(
  folder: vscode.WorkspaceFolder,
): Pick<StartRequest, 'engine' | 'models' | 'profile' | 'permissions'> & { limits: RunLimits } {
  const settings = vscode.workspace.getConfiguration('counterpoint', folder);
  const models = modelsIn((name) => settings.get(name));
  const permissions = rulesIn(settings.get('permissions'));
  return {
    engine: settings.get<EngineChoice>('engine', 'auto'),
    limits: limitsIn(settings),
    profile: profileIn(settings.get('profile')),
    ...(models && { models }),
    ...(permissions && { permissions }),
  };
}

/** How long a question about a tool call waits for an answer in this window. */
export function attendance(): Attendance {
  const seconds = vscode.workspace.getConfiguration('counterpoint').get<number | null>('permissionTimeout');
  return seconds ? { permissionTimeoutMs: seconds * 1000 } : {};
}

/** Settings speak of no limit as null or 0, and of time in seconds. */
function limitsIn(settings: vscode.WorkspaceConfiguration): RunLimits {
  const cap = (name: string) => settings.get<number | null>(name) || null;
  const seconds = (name: string) => {
    const limit = cap(name);
    return limit === null ? null : limit * 1000;
  };
  return {
    concurrency: settings.get('concurrency', 16),
    maxAgents: settings.get('maxAgents', 1000),
    budget: cap('budget'),
    maxCostUsd: cap('maxCostUsd'),
    agentTimeoutMs: seconds('agentTimeout'),
    runTimeoutMs: seconds('runTimeout'),
    agentTurns: cap('agentTurns'),
    agentTokens: cap('agentTokens'),
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
