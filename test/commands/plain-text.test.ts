import { expect, test } from 'vitest';
import { plain } from '../../extension/commands/plain-text.ts';

/** How VS Code finds links in its messages (`parseLinkedText`). */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;

test.each([
  '[Yes](command:workbench.action.terminal.new)',
  '[[Yes](command:x)](command:y)',
  '[Yes]\n(command:x)',
  '[a](https://example.org)[b](file:///etc/passwd)',
  '[Yes]\u2028(command:x)',
  `[${'x'.repeat(236)}](command:x)`,
])('nothing of %j is a link', (text) => {
  expect(plain(text).match(LINK)).toBeNull();
});

test('it is one line of no more than its length, and turns nothing around', () => {
  expect(plain(' two\n\nlines\tand\u0007 a bell ')).toBe('two lines and a bell');
  expect(plain('safe \u202etxt.exe')).toBe('safe txt.exe');
  expect(plain('x'.repeat(300), 10)).toBe('xxxxxxxxx…');
  expect(plain('x'.repeat(10), 10)).toBe('xxxxxxxxxx');
});
