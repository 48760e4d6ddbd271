import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listWorkflows, locateScript } from '../../extension/runs/workflow-catalogue.ts';
import { tempDir } from '../support/temp-dir.ts';
import { writeFiles } from '../support/workspace.ts';

function script(name: string, description: string): string {
  return `export const meta = { name: '${name}', description: '${description}' };\nreturn 1;\n`;
}

/** Every place has a script of its own, and all of them one called `same`. */
function places() {
  const root = tempDir();
  const [workspace, home, bundled] = [join(root, 'shop'), join(root, 'home'), join(root, 'bundled')];
  const folders = {
    project: join(workspace, '.counterpoint/workflows'),
    'project-claude': join(workspace, '.claude/workflows'),
    user: join(home, '.counterpoint/workflows'),
    'user-claude': join(home, '.claude/workflows'),
    bundled,
  };
  for (const [source, folder] of Object.entries(folders)) {
    writeFiles(folder, { 'own.js': script(`${source}-own`, source), 'same.js': script('same', source) });
  }
  return { places: { workspace, home, bundled }, folders };
}

test('scripts of the project, of the person and bundled ones are listed, each with where it lies', async () => {
  const { places: all } = places();
  const entries = await listWorkflows(all);
  expect(entries.filter(({ name }) => name !== 'same').map(({ name, source }) => [name, source])).toEqual([
    ['project-own', 'project'],
    ['project-claude-own', 'project-claude'],
    ['user-own', 'user'],
    ['user-claude-own', 'user-claude'],
    ['bundled-own', 'bundled'],
  ]);
});

test('a script says what it takes as args, where it does', async () => {
  const workspace = tempDir();
  const take = (args: string) => `export const meta = { name: '${args.length}', description: 'd', args: ${args} };\n`;
  writeFiles(workspace, {
    '.counterpoint/workflows/a.js': take("{ type: 'object', properties: { days: { default: 3 } } }"),
    '.counterpoint/workflows/b.js': take("'The question to answer'"),
    '.counterpoint/workflows/c.js': script('none', 'takes nothing'),
  });
  const entries = await listWorkflows({ workspace, home: tempDir(), bundled: join(workspace, 'none') });
  expect(entries.map(({ args }) => args)).toEqual([
    { schema: { type: 'object', properties: { days: { default: 3 } } } },
    { line: 'The question to answer' },
    undefined,
  ]);
});

test("of scripts with one name the project's wins over the person's, and that over a bundled one", async () => {
  const { places: all, folders } = places();
  const winner = async () =>
    (await listWorkflows(all)).filter(({ name }) => name === 'same').map(({ source }) => source);
  for (const [source, folder] of Object.entries(folders)) {
    expect(await winner()).toEqual([source]);
    expect((await locateScript(all, 'same')).script.meta.description).toBe(source);
    rmSync(join(folder, 'same.js'));
  }
});

test('a folder of scripts that is none has no scripts, nor has what is none beside them, and one that cannot be read says why it cannot run', async () => {
  const workspace = tempDir();
  writeFiles(workspace, {
    '.counterpoint/workflows': 'a file',
    '.claude/workflows/broken.js': 'const = 1;\n',
    '.claude/workflows/README.md': 'No script.',
  });
  const entries = await listWorkflows({ workspace, home: tempDir(), bundled: join(workspace, 'none') });
  expect(entries).toMatchObject([{ name: 'broken', source: 'project-claude', error: { line: 1 } }]);
});
