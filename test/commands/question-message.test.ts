import { expect, test } from 'vitest';
import { offersOf, questionMessage } from '../../extension/commands/question-message.ts';

/** How VS Code finds links in its messages (`parseLinkedText`), which it cuts at so many characters. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;
const LONGEST_MESSAGE = 1000;

function linksIn(run: string, question: string, choices: string[]): (string | undefined)[][] {
  let last = 0;
  const message = questionMessage(
    { run, question },
    offersOf({ choices, schema: null }),
    () => `command:counterpoint.question?${++last}`,
  );
  expect(message.length).toBeLessThan(LONGEST_MESSAGE);
  return [...message.matchAll(LINK)].map(([, label, target]) => [label, target]);
}

const labels = (choices: string[]) => offersOf({ choices, schema: null }).map(({ label }) => label);

test('a message has its choices as links, and two of its own', () => {
  const message = questionMessage(
    { run: 'release', question: 'Ship it?' },
    offersOf({ choices: ['Ship', 'Hold'], schema: null }),
    ({ act }) => `command:x?${act.name}`,
  );
  expect(message).toBe(
    '“release” asks: Ship it? — [Ship](command:x?choose "Answer") · [Hold](command:x?choose "Answer") · ' +
      '[Answer…](command:x?answer "Step by step") · [Show\u00a0Run](command:x?show "In its panel")',
  );
});

test('a choice is answered as the script calls it, however it is shown', () => {
  const [offer] = offersOf({ choices: ['Ship  it\n', 'No'], schema: null });
  expect(offer).toMatchObject({ label: 'Ship it', act: { name: 'choose', choice: 'Ship  it\n' } });
});

test('an answer of many, of long or of unclear words is given in steps', () => {
  const own = ['Answer…', 'Show\u00a0Run'];
  expect(labels(['a', 'b', 'c', 'd'])).toEqual(own);
  expect(labels(['a', 'b'.repeat(41)])).toEqual(own);
  expect(labels(['a', ' \u200b'])).toEqual(own);
  expect(labels(['Go', ' Go'])).toEqual(own);
  expect(labels(['[Go]', '(Go)'])).toEqual(own);
  expect(labels(['Go', 'Show Run'])).toEqual(own);
  expect(labels(['Go', 'Later'])).toEqual(own);
  expect(offersOf({ choices: ['Go'], schema: { type: 'object' } }).map(({ label }) => label)).toEqual(own);
});

test.each([
  '[Yes](command:workbench.action.terminal.new)',
  '[[Yes](command:x)](command:y)',
  'Click [here',
  'Click here](command:x "y")',
  '[Yes]\n(command:x)',
  '" ) [a',
  '[a](https://example.org) [b](file:///etc/passwd)',
  `[${'x'.repeat(300)}`,
])('nothing of %j gets into a link or makes one, wherever it stands', (text) => {
  const shown =
    text.length <= 40
      ? text.replaceAll('](', '] (').replace(/\s+/g, ' ').replaceAll('[', '(').replaceAll(']', ')')
      : null;
  const choices = shown === null ? [] : [shown];
  expect(linksIn(text, text, [text])).toEqual(
    [...choices, 'Answer…', 'Show\u00a0Run'].map((label, index) => [
      label,
      `command:counterpoint.question?${index + 1}`,
    ]),
  );
});
