import * as vscode from 'vscode';
import type { RunStatus } from '../protocol/run-events.ts';

const ICONS: Record<RunStatus, [icon: string, color?: string]> = {
  created: ['circle-outline'],
  running: ['sync', 'charts.blue'],
  interrupted: ['debug-disconnect', 'charts.yellow'],
  completed: ['pass', 'charts.green'],
  completed_with_failures: ['warning', 'charts.yellow'],
  failed: ['error', 'charts.red'],
  stopped: ['debug-stop'],
};

/** A run's status as people read it. */
export const STATUS_WORDS: Record<RunStatus, string> = {
  created: 'not started',
  running: 'running',
  interrupted: 'interrupted',
  completed: 'completed',
  completed_with_failures: 'completed with failures',
  failed: 'failed',
  stopped: 'stopped',
};

export function statusIcon(status: RunStatus): vscode.ThemeIcon {
  const [icon, color] = ICONS[status];
  return new vscode.ThemeIcon(icon, color ? new vscode.ThemeColor(color) : undefined);
}
