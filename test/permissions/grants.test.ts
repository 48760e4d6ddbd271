import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Grants } from '../../extension/permissions/grants.ts';
import { tempDir } from '../support/temp-dir.ts';

const DAY = 24 * 3_600_000;
const scope = { workspace: '/work', digest: 'a'.repeat(64) };
const grant = { tool: 'bash', covers: 'command ["npm","test"]' };

function filesOf(home: string): string[] {
  return readdirSync(join(home, '.counterpoint/grants'));
}

test('a grant holds for one version of a script, one folder, one tool and just what was asked; for all windows, until it is taken back', async () => {
  const home = tempDir();
  const [mine, other] = [new Grants(home), new Grants(home)];
  expect(await mine.has(scope, grant)).toBe(false);
  await mine.add(scope, grant, 'sweep');
  expect(await other.has(scope, grant)).toBe(true);
  expect(await other.has({ ...scope, digest: 'b'.repeat(64) }, grant)).toBe(false);
  expect(await other.has({ ...scope, workspace: '/work2' }, grant)).toBe(false);
  expect(await other.has(scope, { ...grant, tool: 'bash2' })).toBe(false);
  await mine.add({ ...scope, digest: 'c'.repeat(64) }, grant, 'sweep');
  expect(await other.has(scope, grant)).toBe(true);
  expect(await other.has(scope, { ...grant, covers: 'command ["npm","test","x"]' })).toBe(false);
  await other.remove(scope, grant);
  expect(await mine.has(scope, grant)).toBe(false);
});

test('it ends after 30 days, and can be given anew', async () => {
  const home = tempDir();
  let now = Date.UTC(2026, 0, 1);
  const grants = new Grants(home, () => now);
  await grants.add(scope, grant, 'sweep');
  now += 30 * DAY - 1;
  expect(await grants.has(scope, grant)).toBe(true);
  now += 1;
  expect(await grants.has(scope, grant)).toBe(false);
  await grants.add(scope, grant, 'sweep');
  expect(await grants.has(scope, grant)).toBe(true);
  expect(filesOf(home)).toHaveLength(1);
  // A clock that was set back, or a date that somebody wrote into the file, does not make it last.
  now -= DAY;
  expect(await grants.has(scope, grant)).toBe(false);
});

test('windows that grant at the same time lose nothing', async () => {
  const home = tempDir();
  const wished = Array.from({ length: 40 }, (_, at) => ({ tool: 'bash', covers: `command ["x","${at % 10}"]` }));
  await Promise.all(wished.map((one) => new Grants(home).add(scope, one, 'x')));
  expect(await Promise.all(wished.map((one) => new Grants(home).has(scope, one)))).toEqual(wished.map(() => true));
  expect(filesOf(home)).toHaveLength(10);
});

test('a file that is cut short, or another grant’s, grants nothing', async () => {
  const home = tempDir();
  const grants = new Grants(home);
  const folder = join(home, '.counterpoint/grants');
  await grants.add(scope, { ...grant, covers: 'command ["ls"]' }, 'x');
  const [harmless = ''] = filesOf(home);
  await grants.add(scope, grant, 'x');
  const file = filesOf(home).find((name) => name !== harmless) ?? '';
  renameSync(join(folder, harmless), join(folder, file));
  expect(await grants.has(scope, grant)).toBe(false);
  for (const text of ['{"workspace":"/work"', 'null', '{}', '']) {
    writeFileSync(join(folder, file), text);
    expect(await grants.has(scope, grant), text).toBe(false);
  }
});

test('only the person can read and write what they granted, and finds in it what it is and until when it lasts', async () => {
  const home = tempDir();
  await new Grants(home, () => Date.UTC(2026, 0, 1)).add(scope, grant, 'sweep');
  const folder = join(home, '.counterpoint/grants');
  const [name = ''] = filesOf(home);
  expect(statSync(folder).mode & 0o077).toBe(0);
  expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  expect(JSON.parse(readFileSync(join(folder, name), 'utf8'))).toEqual({
    ...scope,
    ...grant,
    name: 'sweep',
    grantedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-31T00:00:00.000Z',
  });
});

test('a folder that cannot be used is told with what to do', async () => {
  const home = tempDir();
  mkdirSync(join(home, '.counterpoint'));
  writeFileSync(join(home, '.counterpoint/grants'), '');
  const grants = new Grants(home);
  await expect(grants.add(scope, grant, 'x')).rejects.toMatchObject({
    code: 'workspace-unusable',
    message: expect.stringMatching(/Make it a folder that you can write to/),
  });
  expect(await grants.has(scope, grant)).toBe(false);
});
