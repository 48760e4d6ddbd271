import * as vscode from 'vscode';
import { STANDING_ICONS, type Standing } from '../runs/run-standing.ts';

export function statusIcon(standing: Standing): vscode.ThemeIcon {
  const [icon, color] = STANDING_ICONS[standing];
  return new vscode.ThemeIcon(icon, color ? new vscode.ThemeColor(color) : undefined);
}
