import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { withoutMark } from '../../../extension/protocol/as-data.ts';
import type { JsonObject } from '../../../extension/protocol/json.ts';
import type { PermissionRules, Profile } from '../../../extension/protocol/permissions.ts';
import type { LanguageWaits } from '../../../extension/tools/language/language-api.ts';
import { createLanguageTools } from '../../../extension/tools/language/language-tools.ts';
import { outputOf, type ToolContext } from '../../../extension/tools/tool.ts';
import { type HeldApi, withHeldApi } from '../held-api.ts';
import type { HostTest } from '../runner.ts';
import { closeTabs, command, folder, runs, until, withSetting } from './support.ts';

const CONFIG = { strict: true, noEmit: true, module: 'esnext', moduleResolution: 'bundler', types: [] };
const LOAD = '\ufeffexport function load(path: string): string {\r\n  return path.trim();\r\n}\r\n';
const USE = `import { load } from './load';
import { twice } from './twice';

export const both = [load('a'), twice('b')];
const wrong: number = load('c');
`;
const TWICE = `import { load } from './load';

export function twice(path: string): string {
  return load(path) + load(path);
}
`;
const OTHER = "import { load } from '../load';\nexport const again = load('kept back');\n";

/** A project of three files, and those of each test beside them. */
function writeProject(root: string, others: Record<string, string>): void {
  const files = ['use.ts', ...Object.keys(others)];
  const config = JSON.stringify({ compilerOptions: CONFIG, files });
  const all = { 'tsconfig.json': config, 'load.ts': LOAD, 'use.ts': USE, 'twice.ts': TWICE, ...others };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
const SCRIPT = `export const meta = { name: 'with-language', description: 'One agent that a test leads.' };
const told = await agent('Hold it');
let outline = null;
try { outline = await tool('symbols', { path: 'lang/load.ts' }); } catch (error) { outline = String(error); }
return { report: '# Done', told, outline };
`;
const NO_RULES: PermissionRules = { allow: [], ask: [], deny: [] };

/** The project lies in a folder of its own for as long as `use` takes. */
async function withProject(
  name: string,
  others: Record<string, string>,
  use: (root: string, path: (name: string) => string) => Promise<void>,
): Promise<void> {
  const root = join(folder().uri.fsPath, name);
  writeProject(root, others);
  try {
    await use(root, (file) => `${name}/${file}`);
  } finally {
    await closeTabs();
    rmSync(root, { recursive: true });
  }
}

type Call = (name: string, input: JsonObject) => Promise<string>;

/** Leads one agent of a real run: each call is its next one, and gives what it was told. @returns The result of the run. */
async function withAgent(
  { profile, rules = NO_RULES }: { profile: Profile; rules?: PermissionRules },
  use: (call: Call) => Promise<void>,
): Promise<{ outline: string }> {
  const script = join(folder().uri.fsPath, '.claude/workflows/with-language.js');
  writeFileSync(script, SCRIPT);
  let result: unknown;
  try {
    await withHeldApi((api) =>
      withSetting('profile', profile, () =>
        withSetting('permissions', rules, async () => {
          const runId = await command('counterpoint.runWorkflow', { script, provider: 'anthropic', model: 'haiku' });
          assert(runId);
          try {
            await use((name, input) => nextCall(api, name, input));
            await api.release('Hold it', { text: 'done' });
            result = (await (await runs()).finished(runId)).result;
          } finally {
            await command('counterpoint.stopRun', runId);
          }
        }),
      ),
    );
  } finally {
    rmSync(script);
  }
  return result as { outline: string };
}

async function nextCall(api: HeldApi, name: string, input: JsonObject): Promise<string> {
  await api.release('Hold it', { tools: [{ name, input }] });
  const asked = api.requests.length;
  const next = await until('what comes of the call', () => api.requests.length > asked && api.requests.at(-1), 25_000);
  const [block] = next.body.messages.at(-1)?.content ?? [];
  return withoutMark(String(block?.content ?? ''));
}

/** Calls a tool by itself, with what VS Code really has. */
async function alone(
  name: string,
  input: JsonObject,
  context: Partial<ToolContext> = {},
  waits: Partial<LanguageWaits> = {},
): Promise<string> {
  const tool = createLanguageTools(vscode, waits).find((one) => one.name === name);
  assert(tool);
  const workspace = realpathSync(folder().uri.fsPath);
  const all = { workspace, ripgrep: '', signal: new AbortController().signal, ...context };
  return outputOf(await tool.run(input, all)).forModel;
}

const WORDS = 'never other\nother key moved away\n';
const NOBODY = /^VS Code has no language support for words\.zz \(language plaintext\); use grep\.$/;

interface Words {
  /** `words.zz`, in a language that nobody knows. */
  file: string;
  /** A file that agents do not read. */
  secret: string;
  outside: string;
  /** A link in the workspace to what lies outside. */
  link: string;
}

async function withWords(use: (words: Words) => Promise<void>): Promise<void> {
  const root = folder().uri.fsPath;
  const [file, secret, link] = [join(root, 'words.zz'), join(root, '.env'), join(root, 'way.zz')];
  const outside = join(tmpdir(), `outside-${process.pid}.zz`);
  writeFileSync(file, WORDS);
  writeFileSync(secret, 'key=1\n');
  writeFileSync(outside, 'key=2\n');
  symlinkSync(outside, link);
  try {
    await use({ file, secret, outside, link });
  } finally {
    for (const path of [file, secret, outside, link]) rmSync(path, { force: true });
  }
}

/** Why a tool refuses. */
async function refusal(name: string, input: JsonObject, waits?: Partial<LanguageWaits>): Promise<string> {
  try {
    return `It did not refuse: ${await alone(name, input, {}, waits)}`;
  } catch (error) {
    assert.equal((error as Error).name, 'ToolError', String(error));
    return (error as Error).message;
  }
}

/** A person has typed into a file, and not saved it, for as long as `use` takes. */
async function unsaved(file: string, use: () => Promise<void>): Promise<void> {
  const files = vscode.workspace.getConfiguration('files');
  await files.update('autoSave', 'off', vscode.ConfigurationTarget.Global);
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document);
  const typed = new vscode.WorkspaceEdit();
  typed.insert(document.uri, new vscode.Position(0, 0), '// typed\n');
  assert(await vscode.workspace.applyEdit(typed));
  try {
    await use();
  } finally {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await files.update('autoSave', undefined, vscode.ConfigurationTarget.Global);
  }
}

const AT_LOAD = { path: 'lang/load.ts', line: 1, symbol: 'load' };
const AT_TRUNK = { ...AT_LOAD, path: 'trunk/load.ts' };
const FETCH = { line: 1, symbol: 'load', newName: 'fetch1' };

export const LANGUAGE_TESTS: HostTest[] = [
  {
    name: 'an agent is told by TypeScript where a name is defined and used, what is in a file and what is wrong; not of what a rule keeps back',
    run: () =>
      withProject('lang', { 'kept/again.ts': OTHER }, async () => {
        const rules = { ...NO_RULES, deny: ['read_file(lang/kept/**)'] };
        const { outline } = await withAgent({ profile: 'read-only', rules }, async (call) => {
          const used = { path: 'lang/use.ts', line: 4, symbol: 'twice' };
          assert.match(
            await call('definition', used),
            /^lang\/twice\.ts:3: export function twice\(path: string\): string \{\n\n\(files that rules keep back/,
          );
          const references = await call('references', AT_LOAD);
          assert.deepEqual(
            references.split('\n').filter((line) => /:\d+: /.test(line)),
            [
              'lang/load.ts:1: export function load(path: string): string {',
              "lang/twice.ts:1: import { load } from './load';",
              'lang/twice.ts:4: return load(path) + load(path);',
              "lang/use.ts:1: import { load } from './load';",
              "lang/use.ts:4: export const both = [load('a'), twice('b')];",
              "lang/use.ts:5: const wrong: number = load('c');",
            ],
          );
          assert(!references.includes('again'));
          assert.match(
            await call('definition', { path: 'lang/kept/again.ts', line: 9, symbol: 'load' }),
            /^Not allowed\. lang\/kept\/again\.ts: the rule read_file\(lang\/kept\/\*\*\) denies it/,
          );
          assert.match(
            await call('definition', { path: 'lang/use.ts', line: 2, symbol: 'load' }),
            /"load" is not in line 2\. The nearest line that has it is 1\./,
          );
          assert.match(
            await call('definition', { ...AT_LOAD, line: 2, symbol: 'path.trim' }),
            /^\(outside the workspace: lib\.es5\.d\.ts/,
          );
          assert.match(
            await call('diagnostics', { path: 'lang/use.ts' }),
            /^lang\/use\.ts:5: error \[ts 2322\] Type 'string' is not assignable to type 'number'\.$/m,
          );
          assert.equal(await call('diagnostics', { path: 'lang/twice.ts' }), 'No problems.');
          assert.match(await call('symbols', { query: 'twice' }), /^lang\/twice\.ts:3: function twice/);
          assert.match(await call('rename', { ...AT_LOAD, newName: 'read' }), /There is no tool "rename"/);
        });
        assert.equal(outline, '1: function load');
      }),
  },
  {
    name: 'a rename changes three files as other tools write; what a rule denies, what is protected and what is not saved keeps all of it back',
    run: () =>
      withProject('lang', {}, (root) =>
        withProject('denied', { 'more/other.ts': OTHER }, () =>
          withProject('guarded', { '.vscode/task.ts': OTHER }, async (guarded) => {
            const text = (path: string) => readFileSync(join(root, path), 'utf8');
            const rules = { ...NO_RULES, deny: ['edit_file(denied/more/**)'] };
            await withAgent({ profile: 'trusted', rules }, async (call) => {
              assert.equal(
                await call('rename', { ...AT_LOAD, newName: 'read' }),
                'Renamed in 3 files:\nlang/load.ts: line 1\nlang/twice.ts: lines 1, 4\nlang/use.ts: lines 1, 4, 5',
              );
              const renamed = (before: string) => before.replaceAll(/\bload\b(?!')/g, 'read');
              assert.equal(text('load.ts'), renamed(LOAD));
              assert.equal(text('twice.ts'), renamed(TWICE));
              assert.equal(text('use.ts'), renamed(USE));
              // What was written is known to the servers for the next call.
              const again = await call('references', { path: 'lang/twice.ts', line: 4, symbol: 'read' });
              assert.equal(again.split('\n').length, 6);

              assert.match(
                await call('rename', { ...FETCH, path: 'denied/load.ts' }),
                /^Not allowed\. denied\/more\/other\.ts: the rule edit_file\(denied\/more\/\*\*\) denies it/,
              );
              assert.match(
                await call('rename', { ...FETCH, path: 'guarded/load.ts' }),
                /^Nothing was renamed, .*guarded\/\.vscode\/task\.ts says what programs run/,
              );
              await unsaved(join(root, 'use.ts'), async () =>
                assert.match(
                  await call('rename', { ...FETCH, symbol: 'read', path: 'lang/load.ts' }),
                  /^lang\/use\.ts has unsaved changes in an editor, so nothing was renamed/,
                ),
              );
            });
            assert.equal(text('load.ts'), LOAD.replace('load', 'read'));
            assert.equal(readFileSync(join(guarded, 'load.ts'), 'utf8'), LOAD);
          }),
        ),
      ),
  },
  {
    name: 'in a worktree of its own an agent is told of its files, and renames in them alone',
    run: () =>
      withProject('trunk', {}, (root) =>
        withProject('.counterpoint/worktrees/run/call/trunk', {}, async (own) => {
          const workspace = realpathSync(dirname(own));
          const references = await alone('references', AT_TRUNK, { workspace });
          assert.equal(references.split('\n').length, 6);
          assert.match(references, /^trunk\/load\.ts:1: /);
          await alone('rename', { ...AT_TRUNK, newName: 'read' }, { workspace });
          assert.equal(readFileSync(join(own, 'load.ts'), 'utf8'), LOAD.replace('load', 'read'));
          assert.equal(readFileSync(join(root, 'load.ts'), 'utf8'), LOAD);
          // The workspace's own are other files, of which nobody is told who works there.
          assert.equal((await alone('references', AT_TRUNK)).split('\n').length, 6);
          assert.match(
            await alone('diagnostics', {}, { workspace }),
            /^No problems known\.\n\n\(VS Code knows only of files/,
          );
        }),
      ),
  },
  {
    name: 'problems are told once a language server has spoken of a file; where nobody speaks its language, that is told',
    run: () =>
      withWords(async ({ file, secret }) => {
        assert.match(await refusal('diagnostics', { path: 'words.zz' }), NOBODY);
        assert.match(await refusal('definition', { path: 'words.zz', line: 1, symbol: 'other' }), NOBODY);
        assert.match(await refusal('symbols', { path: 'words.zz' }), NOBODY);
        const problems = vscode.languages.createDiagnosticCollection('zz');
        const tellSoon = (said: vscode.Diagnostic[]) =>
          setTimeout(() => problems.set(vscode.Uri.file(file), said), 100);
        const { Error: error, Information: remark } = vscode.DiagnosticSeverity;
        const range = new vscode.Range(1, 0, 1, 5);
        try {
          tellSoon([
            new vscode.Diagnostic(range, 'No such\nword.', error),
            new vscode.Diagnostic(range, 'Well.', remark),
          ]);
          problems.set(vscode.Uri.file(secret), [new vscode.Diagnostic(range, 'key=1', error)]);
          assert.equal(await alone('diagnostics', { path: 'words.zz' }), 'words.zz:2: error No such word.');
          const all = await alone('diagnostics', {});
          assert(all.includes('words.zz:2: error No such word.') && !all.includes('key=1'), all);
          tellSoon([]);
          assert.equal(await alone('diagnostics', { path: 'words.zz' }), 'No problems.');
        } finally {
          problems.dispose();
        }
      }),
  },
  {
    name: 'a language server that never answers is given up, and what it says of other places is neither shown nor written',
    run: () =>
      withWords(async ({ file, secret, outside, link }) => {
        const at = (symbol: string, line: number, more: JsonObject = {}) => ({
          path: 'words.zz',
          line,
          symbol,
          ...more,
        });
        const uri = vscode.Uri.file;
        const defined: Record<string, string[]> = { other: [file], key: [outside, secret, link], away: [secret] };
        const zz = { pattern: '**/*.zz' };
        const provideDefinition = (document: vscode.TextDocument, position: vscode.Position) => {
          const places = defined[document.getText(document.getWordRangeAtPosition(position))];
          if (!places) return new Promise<never>(() => undefined);
          return places.map((path) => new vscode.Location(uri(path), new vscode.Position(0, 0)));
        };
        const provideRenameEdits = (document: vscode.TextDocument, position: vscode.Position, newName: string) => {
          const range = document.getWordRangeAtPosition(position)!;
          const word = document.getText(range);
          if (word === 'other') throw new Error('It is a word of the language.');
          const edit = new vscode.WorkspaceEdit();
          edit.replace(document.uri, word === 'key' ? new vscode.Range(0, 0, 0, 3) : range, newName);
          if (word === 'moved') edit.renameFile(document.uri, uri(`${file}2`));
          if (word === 'away') edit.replace(uri(outside), new vscode.Range(0, 0, 0, 3), newName);
          return edit;
        };
        const registered = [
          vscode.languages.registerDefinitionProvider(zz, { provideDefinition }),
          vscode.languages.registerRenameProvider(zz, { provideRenameEdits }),
        ];
        try {
          assert.equal(await alone('definition', at('other', 2)), 'words.zz:1: never other');
          assert.match(await alone('definition', at('away', 2)), /^No definition\. If that is surprising/);
          const told = await alone('definition', at('key', 2));
          assert.equal(told, `(outside the workspace: ${basename(outside)}, way.zz)`);
          assert.match(
            await refusal('definition', at('never', 1), { answer: 2_000 }),
            /did not answer within 2 s; go on with grep/,
          );
          const stop = new AbortController();
          const stopped = alone('definition', at('never', 1), { signal: stop.signal });
          setTimeout(() => stop.abort(new Error('stopped')), 100);
          await assert.rejects(stopped, /^Error: stopped$/);

          const refused = (symbol: string, newName = 'new') => refusal('rename', at(symbol, 2, { newName }));
          assert.match(await refused('other'), /^VS Code refuses: It is a word of the language/);
          assert.match(await refused('moved'), /^It would also create, move or delete files/);
          assert.match(await refused('away'), /^It would change a file outside the workspace \(outside-\d+\.zz\)/);
          assert.match(
            await refused('key'),
            /^Nothing was renamed: in words\.zz, an edit at line 1 is not where "key" stands/,
          );
          assert.match(await refused('key', 'a b'), /must be a name, without blanks/);
          assert.deepEqual([readFileSync(file, 'utf8'), readFileSync(outside, 'utf8')], [WORDS, 'key=2\n']);
          assert(!existsSync(`${file}2`));
        } finally {
          for (const one of registered) one.dispose();
        }
      }),
  },
];
