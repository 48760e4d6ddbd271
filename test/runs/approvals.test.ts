import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Approvals } from '../../extension/runs/approvals.ts';
import { tempDir } from '../support/temp-dir.ts';

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];

test('a version is approved in one folder, for all windows, until that is taken back', async () => {
  const home = tempDir();
  const [mine, other] = [new Approvals(home), new Approvals(home)];
  const version = { workspace: '/work', digest: A };
  expect(await mine.has(version)).toBe(false);
  await mine.add(version, 'sweep');
  expect(await other.has(version)).toBe(true);
  expect(await other.has({ ...version, digest: B })).toBe(false);
  expect(await other.has({ ...version, workspace: '/work2' })).toBe(false);
  await other.remove(version);
  expect(await mine.has(version)).toBe(false);
});

test('windows that approve at the same time lose nothing', async () => {
  const home = tempDir();
  const versions = Array.from({ length: 40 }, (_, at) => ({ workspace: `/w${at % 5}`, digest: at % 2 ? A : B }));
  await Promise.all(versions.map((version) => new Approvals(home).add(version, 'x')));
  const known = await Promise.all(versions.map((version) => new Approvals(home).has(version)));
  expect(known.every(Boolean)).toBe(true);
  expect(readdirSync(join(home, '.counterpoint/approvals'))).toHaveLength(10);
});

test('a file that is cut short, or of another version, approves nothing', async () => {
  const home = tempDir();
  const approvals = new Approvals(home);
  const folder = join(home, '.counterpoint/approvals');
  await approvals.add({ workspace: '/work', digest: A }, 'x');
  const [first = ''] = readdirSync(folder);
  await approvals.add({ workspace: '/work', digest: B }, 'x');
  const second = readdirSync(folder).find((file) => file !== first) ?? '';
  renameSync(join(folder, first), join(folder, second));
  expect(await approvals.has({ workspace: '/work', digest: B })).toBe(false);
  writeFileSync(join(folder, second), '{"workspace":"/work"');
  expect(await approvals.has({ workspace: '/work', digest: B })).toBe(false);
});

test('only the person can read and write what they approved', async () => {
  const home = tempDir();
  await new Approvals(home).add({ workspace: '/work', digest: A }, 'x');
  const folder = join(home, '.counterpoint/approvals');
  expect(statSync(folder).mode & 0o077).toBe(0);
  expect(statSync(join(folder, readdirSync(folder)[0] ?? '')).mode & 0o077).toBe(0);
});

test('a folder that cannot be used is told with what to do', async () => {
  const home = tempDir();
  mkdirSync(join(home, '.counterpoint'));
  writeFileSync(join(home, '.counterpoint/approvals'), '');
  const approvals = new Approvals(home);
  await expect(approvals.add({ workspace: '/work', digest: A }, 'x')).rejects.toMatchObject({
    code: 'workspace-unusable',
    message: expect.stringMatching(/Make it a folder that you can write to/),
  });
  expect(await approvals.has({ workspace: '/work', digest: A })).toBe(false);
});

test('all versions of one name in one folder are taken back together, and of nothing else', async () => {
  const home = tempDir();
  const approvals = new Approvals(home);
  expect(await approvals.removeNamed('/work', 'MCP server a')).toBe(0);
  const versions = [
    { workspace: '/work', digest: A },
    { workspace: '/work', digest: B },
    { workspace: '/work2', digest: A },
  ];
  for (const version of versions) await approvals.add(version, 'MCP server a');
  const other = { workspace: '/work', digest: 'c'.repeat(64) };
  await approvals.add(other, 'MCP server b');
  writeFileSync(join(home, '.counterpoint/approvals/half.json'), '{"workspace":"/work"');
  expect(await approvals.removeNamed('/work', 'MCP server a')).toBe(2);
  const known = await Promise.all([...versions, other].map((version) => approvals.has(version)));
  expect(known).toEqual([false, false, true, true]);
});
