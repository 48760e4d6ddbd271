import { expect, test } from 'vitest';
import { boundsOf } from '../../extension/permissions/bounds.ts';
import { readRules } from '../../extension/permissions/rules.ts';
import type { Access, PermissionRules, Target } from '../../extension/protocol/permissions.ts';

function bounds(rules: Partial<PermissionRules>, named: string[] = [], access: Access = 'read', granted = () => false) {
  const targets: Target[] = named.map((path) => ({ kind: 'path', path, access: 'read' }));
  const call = { tool: access === 'execute' ? 'bash' : 'grep', access, input: {}, targets, confined: true };
  return boundsOf(call, readRules({ allow: [], ask: [], deny: [], ...rules }, []), granted);
}

test('a call may touch what it named and what lies below that, and nothing beside it', () => {
  const { holds } = bounds({}, ['src', './docs/a.md']);
  for (const path of ['src', 'src/a.ts', 'src/deep/a.ts', 'docs/a.md']) expect(holds(path, 'read'), path).toBe(true);
  for (const path of ['.', 'srcs', 'src2/a.ts', 'docs', 'docs/a.md.bak', '../src/a'])
    expect(holds(path, 'read'), path).toBe(false);
  expect(holds('src/a.ts', 'write')).toBe(false);
  expect(bounds({}, ['.']).holds('any/where', 'read')).toBe(true);
  // Programs, and tools that do not say, are held by rules alone.
  expect(bounds({}, ['a'], 'execute').holds('b', 'write')).toBe(true);
  expect(bounds({}).holds('b', 'read')).toBe(true);
});

test('a denied file is kept back whatever else was said of it, and an asked one until somebody said yes to it', () => {
  const rules = { ask: ['read_file(kept/**)'], deny: ['read_file(kept/never/**)'], allow: ['read_file(kept/**)'] };
  const yes = bounds(rules, ['.'], 'read', () => true);
  expect([yes.holds('kept/x', 'read'), yes.holds('kept/never/x', 'read')]).toEqual([true, false]);
  const no = bounds(rules, ['.']);
  expect([no.holds('kept/x', 'read'), no.holds('other', 'read'), no.holds('Kept/X', 'read')]).toEqual([
    false,
    true,
    false,
  ]);
  const folder = bounds(rules, ['kept']);
  expect([folder.holds('kept/x', 'read'), folder.holds('kept/never/x', 'read')]).toEqual([true, false]);
});

test('where rules may keep something back is told by folder, and what a call opened of it', () => {
  const { narrows, opens, globs } = bounds({ deny: ['read_file(a/b/**)', 'edit_file(c)'] }, ['a/b/c.txt'], 'execute');
  expect(['.', 'a', 'a/b', 'A/B/x', 'a/c', 'c'].map((folder) => narrows(folder, 'read'))).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(['a', 'a/b', 'a/b/c.txt', 'a/b/c', 'c'].map((folder) => opens(folder, 'read'))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect([globs('read'), globs('write')]).toEqual([['a/b/**'], ['c']]);
});
