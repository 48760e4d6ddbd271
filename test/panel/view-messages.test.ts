import { expect, test } from 'vitest';
import { parseViewMessage, parseViewState } from '../../extension/panel/view-messages.ts';
import type { PanelRequest } from '../../extension/protocol/panel-messages.ts';

const REQUESTS: PanelRequest[] = [
  { method: 'details', call: 7 },
  { method: 'open-script', line: 3, column: 1 },
  { method: 'open-report' },
  { method: 'open-document', title: 'Answer', text: '{}', language: 'json' },
  { method: 'open-file', path: 'src/a.ts', line: 2 },
  { method: 'copy', text: 'x' },
  { method: 'report' },
  { method: 'stop' },
  { method: 'resume' },
];

test.each(REQUESTS)('the request $method passes as it is', (request) => {
  const message = { type: 'request', id: 1, request };
  expect(parseViewMessage(message)).toEqual(message);
});

test('a subscription passes', () => {
  expect(parseViewMessage({ type: 'subscribe', after: 0 })).toEqual({ type: 'subscribe', after: 0 });
});

test.each([
  ['no message at all', undefined],
  ['an unknown type', { type: 'eval', text: '1' }],
  ['an unknown method', { type: 'request', id: 1, request: { method: 'run-command', command: 'x' } }],
  ['a sequence that is no number', { type: 'subscribe', after: '0' }],
  ['a negative sequence', { type: 'subscribe', after: -1 }],
  ['a request without an id', { type: 'request', request: { method: 'stop' } }],
  ['an agent that is no number', { type: 'request', id: 1, request: { method: 'details', call: '1 OR 1' } }],
  ['a path that is no text', { type: 'request', id: 1, request: { method: 'open-file', path: ['a'], line: 1 } }],
  [
    'a language that could run',
    { type: 'request', id: 1, request: { method: 'open-document', title: 't', text: '', language: 'html' } },
  ],
  ['a text without end', { type: 'request', id: 1, request: { method: 'copy', text: 'x'.repeat(10_000_001) } }],
])('%s is refused', (_, message) => {
  expect(parseViewMessage(message)).toBeUndefined();
});

test('of a saved state only the run counts', () => {
  expect(parseViewState({ runId: 'sweep-1', view: 'tree' })).toEqual({ runId: 'sweep-1' });
  for (const state of [undefined, null, {}, { runId: '' }, { runId: 5 }]) expect(parseViewState(state)).toBeUndefined();
});
