import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { TestApi } from '../../../extension/main.ts';
import type { HostTest } from '../runner.ts';
import { api, command, EXTENSION_ID, folder, runs, runToEnd, until } from './support.ts';

interface Entry {
  command: string;
  when?: string;
}
interface Manifest {
  contributes: {
    commands: { command: string; enablement?: string }[];
    menus: Record<string, Entry[]>;
    keybindings: (Entry & { key: string })[];
    viewsWelcome: { view: string; contents: string; when?: string }[];
    views: Record<string, { id: string; when?: string }[]>;
  };
}

function contributed(): Manifest['contributes'] {
  const extension = vscode.extensions.getExtension(EXTENSION_ID);
  assert(extension);
  return (extension.packageJSON as Manifest).contributes;
}

async function views(): Promise<TestApi['views']> {
  return (await api()).views;
}

interface Row {
  item: vscode.TreeItem;
  rows: Row[];
}

/** What a view shows, unfolded. */
async function shown<T>(provider: vscode.TreeDataProvider<T>, node?: T): Promise<Row[]> {
  const children = (await provider.getChildren(node)) ?? [];
  return Promise.all(
    children.map(async (child) => ({
      item: await provider.getTreeItem(child),
      rows: node === undefined ? await shown(provider, child) : [],
    })),
  );
}

/** The row of a run, and the group that it stands in. */
async function rowOf(runId: string): Promise<{ group: string; item: vscode.TreeItem } | undefined> {
  const { runs: view } = await views();
  await view.refresh();
  for (const group of await shown(view.rows)) {
    const row = group.rows.find(({ item }) => item.id === runId);
    if (row) return { group: String(group.item.label), item: row.item };
  }
  return undefined;
}

/** Every clause of the package with where it stands. */
function clauses(): [where: string, when: string][] {
  const { commands, menus, keybindings, viewsWelcome } = contributed();
  return [
    ...commands.map(({ command: id, enablement }) => [id, enablement]),
    ...Object.entries(menus).flatMap(([menu, all]) => all.map(({ command: id, when }) => [`${menu} ${id}`, when])),
    ...keybindings.map(({ key, when }) => [key, when]),
    ...viewsWelcome.map(({ view, when }) => [view, when]),
  ].filter((clause): clause is [string, string] => clause[1] !== undefined);
}

/** The grammar of when-clauses, as far as ours go: terms joined by && and ||, each a key, negated or compared. */
const TERM =
  /^(?:false|!?[\w.:]+|[\w.:]+ (?:not )?in [\w.:]+|[\w.:]+ ?(?:==|!=) ?(?:'[^']*'|[\w.:]+)|[\w.:]+ =~ (\/(?:[^/\\]|\\.)+\/[a-z]*))$/;

/** A panel, a view, or the editor of a script that waits for a decision. */
const OURS =
  /^activeWebviewPanelId == 'counterpoint\.(run|preview)' && .*!focusedView|focusedView (==|=~)|resourcePath in counterpoint\.askedScripts$/;

export const VIEWS_TESTS: HostTest[] = [
  {
    name: 'every menu, key and welcome names a command that is there',
    async run() {
      const known = new Set(await vscode.commands.getCommands(false));
      const { menus, keybindings, viewsWelcome } = contributed();
      const named = [...Object.values(menus).flat(), ...keybindings].map(({ command: id }) => id);
      const linked = viewsWelcome.flatMap(({ contents }) => [...contents.matchAll(/\(command:([\w.]+)\)/g)]);
      const all = [...named, ...linked.map(([, id]) => id ?? '')];
      assert(all.length > 40);
      assert.deepEqual(
        all.filter((id) => !known.has(id)),
        [],
      );
    },
  },
  {
    name: 'every when-clause parses, and its patterns are patterns',
    async run() {
      const all = clauses();
      assert(all.length > 40);
      for (const [where, when] of all) {
        for (const term of when.split(/ (?:&&|\|\|) /)) {
          const match = TERM.exec(term);
          assert(match, `${where}: ${term}`);
          if (match[1]) new RegExp(match[1].slice(1, match[1].lastIndexOf('/')));
        }
      }
    },
  },
  {
    name: 'no key is taken from VS Code, but where only a panel or a view of ours has the focus',
    async run() {
      const uri = vscode.Uri.parse('vscode://defaultsettings/keybindings.json');
      const text = (await vscode.workspace.openTextDocument(uri)).getText().replace(/^\s*\/\/.*$/gm, '');
      const all = JSON.parse(text.slice(0, text.lastIndexOf(']') + 1)) as Partial<Entry & { key: string }>[];
      assert(all.length > 500);
      // What goes everywhere would go in our panel, too, and be missed there.
      const everywhere = new Set(all.filter(({ when }) => !when).map(({ key }) => key));
      for (const { key, when } of contributed().keybindings) {
        assert.match(when ?? '', OURS, key);
        assert(!everywhere.has(key), `${key} is VS Code's`);
      }
    },
  },
  {
    name: 'a run that has ended stands under its day, with what it did, and offers its report',
    async run() {
      const { runId } = await runToEnd('echo');
      const row = await rowOf(runId);
      assert.equal(row?.group, 'Today');
      assert.equal(row.item.label, 'echo');
      assert.equal(row.item.contextValue, 'run.completed');
      assert.deepEqual(row.item.command?.arguments, [runId]);
      assert.equal((row.item.iconPath as vscode.ThemeIcon).id, 'pass');
      assert.match(String(row.item.accessibilityInformation?.label), /^echo, completed/);
    },
  },
  {
    name: 'a run at work moves from group to group as it is paused, continued and stopped from a menu of the view',
    async run() {
      const runId = await command('counterpoint.runWorkflow', { script: 'long-run', provider: 'builtin' });
      assert(runId);
      const stands = async (group: string, contextValue: string) => {
        const row = await until(group, async () => {
          const found = await rowOf(runId);
          return found?.group === group && found;
        });
        assert.equal(row.item.contextValue, contextValue);
        return row.item;
      };
      const pointed = { view: 'counterpoint.runs', runId };
      await stands('Running', 'run.running');
      await vscode.commands.executeCommand('counterpoint.pauseRun', pointed);
      assert.match(String((await stands('Paused', 'run.paused')).description), /^paused/);
      await vscode.commands.executeCommand('counterpoint.continueRun', pointed);
      await stands('Running', 'run.running');
      await (await runs()).stop(runId);
      assert.match(String((await stands('Today', 'run.stopped')).description), /^stopped/);
    },
  },
  {
    name: 'a run that asks stands under what waits for a person',
    async run() {
      const runId = await command('counterpoint.runWorkflow', { script: 'release', provider: 'builtin' });
      assert(runId);
      const row = await until('its question', async () => {
        const found = await rowOf(runId);
        return found?.group === 'Waiting for You' && found;
      });
      assert.equal(row.item.contextValue, 'run.running.asks');
      assert.match(String(row.item.description), /^1 question/);
      await (await runs()).stop(runId);
    },
  },
  {
    name: 'the runs are looked at again and again while their view is seen, and not at all while it is hidden',
    async run() {
      const { rows } = (await views()).runs as unknown as { rows: { look(): Promise<void> } };
      const look = rows.look.bind(rows);
      let looks = 0;
      rows.look = () => {
        looks += 1;
        return look();
      };
      try {
        await vscode.commands.executeCommand('counterpoint.runs.focus');
        await until('two looks', () => looks >= 2);
        await vscode.commands.executeCommand('workbench.view.explorer');
        // It is told a moment later; from then on nothing may come, for more than twice as long as between two looks.
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const before = looks;
        await new Promise((resolve) => setTimeout(resolve, 2_200));
        assert.equal(looks, before);
      } finally {
        rows.look = look;
      }
    },
  },
  {
    name: 'workflows stand where they lie, with their errors, and a new one appears by itself',
    async run() {
      const { workflows } = await views();
      const groups = async () => {
        const all = await shown(workflows.rows);
        return new Map(all.map(({ item, rows }) => [String(item.label), rows.map((row) => row.item)]));
      };
      const before = await groups();
      assert.deepEqual([...before.keys()], ['Project', 'Claude', 'Bundled']);
      assert.deepEqual(
        before.get('Project')?.map(({ label }) => label),
        ['long-run'],
      );
      const sweep = before.get('Bundled')?.find(({ label }) => label === 'bug-sweep');
      assert(sweep?.tooltip instanceof vscode.MarkdownString);
      assert.match(sweep.tooltip.value, /\n\nArgs: paths /);
      const broken = before.get('Claude')?.find(({ label }) => label === 'broken');
      assert.equal(broken?.contextValue, 'workflow.broken');
      assert.match(String(broken?.description), /^line 2: /);
      await vscode.commands.executeCommand('counterpoint.workflows.focus');
      const file = join(folder().uri.fsPath, '.counterpoint/workflows/new.js');
      const changed = new Promise<void>((resolve) => {
        const hearing = workflows.rows.onDidChangeTreeData?.(() => {
          void groups().then((now) => {
            if (!now.get('Project')?.some(({ label }) => label === 'fresh')) return;
            hearing?.dispose();
            resolve();
          });
        });
      });
      // Files that come before the watcher does are not told of.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      writeFileSync(file, `export const meta = { name: 'fresh', description: 'New.' };\n`);
      try {
        await changed;
      } finally {
        rmSync(file);
      }
    },
  },
  {
    name: 'a script of the view opens: one of the project to be edited, a bundled one to be read, a broken one at its error',
    async run() {
      const { workflows } = await views();
      const open = async (name: string) => {
        const groups = await shown(workflows.rows);
        const item = groups.flatMap(({ rows }) => rows).find((row) => row.item.label === name)?.item;
        assert(item?.command);
        await vscode.commands.executeCommand(item.command.command, ...(item.command.arguments ?? []));
        return until(`${name} in an editor`, () => {
          const editor = vscode.window.activeTextEditor;
          return editor?.document.fileName.endsWith(`${name}.js`) ? editor : undefined;
        });
      };
      assert.equal((await open('broken')).selection.active.line, 1);
      const bundled = await open('bug-sweep');
      const text = bundled.document.getText();
      await vscode.commands.executeCommand('type', { text: 'x' });
      assert.equal(bundled.document.getText(), text);
    },
  },
];
