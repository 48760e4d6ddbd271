import { expect, test } from 'vitest';
import { lensesAt } from '../../extension/editor/lens-words.ts';
import { escapedMarkdown, plainLabel, plainLines } from '../../extension/protocol/plain-text.ts';
import { askedWords, spanWords, waitsSinceWords } from '../../extension/protocol/wait-words.ts';
import { questionMarkdown, silenceWords, whenceWords } from '../../extension/runs/question-words.ts';
import { questionFixture } from './question-fixture.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A day of November in any time zone. */
const NOON = Date.UTC(2026, 10, 2, 12);

test('who waits for weeks reads since when', () => {
  expect(spanWords(59_000)).toBe('under a minute');
  expect(spanWords(3 * MINUTE)).toBe('3 min');
  expect(spanWords(5 * 60 * MINUTE)).toBe('5 h');
  expect(spanWords(DAY)).toBe('1 day');
  expect(spanWords(13 * DAY)).toBe('13 days');
  expect(spanWords(3 * 7 * DAY)).toBe('3 weeks');
  expect(askedWords(NOON, NOON + 1000)).toBe('asked just now');
  expect(askedWords(NOON, NOON + 3 * MINUTE)).toBe('asked 3 min ago');
  expect(askedWords(NOON, NOON + 22 * DAY)).toBe('asked 3 weeks ago, on 2 Nov');
  expect(askedWords(NOON, NOON + 400 * DAY)).toBe('asked 57 weeks ago, on 2 Nov 2026');
  expect(waitsSinceWords(NOON, NOON + 22 * DAY)).toBe('waits 3 weeks, since 2 Nov');
});

test('a lens says what is asked and since when, and there is one for each answer', () => {
  const place = { line: 2, questions: [questionFixture()] };
  const lenses = lensesAt(place, 3 * MINUTE);
  expect(lenses.map(({ title }) => title)).toEqual([
    '◆ Ship it? waits 3 min',
    'Ship',
    'Hold',
    'Comment…',
    'Show in Run',
  ]);
  const at = { runId: 'run-1', callId: 1, callKey: 'key of line 3' };
  expect(lenses[1]).toMatchObject({
    command: 'counterpoint.checkpoint.answer',
    arguments: [{ ...at, choice: 'Ship' }],
  });
});

test.each([
  ['a form', { schema: { type: 'object' } }],
  ['many choices', { choices: ['a', 'b', 'c', 'd', 'e'] }],
  ['long choices', { choices: ['a', 'b'.repeat(41)] }],
])('where there are %s a lens asks', (_, asks) => {
  const titles = lensesAt({ line: 2, questions: [questionFixture(asks)] }, 0).map(({ title }) => title);
  expect(titles.slice(1)).toEqual(['Answer…', 'Comment…', 'Show in Run']);
});

test('several questions of a line are picked from', () => {
  const questions = [questionFixture(), { ...questionFixture({ question: 'Sure?' }), key: 'other' }];
  const [first, ...rest] = lensesAt({ line: 2, questions }, 2 * DAY);
  expect(first).toMatchObject({
    title: expect.stringMatching(/^◆ 2 questions wait here, the first waits 2 days, since \d+ \w+/),
    command: 'counterpoint.checkpoint.pick',
    arguments: [questions.map(({ key }) => ({ runId: 'run-1', callId: 1, callKey: key }))],
  });
  expect(rest.map(({ title }) => title)).toEqual(['Answer…', 'Show in Run']);
});

test('a question that nobody waits for says that its answer is kept', () => {
  const kept = questionFixture({ driven: false });
  expect(whenceWords(kept, MINUTE)).toBe('nobody drives it: the answer is kept · ship · asked 1 min ago');
  expect(lensesAt({ line: 2, questions: [kept] }, MINUTE)[0]?.title).toMatch(/nobody drives its run$/);
});

test('what holds where nobody answers is said with its time', () => {
  const { asks } = questionFixture({ timeoutAt: NOON, fallback: 'Hold' });
  expect(silenceWords(asks, NOON - 5 * MINUTE)).toMatch(
    /^Its default “Hold” becomes the answer in 5 min, on Mon, 2 Nov 2026/,
  );
  expect(silenceWords(asks, NOON)).toBe('Its default “Hold” is the answer: its time is up.');
  expect(silenceWords(questionFixture().asks, NOON)).toBe('');
});

test('nothing of a script is markup, an icon or a link', () => {
  const hostile = '[x](command:y) **b** <img src=x> https://a.b $(sync~spin) `c` &lt; # h';
  const unescaped = escapedMarkdown(hostile).replace(/\\[!-/:-@[-`{-~]/g, '');
  expect(unescaped).not.toMatch(/[!-/:-@[-`{-~]/);
  expect(plainLabel('$(sync~spin) now')).toBe('\\$(sync~spin) now');
  expect(plainLines('one\r\n\u202etwo\tthree')).toBe('one\n two three');
  expect(escapedMarkdown('a\n    b')).toBe('a  \n&nbsp;&nbsp;&nbsp;&nbsp;b');
  const shown = questionMarkdown(questionFixture({ question: '[x](command:y)', detail: '<b>' }), 0);
  expect(shown).toContain('\\[x\\] \\(command\\:y\\)');
  expect(shown).toContain('\\<b\\>');
});
