import { expect, test } from 'vitest';
import { aboutOf, askWords, isSaidInALine } from '../../extension/protocol/permission-words.ts';
import type { PermissionQuestion, Target } from '../../extension/protocol/permissions.ts';

function asking(...targets: Target[]): PermissionQuestion {
  return { id: 1, tool: 'bash', what: 'bash: a && b', targets, why: '', timeoutAt: null };
}

const run = (...words: string[]): Target => ({ kind: 'command', words, text: words.join(' ') });

test('a command is said as the shell would take it, with quotes where a word is not plain', () => {
  expect(askWords(asking(run('npm', 'test')))).toBe('may it run npm test?');
  expect(aboutOf(run('echo', 'a  b', "it's", '', '$x'))).toBe("echo 'a  b' 'it'\\''s' '' '$x'");
});

test('each kind of target says what would be done with it, several and none say the call', () => {
  const words = (target: Target) => askWords(asking(target));
  expect(words({ kind: 'path', path: 'src/a.ts', access: 'write' })).toBe('may it change src/a.ts?');
  expect(words({ kind: 'path', path: '../b', access: 'read' })).toBe('may it read ../b?');
  expect(words({ kind: 'address', url: 'https://docs.rs/' })).toBe('may it fetch https://docs.rs/?');
  expect(words({ kind: 'server', server: 'github', tool: 'list' })).toBe('may it use list of github?');
  expect(askWords(asking(run('a'), run('b')))).toBe('may it do “bash: a && b”?');
  expect(askWords(asking())).toBe('may it do “bash: a && b”?');
});

test('only what is whole, short and seen in one line may be allowed from one', () => {
  expect(isSaidInALine(asking(run('npm', 'test')), 20)).toBe(true);
  expect(isSaidInALine(asking({ kind: 'path', path: 'src/a.ts', access: 'write' }), 20)).toBe(true);
  for (const targets of [
    [],
    [run('a'), run('b')],
    [run('echo', 'x'.repeat(20))],
    [run('echo', 'a\u202eb')],
    [run('echo', 'a  b')],
    [run('echo', '[x](command:y)')],
    [run('echo', '$(sync)')],
    [run('echo', '…')],
    [{ ...run('npm', 'test'), text: 'npm te""st' } as Target],
    [{ kind: 'unclear', text: 'eval', why: '' } as Target],
  ])
    expect(isSaidInALine(asking(...targets), 20), JSON.stringify(targets)).toBe(false);
});
