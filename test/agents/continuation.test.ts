import { expect, test } from 'vitest';
import { Continuation } from '../../extension/agents/continuation.ts';
import { type ContentBlock, ModelError, type ModelReply, type ModelRequest } from '../../extension/models/provider.ts';
import { NO_USAGE } from '../../extension/protocol/run-events.ts';

const REQUEST: ModelRequest = {
  model: 'm',
  system: '',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Write.' }] }],
  tools: [],
  maxOutputTokens: 9,
};
const THINKING: ContentBlock = { type: 'opaque', value: { type: 'thinking', thinking: 'hm', signature: 's' } };
const CALL: ContentBlock = { type: 'tool_use', id: 't', name: 'grep', input: {} };
/** Words that never come twice. */
const words = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `word${from + index}`).join(' ');

function broken(partialText: string): ModelError {
  return new ModelError('broken', { retryable: true, partialText });
}

function reply(...content: (ContentBlock | string)[]): ModelReply {
  const blocks = content.map(
    (block): ContentBlock => (typeof block === 'string' ? { type: 'text', text: block } : block),
  );
  return { content: blocks, stopReason: 'end_turn', usage: NO_USAGE };
}

/** What comes of a reply whose text broke off at `text` when the rest is `rest`. */
function wholeOf(text: string, ...rest: (ContentBlock | string)[]): ContentBlock[] {
  const continuation = new Continuation();
  continuation.request(() => REQUEST);
  continuation.keep(broken(text));
  return continuation.whole(reply(...rest)).content;
}

test('what broke off goes back as the model’s words, a user’s line after it, and is not asked for again', () => {
  const continuation = new Continuation();
  continuation.request(() => REQUEST);
  expect(continuation.keep(broken(words(0, 60)))).toBe(words(0, 60).length);
  const { messages, ...rest } = continuation.request(() => {
    throw new Error('it was asked anew');
  });
  expect(rest).toEqual({ model: 'm', system: '', tools: [], maxOutputTokens: 9 });
  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  expect(messages[1]?.content).toEqual([{ type: 'text', text: words(0, 60) }]);
  expect(REQUEST.messages).toHaveLength(1);
});

test('under two hundred characters it is asked anew', () => {
  const continuation = new Continuation();
  for (const text of ['x'.repeat(199), `${'x'.repeat(150)}${' '.repeat(100)}`, '']) {
    continuation.request(() => REQUEST);
    expect(continuation.keep(broken(text))).toBe(0);
    expect(continuation.request(() => REQUEST)).toBe(REQUEST);
  }
  expect(continuation.keep(new Error('a defect'))).toBe(0);
  const whole = reply('fresh');
  expect(continuation.whole(whole)).toBe(whole);
});

test('the rest is joined without a gap, within a word too', () => {
  const text = `${words(0, 60)} uncom`;
  expect(wholeOf(text, 'mon words')).toEqual([{ type: 'text', text: `${text}mon words` }]);
});

test('a rest that breaks off in its turn is added, and a failure in between changes nothing', () => {
  const continuation = new Continuation();
  continuation.request(() => REQUEST);
  continuation.keep(broken(words(0, 50)));
  expect(continuation.keep(new ModelError('limited', { retryable: true, status: 429 }))).toBe(0);
  continuation.keep(broken(` ${words(50, 50)}`));
  expect(continuation.request(() => REQUEST).messages[1]?.content).toEqual([{ type: 'text', text: words(0, 100) }]);
  expect(continuation.whole(reply(' end')).content).toEqual([{ type: 'text', text: `${words(0, 100)} end` }]);
});

test('what the model repeats of its end, or all of it, is told once', () => {
  const text = words(0, 60);
  expect(wholeOf(text, `${words(55, 5)} and more`)).toEqual([{ type: 'text', text: `${text} and more` }]);
  expect(wholeOf(text, `${text} and more`)).toEqual([{ type: 'text', text: `${text} and more` }]);
});

test('a text that repeats itself is not shortened, and a few equal letters are no repetition', () => {
  const row = '<tr><td>nothing found</td></tr>\n';
  const rows = wholeOf(row.repeat(10), row.repeat(2));
  expect(rows).toEqual([{ type: 'text', text: row.repeat(12) }]);
  const text = `${words(0, 60)} the end`;
  expect(wholeOf(text, ' the end of it')).toEqual([{ type: 'text', text: `${text} the end of it` }]);
});

test('the text goes before a tool call, and behind thinking, which has to come first', () => {
  const text = words(0, 60);
  expect(wholeOf(text, CALL)).toEqual([{ type: 'text', text }, CALL]);
  expect(wholeOf(text, THINKING, ' so', CALL)).toEqual([THINKING, { type: 'text', text: `${text} so` }, CALL]);
  expect(wholeOf(text, THINKING)).toEqual([THINKING, { type: 'text', text }]);
  expect(wholeOf(text)).toEqual([{ type: 'text', text }]);
});

test('where going on is refused it is asked anew; any other refusal stands', () => {
  const refusal = new ModelError('bad', { retryable: false, status: 400 });
  const continuation = new Continuation();
  continuation.request(() => REQUEST);
  expect(continuation.excuse(refusal)).toBe(refusal);
  continuation.keep(broken(words(0, 60)));
  const key = new ModelError('bad key', { retryable: false, status: 401 });
  expect(continuation.excuse(key)).toBe(key);
  expect(continuation.excuse(refusal)).toMatchObject({ retryable: true, status: 400, message: 'bad' });
  expect(continuation.request(() => REQUEST)).toBe(REQUEST);
  expect(continuation.excuse(refusal)).toBe(refusal);
});
