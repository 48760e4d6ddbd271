import { expect, test } from 'vitest';
import type { WorkflowEntry, WorkflowSource } from '../../extension/runs/run-service.ts';
import { groupScripts } from '../../extension/views/workflow-groups.ts';

function entry(name: string, source: WorkflowSource, path = `/${source}/${name}.js`): WorkflowEntry {
  return { name, source, path, description: '', whenToUse: '' };
}

test('scripts stand where they lie, and the project has its place while it has none', () => {
  const entries = [
    entry('sweep', 'bundled'),
    entry('b', 'project-claude'),
    entry('a', 'user-claude'),
    entry('mine', 'user'),
  ];
  const groups = groupScripts([{ name: null, folder: 'file:///shop', entries }]);
  expect(groups.map(({ label, scripts }) => [label, scripts.map(({ entry: { name } }) => name)])).toEqual([
    ['Project', []],
    ['User', ['mine']],
    ['Claude', ['a', 'b']],
    ['Bundled', ['sweep']],
  ]);
  expect(groupScripts([])).toEqual([]);
});

test('of several folders each has its own scripts, and what all of them have is there once', () => {
  const shared = [entry('mine', 'user'), entry('sweep', 'bundled')];
  const groups = groupScripts([
    { name: 'shop', folder: 'file:///shop', entries: [entry('check', 'project', '/shop/check.js'), ...shared] },
    { name: 'till', folder: 'file:///till', entries: [entry('check', 'project', '/till/check.js'), ...shared] },
  ]);
  const rows = groups.flatMap(({ scripts }) =>
    scripts.map(({ path, folder, folderName }) => [path, folder, folderName]),
  );
  expect(rows).toEqual([
    ['/shop/check.js', 'file:///shop', 'shop'],
    ['/till/check.js', 'file:///till', 'till'],
    ['/user/mine.js', undefined, null],
    ['/bundled/sweep.js', undefined, null],
  ]);
});
