import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { plain } from '../protocol/plain-text.ts';
import type { WorkflowArgs } from '../protocol/workflow-args.ts';
import { escaped, plural } from './run-words.ts';
import { type Catalogue, groupScripts, type ScriptGroup, type ScriptNode } from './workflow-groups.ts';

const VIEW = 'counterpoint.workflows';
/** Below each open folder, and below the person's home. */
const FOLDERS = ['.counterpoint/workflows', '.claude/workflows'];
/** Several files are often written together. */
const SETTLE_MS = 200;

/** Says where to put a script, while the project has none. */
interface HintNode {
  type: 'hint';
}
type Node = ScriptGroup | ScriptNode | HintNode;

export interface WorkflowsView extends vscode.Disposable {
  readonly rows: vscode.TreeDataProvider<Node>;
  refresh(): void;
  /** The script that is selected. */
  selected(): ScriptNode | undefined;
}

/** All scripts that can run in the open folders. They are read from disk alone: no journal is opened for them. @param bundled Folder of those that come with us. */
export function createWorkflowsView(bundled: string): WorkflowsView {
  const rows = new ScriptRows(bundled, (failure) => {
    tree.message = failure === null ? undefined : failure instanceof Error ? failure.message : String(failure);
  });
  const tree = vscode.window.createTreeView<Node>(VIEW, { treeDataProvider: rows, showCollapseAll: true });
  let watchers: vscode.Disposable | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stir = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void rows.refresh(), SETTLE_MS);
  };
  const watch = () => {
    // Once seen it is kept in step, for it is little work; before that, nothing is watched for it.
    if (!tree.visible || watchers) return;
    watchers = watchScripts(stir);
    stir();
  };
  watch();
  const parts = vscode.Disposable.from(
    tree,
    tree.onDidChangeVisibility(watch),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      watchers?.dispose();
      watchers = undefined;
      void rows.refresh();
      watch();
    }),
  );
  return {
    rows,
    refresh: () => void rows.refresh(),
    selected: () => tree.selection.find((node) => node.type === 'script'),
    dispose() {
      clearTimeout(timer);
      watchers?.dispose();
      parts.dispose();
    },
  };
}

function watchScripts(changed: () => void): vscode.Disposable {
  const places = [...openFolders().map(({ uri }) => uri), vscode.Uri.file(homedir())];
  const watchers = places.flatMap((place) =>
    FOLDERS.map((folder) => {
      // A folder of its own that need not be there yet: of a whole home nobody wants to be told.
      const base = vscode.Uri.joinPath(place, folder);
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(base, '*.js'));
      return vscode.Disposable.from(
        watcher,
        watcher.onDidCreate(changed),
        watcher.onDidChange(changed),
        watcher.onDidDelete(changed),
      );
    }),
  );
  return vscode.Disposable.from(...watchers);
}

function openFolders(): vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
}

class ScriptRows implements vscode.TreeDataProvider<Node> {
  #bundled: string;
  #tell: (failure: unknown) => void;
  #changed = new vscode.EventEmitter<undefined>();
  /** What the rows were made of; null where they could not be. */
  #shown: string | null = null;
  /** What a script takes, in one line; comes with the scripts. */
  #argsWords: (args: WorkflowArgs) => string = () => '';
  readonly onDidChangeTreeData = this.#changed.event;

  /** @param tell Called after each reading: with what failed, or null. */
  constructor(bundled: string, tell: (failure: unknown) => void) {
    this.#bundled = bundled;
    this.#tell = tell;
  }

  /** Fills the view anew where something changed: while it is filled, VS Code does not know which row somebody clicks. */
  async refresh(): Promise<void> {
    const now = await this.#catalogues().then(JSON.stringify, () => null);
    if (now === null || now !== this.#shown) this.#changed.fire(undefined);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node?.type === 'group') return node.scripts.length > 0 ? node.scripts : [{ type: 'hint' }];
    if (node) return [];
    try {
      const catalogues = await this.#catalogues();
      this.#shown = JSON.stringify(catalogues);
      this.#tell(null);
      return groupScripts(catalogues);
    } catch (error) {
      this.#shown = null;
      this.#tell(error);
      return [];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if (node.type === 'group') return groupItem(node);
    return node.type === 'script' ? scriptItem(node, this.#argsWords) : hintItem();
  }

  async #catalogues(): Promise<Catalogue[]> {
    const folders = openFolders();
    // The parser comes with it, which no window needs before somebody looks.
    const { listWorkflows } = await import('../runs/workflow-catalogue.ts');
    this.#argsWords = (await import('../runs/workflow-args.ts')).argsWords;
    return Promise.all(
      folders.map(async ({ name, uri }) => ({
        name: folders.length > 1 ? name : null,
        folder: uri.toString(),
        entries: await listWorkflows({ workspace: uri.fsPath, bundled: this.#bundled }),
      })),
    );
  }
}

function groupItem({ id, label, hint, scripts }: ScriptGroup): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `group ${id}`;
  item.description = hint;
  item.contextValue = 'group';
  item.accessibilityInformation = { label: `${label}, ${plural(scripts.length, 'workflow')}, ${hint}` };
  return item;
}

function scriptItem(node: ScriptNode, argsWords: (args: WorkflowArgs) => string): vscode.TreeItem {
  const { name, description, error } = node.entry;
  const item = new vscode.TreeItem(plain(name, 80));
  item.id = node.path;
  const problem = error && `${error.line === undefined ? '' : `line ${error.line}: `}${error.message}`;
  item.description = [plain(problem ?? description, 120), ...(node.folderName ? [node.folderName] : [])].join(' · ');
  item.iconPath = problem
    ? new vscode.ThemeIcon('error', new vscode.ThemeColor('charts.red'))
    : new vscode.ThemeIcon('type-hierarchy');
  item.contextValue = problem ? 'workflow.broken' : 'workflow';
  item.tooltip = new vscode.MarkdownString(tooltipOf(node, problem, argsWords));
  const state = problem ? ', cannot run' : '';
  item.accessibilityInformation = { label: `${plain(name, 80)}${state}, ${item.description}` };
  item.command = { command: 'counterpoint.openScript', title: 'Open Script', arguments: [node] };
  return item;
}

function tooltipOf(
  { entry, path }: ScriptNode,
  problem: string | undefined,
  argsWords: (args: WorkflowArgs) => string,
): string {
  const lines = [
    `**${escaped(entry.name, 80)}**`,
    ...(problem ? [`Cannot run: ${escaped(problem, 600)}`] : []),
    ...(entry.description ? [escaped(entry.description, 600)] : []),
    ...(entry.whenToUse ? [escaped(entry.whenToUse, 600)] : []),
    ...(entry.args ? [`Args: ${escaped(argsWords(entry.args), 600)}`] : []),
    escaped(path, 600),
  ];
  return lines.join('\n\n');
}

function hintItem(): vscode.TreeItem {
  const item = new vscode.TreeItem('None yet');
  item.id = 'hint';
  item.description = 'put a script into this folder';
  item.iconPath = new vscode.ThemeIcon('info');
  return item;
}
