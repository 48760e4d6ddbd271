import type * as vscode from 'vscode';
import type { FindingComments } from '../editor/finding-comments.ts';
import type { RunDocuments } from '../panel/documents.ts';
import type { PreviewPanels } from '../panel/preview-panel.ts';
import type { RunPanels } from '../panel/run-panel.ts';
import type { QuestionBoard } from '../runs/question-board.ts';
import type { ApprovalMemory } from './approval-memory.ts';
import type { AskedScripts } from './asked-scripts.ts';
import type { ModelAccess } from './create-provider.ts';
import type { ServerConsents } from './mcp-servers.ts';
import type { RunWatch } from './run-watch.ts';
import type { Workspaces } from './workspaces.ts';

/** The views of the activity bar, as far as commands know them. */
export interface Views {
  refresh(): void;
  /** What is selected in a view, as its menus hand it over; undefined where that is nothing. */
  selected(view: string): unknown;
}

/** What the commands work with; made once, in `main.ts`. */
export interface Workbench extends ModelAccess {
  workspaces: Workspaces;
  panels: RunPanels;
  previews: PreviewPanels;
  asked: AskedScripts;
  documents: RunDocuments;
  watch: RunWatch;
  questions: QuestionBoard;
  findings: FindingComments;
  views: Views;
  approvals: ApprovalMemory;
  consents: ServerConsents;
  /** Folder of the scripts that came with Counterpoint. */
  bundled: string;
  memory: vscode.Memento;
}
