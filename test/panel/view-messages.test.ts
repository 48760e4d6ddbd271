import { expect, test } from 'vitest';
import { parseViewMessage, parseViewState } from '../../extension/panel/view-messages.ts';
import type { PanelRequest, ViewToHost } from '../../extension/protocol/panel-messages.ts';

const REQUESTS: PanelRequest[] = [
  { method: 'details', call: 7 },
  { method: 'details', call: 7, after: 12 },
  { method: 'search', text: 'x'.repeat(1000) },
  { method: 'open-script', line: 3, column: 1 },
  { method: 'open-script', line: 3, column: 1, script: 'flows/inner.js' },
  { method: 'open-report' },
  { method: 'open-document', title: 'Answer', text: '{}', language: 'json' },
  { method: 'open-file', path: 'src/a.ts', line: 2 },
  { method: 'copy', text: 'x' },
  { method: 'report' },
  { method: 'act', action: 'pause' },
  { method: 'act', action: 'replace-script' },
  { method: 'act-on-agent', action: 'retry', on: { call: 3, key: 'k3' } },
  { method: 'changes', call: 3 },
  { method: 'apply-changes', on: { call: 3, key: 'k3' } },
  { method: 'show-changes', on: { call: 3 } },
  { method: 'answer', on: { call: 4 }, answer: { choice: 'Fix' } },
  {
    method: 'answer',
    on: { call: 4, key: 'k4' },
    answer: { choice: 'Fix', comment: 'gladly', values: { limit: 3, paths: ['a'], nested: { deep: null } } },
  },
  { method: 'permit', on: { call: 4, key: 'k4' }, permission: 2, answer: 'run' },
  { method: 'decide', decision: 'always', digest: '0123456789abcdef'.repeat(4) },
];

const answerOf = (values: unknown) => ({ method: 'answer', on: { call: 1 }, answer: { choice: 'Fix', values } });
const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });

test.each(REQUESTS)('the request $method passes as it is', (request) => {
  const message = { type: 'request', id: 1, request };
  expect(parseViewMessage(message)).toEqual(message);
});

test.each<ViewToHost>([
  { type: 'subscribe', after: 0 },
  { type: 'watch', call: 3 },
  { type: 'watch', call: null },
])('$type passes, of a call or of none', (message) => {
  expect(parseViewMessage(message)).toEqual(message);
});

test.each([
  ['no message at all', undefined],
  ['an unknown type', { type: 'eval', text: '1' }],
  ['an unknown method', { type: 'request', id: 1, request: { method: 'run-command', command: 'x' } }],
  ['a sequence that is no number', { type: 'subscribe', after: '0' }],
  ['a negative sequence', { type: 'subscribe', after: -1 }],
  ['a watch over all', { type: 'watch' }],
  ['a search for nothing', { type: 'request', id: 1, request: { method: 'search', text: '' } }],
  ['a search without end', { type: 'request', id: 1, request: { method: 'search', text: 'x'.repeat(1001) } }],
  ['a request without an id', { type: 'request', request: { method: 'report' } }],
  ['an agent that is no number', { type: 'request', id: 1, request: { method: 'details', call: '1 OR 1' } }],
  ['a path that is no text', { type: 'request', id: 1, request: { method: 'open-file', path: ['a'], line: 1 } }],
  [
    'a language that could run',
    { type: 'request', id: 1, request: { method: 'open-document', title: 't', text: '', language: 'html' } },
  ],
  ['an action nobody offers', { type: 'request', id: 1, request: { method: 'act', action: 'delete' } }],
  ['an action with more to it', { type: 'request', id: 1, request: { method: 'act', action: 'fork', from: 3 } }],
  ['changes of all', { type: 'request', id: 1, request: { method: 'apply-changes' } }],
  ['the old way to stop', { type: 'request', id: 1, request: { method: 'stop' } }],
  [
    'an action on no agent',
    { type: 'request', id: 1, request: { method: 'act-on-agent', action: 'stop', on: { call: 0 } } },
  ],
  [
    'an action of a run on an agent',
    { type: 'request', id: 1, request: { method: 'act-on-agent', action: 'fork', on: { call: 1 } } },
  ],
  [
    'an answer without a choice',
    { type: 'request', id: 1, request: { method: 'answer', on: { call: 1 }, answer: { comment: 'x' } } },
  ],
  [
    'an answer that says who gave it',
    { type: 'request', id: 1, request: { method: 'answer', on: { call: 1 }, answer: { choice: 'a', by: 'timeout' } } },
  ],
  [
    'a permission nobody offers',
    { type: 'request', id: 1, request: { method: 'permit', on: { call: 1 }, permission: 1, answer: 'forever' } },
  ],
  [
    'a permission for no question',
    { type: 'request', id: 1, request: { method: 'permit', on: { call: 1 }, permission: 0, answer: 'once' } },
  ],
  ['values that are a list', { type: 'request', id: 1, request: answerOf([1]) }],
  ['values that are not JSON', { type: 'request', id: 1, request: answerOf({ big: 1n }) }],
  ['values that are no number', { type: 'request', id: 1, request: answerOf({ limit: Number.NaN }) }],
  ['values without a floor', { type: 'request', id: 1, request: answerOf(deep(5000)) }],
  [
    'a decision nobody offers',
    { type: 'request', id: 1, request: { method: 'decide', decision: 'forever', digest: 'a'.repeat(64) } },
  ],
  ['a decision on nothing', { type: 'request', id: 1, request: { method: 'decide', decision: 'run' } }],
  [
    'a decision on what is no digest',
    { type: 'request', id: 1, request: { method: 'decide', decision: 'run', digest: 'A'.repeat(64) } },
  ],
  [
    'a decision with more to it',
    { type: 'request', id: 1, request: { method: 'decide', decision: 'run', digest: 'a'.repeat(64), script: 'x.js' } },
  ],
  ['a text without end', { type: 'request', id: 1, request: { method: 'copy', text: 'x'.repeat(10_000_001) } }],
])('%s is refused', (_, message) => {
  expect(parseViewMessage(message)).toBeUndefined();
});

test('of a saved state only the run counts', () => {
  expect(parseViewState({ runId: 'sweep-1', view: 'tree' })).toEqual({ runId: 'sweep-1' });
  for (const state of [undefined, null, {}, { runId: '' }, { runId: 5 }]) expect(parseViewState(state)).toBeUndefined();
});
