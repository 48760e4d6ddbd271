import * as vscode from 'vscode';
import { plain } from '../protocol/plain-text.ts';
import type { LiveRuns } from '../runs/live-runs.ts';
import { STANDING_ICONS } from '../runs/run-standing.ts';
import { type Change, type GroupNode, type ListedFolder, RunList, type RunNode } from './run-list.ts';
import { descriptionOf, plural, spokenOf, tooltipOf } from './run-words.ts';

const VIEW = 'counterpoint.runs';
/** How often runs are looked at while the view is seen: those that another process drives tell nothing by themselves. */
const LOOK_MS = 1_000;
/** What a run of this window tells is shown a little later, together with what follows. */
const HEARD_MS = 150;

/** Tells how the selected run stands, to the keys of the view. */
const STANDING_KEY = 'counterpoint.selectedRun';
const RESTRICTED = 'Restricted Mode: runs can be looked at, and none can be started.';
const ASKS_ICON: [icon: string, color?: string] = ['question', 'charts.yellow'];

type Node = GroupNode | RunNode;

export interface RunsViewOptions {
  /** Every open folder that has runs; those that have none are left as they are. */
  folders(): Promise<ListedFolder[]>;
  live: LiveRuns;
}

export interface RunsView extends vscode.Disposable {
  readonly rows: vscode.TreeDataProvider<Node>;
  refresh(): Promise<void>;
  /** The run that is selected. */
  selected(): RunNode | undefined;
}

/** The runs of all open folders. While nobody sees the view nothing is read for it. */
export function createRunsView({ folders, live }: RunsViewOptions): RunsView {
  let told: string | undefined;
  const selected = () => tree.selection.find((node) => node.type === 'run');
  const tellKeys = () => {
    const standing = selected()?.standing;
    if (standing === told) return;
    told = standing;
    void vscode.commands.executeCommand('setContext', STANDING_KEY, standing);
  };
  const rows = new RunRows(folders, (failure) => {
    tellKeys();
    // Where there are none, the welcome says it, and a message would stand in its place.
    const restricted = vscode.workspace.isTrusted || rows.isEmpty ? undefined : RESTRICTED;
    tree.message = failure === null ? restricted : failure instanceof Error ? failure.message : String(failure);
  });
  const tree = vscode.window.createTreeView<Node>(VIEW, { treeDataProvider: rows, showCollapseAll: true });
  let timer: NodeJS.Timeout | undefined;
  let heard: NodeJS.Timeout | undefined;
  const look = () => {
    heard = undefined;
    if (timer) void rows.look();
  };
  const watch = () => {
    clearInterval(timer);
    timer = tree.visible ? setInterval(look, LOOK_MS) : undefined;
    if (timer) look();
    else rows.rest();
  };
  live.onChange(() => {
    if (timer) heard ??= setTimeout(look, HEARD_MS);
  });
  watch();
  const parts = vscode.Disposable.from(
    tree,
    tree.onDidChangeVisibility(watch),
    tree.onDidChangeSelection(tellKeys),
    vscode.workspace.onDidChangeWorkspaceFolders(look),
    vscode.workspace.onDidGrantWorkspaceTrust(look),
  );
  return {
    rows,
    refresh: () => rows.refresh(),
    selected,
    dispose() {
      clearInterval(timer);
      clearTimeout(heard);
      timer = undefined;
      parts.dispose();
    },
  };
}

class RunRows implements vscode.TreeDataProvider<Node> {
  #list: RunList;
  #tell: (failure: unknown) => void;
  #changed = new vscode.EventEmitter<Node[] | undefined>();
  #looking: Promise<Change> | null = null;
  #looked = false;
  readonly onDidChangeTreeData = this.#changed.event;

  /** @param tell Called after each look: with what failed, or null. */
  constructor(folders: () => Promise<ListedFolder[]>, tell: (failure: unknown) => void) {
    this.#list = new RunList(folders);
    this.#tell = tell;
  }

  get isEmpty(): boolean {
    return this.#list.groups.length === 0;
  }

  /** Reads what is there now, and shows what has changed; never rejects. */
  async look(): Promise<void> {
    const { groups, runs } = await this.#look();
    if (groups) this.#changed.fire(undefined);
    else if (runs.length > 0) this.#changed.fire(runs);
  }

  async refresh(): Promise<void> {
    await this.#look();
    this.#changed.fire(undefined);
  }

  /** Nobody sees them any more. */
  rest(): void {
    this.#list.forget();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node?.type === 'run') return [];
    if (node?.type === 'group') {
      void this.#list.fill(node.runs, (filled) => this.#changed.fire(filled)).catch(this.#tell);
      return node.runs;
    }
    if (!this.#looked) await this.#look();
    return [...this.#list.groups];
  }

  getParent(node: Node): Node | undefined {
    return node.type === 'run' ? this.#list.groupOf(node) : undefined;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return node.type === 'run' ? runItem(node) : groupItem(node);
  }

  /** Asked for when somebody points at a row. */
  resolveTreeItem(item: vscode.TreeItem, node: Node): vscode.TreeItem {
    if (node.type !== 'run') return item;
    node.overview ??= node.runs.overview(node.runId);
    item.tooltip = new vscode.MarkdownString(tooltipOf(node, Date.now()));
    return item;
  }

  /** Two at once are one. */
  #look(): Promise<Change> {
    this.#looking ??= this.#list
      .look(Date.now())
      .then(
        (change) => {
          this.#tell(null);
          return change;
        },
        (failure: unknown): Change => {
          this.#tell(failure);
          return { groups: false, runs: [] };
        },
      )
      .finally(() => {
        this.#looked = true;
        this.#looking = null;
      });
    return this.#looking;
  }
}

function groupItem({ id, label, open, runs }: GroupNode): vscode.TreeItem {
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, open ? Expanded : Collapsed);
  item.id = `group ${id}`;
  item.description = String(runs.length);
  item.contextValue = 'group';
  item.accessibilityInformation = { label: `${label}, ${plural(runs.length, 'run')}` };
  return item;
}

function runItem(node: RunNode): vscode.TreeItem {
  const now = Date.now();
  const item = new vscode.TreeItem(plain(node.summary.run.name, 80));
  item.id = node.runId;
  item.description = descriptionOf(node, now);
  item.iconPath = iconOf(node);
  item.contextValue = contextOf(node);
  item.accessibilityInformation = { label: spokenOf(node, now) };
  item.command = { command: 'counterpoint.showRun', title: 'Show Run', arguments: [node.runId] };
  return item;
}

/** What the menus of the view go by: `run.STANDING`, and `.asks` where a question of it is open. */
export function contextOf({ standing, questions }: RunNode): string {
  return `run.${standing}${questions > 0 ? '.asks' : ''}`;
}

function iconOf({ standing, questions }: RunNode): vscode.ThemeIcon {
  const asks = questions > 0 && (standing === 'running' || standing === 'paused');
  const [icon, color] = asks ? ASKS_ICON : STANDING_ICONS[standing];
  // In a list of others the one that moves is found at once; VS Code holds it still where motion is reduced.
  const id = icon === 'sync' ? 'sync~spin' : icon;
  return new vscode.ThemeIcon(id, color ? new vscode.ThemeColor(color) : undefined);
}
