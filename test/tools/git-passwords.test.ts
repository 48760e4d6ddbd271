import { expect, test } from 'vitest';
import { gitPasswords, withoutPasswords } from '../../extension/tools/shell/git-passwords.ts';
import { commitFiles, git } from '../support/git-folder.ts';
import { tempDir } from '../support/temp-dir.ts';

test('passwords, tokens and headers of the remotes of a repository are known, and names are none', async () => {
  const folder = tempDir();
  expect(await gitPasswords(folder)).toEqual([]);
  commitFiles(folder, { 'a.txt': 'a' });
  git(folder, 'remote', 'add', 'a', 'https://me:pass-word%21@example.invalid/a.git');
  git(folder, 'remote', 'add', 'b', 'https://ghp_token123@example.invalid/a.git');
  git(folder, 'remote', 'add', 'c', 'ssh://git@example.invalid/a.git');
  git(folder, 'config', 'http.https://example.invalid/.extraheader', 'AUTHORIZATION: basic eDpzZWNyZXQ=');
  const passwords = await gitPasswords(folder);
  expect([...passwords].sort()).toEqual(['eDpzZWNyZXQ=', 'ghp_token123', 'pass-word!', 'pass-word%21'].sort());
  expect(withoutPasswords(git(folder, 'config', '--list'), passwords)).not.toMatch(/pass-word|ghp_|eDpz/);
  expect(withoutPasswords('git@example.invalid', passwords)).toBe('git@example.invalid');
});
