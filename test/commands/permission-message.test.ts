import { expect, test } from 'vitest';
import { permissionMessage } from '../../extension/commands/permission-message.ts';
import type { Target } from '../../extension/protocol/permissions.ts';
import type { RunInfo } from '../../extension/protocol/run-events.ts';

/** How VS Code finds links in its messages (`parseLinkedText`). */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;

function messageOf(targets: Target[], what = 'bash: npm test', asker = 'agent fix tests') {
  const question = { id: 1, tool: 'bash', what, targets, why: '', timeoutAt: null };
  const run = { name: 'bug-sweep' } as RunInfo;
  const message = permissionMessage({ run, asker, question }, ({ act }) => `command:x?${act}`);
  return { message, acts: [...message.matchAll(LINK)].map(([, , target]) => target?.slice('command:x?'.length)) };
}

test('a tool call that is said in a line has all four answers, and the way to its run', () => {
  const { message, acts } = messageOf([{ kind: 'command', words: ['npm', 'test'], text: 'npm test' }]);
  expect(message).toMatch(/^“bug-sweep”: agent fix tests asks: may it run npm test\? — \[Allow\u00a0Once\]/);
  expect(acts).toEqual(['once', 'run', 'always', 'deny', 'look']);
});

test('one that is not can be denied, or looked at, and its text leads nowhere', () => {
  const evil = '[Allow](command:evil) ](command:evil';
  const { message, acts } = messageOf([{ kind: 'unclear', text: evil, why: '' }], evil, evil);
  expect(acts).toEqual(['deny', 'look']);
  expect(message).not.toContain('](command:evil');
});
