import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Journal } from '../../extension/journal/journal.ts';
import { saveWorkflow, workflowNameProblem } from '../../extension/runs/save-workflow.ts';
import { tempDir } from '../support/temp-dir.ts';

const SCRIPT = "// Mine.\nexport const meta = { name: 'draft', description: 'Looks' }\nreturn 'name'\n";

function places(): { workspace: string; home: string } {
  return { workspace: tempDir(), home: tempDir() };
}

test('a script is kept under its name, in the project or with the person', async () => {
  const where = places();
  const path = await saveWorkflow(where, { text: SCRIPT, name: 'look-here', to: 'project' });
  expect(path).toBe(join(where.workspace, '.counterpoint/workflows/look-here.js'));
  expect(readFileSync(path, 'utf8')).toBe(SCRIPT.replace("'draft'", '"look-here"'));
  const own = await saveWorkflow(where, { text: SCRIPT, name: 'draft', to: 'user' });
  expect(own).toBe(join(where.home, '.counterpoint/workflows/draft.js'));
  expect(readFileSync(own, 'utf8')).toBe(SCRIPT);
  expect(readdirSync(join(where.home, '.counterpoint/workflows'))).toEqual(['draft.js']);
});

test.each([
  [
    'a mark at its beginning',
    '\uFEFFexport const meta = { name: "a", description: "d" }',
    '\uFEFFexport const meta = { name: "b", description: "d" }',
  ],
  [
    'a name that is written twice',
    "export const meta = { name: 'x', description: 'd', 'name': `a` }",
    "export const meta = { name: 'x', description: 'd', 'name': \"b\" }",
  ],
  [
    'lines of another system',
    "#!/usr/bin/x\r\nexport const meta = {\r\n  name: 'a',\r\n  description: 'd' }\r\n",
    '#!/usr/bin/x\r\nexport const meta = {\r\n  name: "b",\r\n  description: \'d\' }\r\n',
  ],
])('of a script with %s only its name changes', async (_, text, expected) => {
  const path = await saveWorkflow(places(), { text, name: 'b', to: 'project' });
  expect(readFileSync(path, 'utf8')).toBe(expected);
});

test('what lies there already is only lost where that is wanted', async () => {
  const where = places();
  const path = await saveWorkflow(where, { text: SCRIPT, name: 'taken', to: 'project' });
  const other = SCRIPT.replace('Mine', 'Other');
  const again = saveWorkflow(where, { text: other, name: 'taken', to: 'project' });
  await expect(again).rejects.toMatchObject({ code: 'name-taken', message: expect.stringContaining('"taken"') });
  expect(readFileSync(path, 'utf8')).toContain('Mine');
  await saveWorkflow(where, { text: SCRIPT, name: 'taken', to: 'project' });
  await saveWorkflow(where, { text: other, name: 'taken', to: 'project', replace: true });
  expect(readFileSync(path, 'utf8')).toContain('Other');
  expect(readdirSync(join(where.workspace, '.counterpoint/workflows'))).toEqual(['taken.js']);
});

test('of two that save under one name at once, one is told that it is taken', async () => {
  const where = places();
  const outcomes = await Promise.allSettled(
    ['one', 'two'].map((mine) => saveWorkflow(where, { text: SCRIPT.replace('Mine', mine), name: 'same', to: 'user' })),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test.each(['', '../up', 'a/b', '.hidden', 'a b', 'x'.repeat(65), 'dot.', '-x', 'a\nb'])(
  '%j is no name',
  async (name) => {
    expect(workflowNameProblem(name)).not.toBeNull();
    const where = places();
    await expect(saveWorkflow(where, { text: SCRIPT, name, to: 'user' })).rejects.toMatchObject({
      code: 'bad-arguments',
    });
    expect(readdirSync(where.home)).toEqual([]);
  },
);

test('what is no script is not kept', async () => {
  const where = places();
  await expect(saveWorkflow(where, { text: 'return 1', name: 'x', to: 'project' })).rejects.toMatchObject({
    code: 'script-refused',
  });
  expect(readdirSync(where.workspace)).toEqual([]);
});

test('a link in place of the folder of workflows leads nowhere', async () => {
  const where = places();
  const elsewhere = tempDir();
  mkdirSync(join(where.workspace, '.counterpoint'));
  symlinkSync(elsewhere, join(where.workspace, '.counterpoint/workflows'));
  const saved = saveWorkflow(where, { text: SCRIPT, name: 'x', to: 'project' });
  await expect(saved).rejects.toMatchObject({ code: 'workspace-unusable' });
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("git is shown a project's workflows, and nothing else of ours", async () => {
  const { workspace, home } = places();
  const git = (...args: string[]) => execFileSync('git', args, { cwd: workspace, encoding: 'utf8' });
  git('init', '-q');
  mkdirSync(join(workspace, '.counterpoint'));
  // As folders were made before.
  writeFileSync(join(workspace, '.counterpoint/.gitignore'), '*\n');
  new Journal(workspace).close();
  await saveWorkflow({ workspace, home }, { text: SCRIPT, name: 'shared', to: 'project' });
  expect(git('status', '--porcelain', '-uall').trim()).toBe('?? .counterpoint/workflows/shared.js');
});
