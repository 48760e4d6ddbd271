import { execFileSync } from 'node:child_process';
import { accessSync, chmodSync, constants, copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findRipgrep } from '../../extension/tools/find-ripgrep.ts';
import { tempDir } from '../support/temp-dir.ts';
import { ROOT } from '../support/workspace.ts';

const PLATFORM = `${process.platform}-${process.arch}`;

function withPath(path: string): void {
  const before = process.env.PATH;
  process.env.PATH = path;
  onTestFinished(() => {
    process.env.PATH = before;
  });
}

async function copyTo(path: string, mode: number): Promise<string> {
  const found = await findRipgrep({ near: [ROOT] });
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(found, path);
  chmodSync(path, mode);
  return path;
}

test('the one from npm is found, and runs', async () => {
  const found = await findRipgrep({ near: ['/nowhere', ROOT] });
  expect(found).toContain(join('ripgrep-universal', 'bin', PLATFORM));
  expect(execFileSync(found, ['--version'], { encoding: 'utf8' })).toMatch(/^ripgrep \d+/);
});

test('a copy that lost its permission gets it back', async () => {
  const folder = tempDir();
  const copy = await copyTo(join(folder, 'ripgrep', PLATFORM, 'rg'), 0o644);
  withPath('');
  expect(await findRipgrep({ near: [folder] })).toBe(copy);
  expect(() => accessSync(copy, constants.X_OK)).not.toThrow();
});

test('the one of VS Code is found where ours is missing, in either of its places', async () => {
  for (const place of [
    ['node_modules', '@vscode', 'ripgrep', 'bin', 'rg'],
    ['node_modules', '@vscode', 'ripgrep-universal', 'bin', PLATFORM, 'rg'],
  ]) {
    const appRoot = tempDir();
    const copy = await copyTo(join(appRoot, ...place), 0o755);
    expect(await findRipgrep({ near: [], appRoot })).toBe(copy);
  }
});

test('the PATH comes last, and only its absolute folders count', async () => {
  const folder = tempDir();
  const copy = await copyTo(join(folder, 'rg'), 0o755);
  withPath(`.:relative:${folder}`);
  expect(await findRipgrep({ near: [] })).toBe(copy);
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  withPath('.:');
  await expect(findRipgrep({ near: [] })).rejects.toMatchObject({ code: 'no-tool' });
});

test('where there is none, it says what to do', async () => {
  withPath('');
  await expect(findRipgrep({ near: ['/nowhere'] })).rejects.toThrow(/ripgrep is missing: install it/);
});
