import { expect, onTestFinished, test, vi } from 'vitest';
import { isPanelCommand, soundEvents } from '../../webview/inbound.ts';
import { questionRun } from '../support/sample-questions.ts';

const { events } = questionRun();
const [created, started] = events;

/** What is left of these events, and how often it was said that something was passed over. */
function left(list: unknown[]): { kept: unknown[]; warned: number } {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  onTestFinished(() => warn.mockRestore());
  return { kept: soundEvents(list), warned: warn.mock.calls.length };
}

test('sound events are passed on as they are, those of a newer host too', () => {
  const newer = [...events, { type: 'run.dreamt', seq: 99, at: 1, of: 'sheep' }];
  expect(left(newer)).toEqual({ kept: newer, warned: 0 });
  expect(soundEvents(newer)).toBe(newer);
});

test('an event that is not sound counts in the sequence and says nothing', () => {
  const bad = { type: 'call.started', seq: 7, at: 5, id: 'seven' };
  expect(left([created, bad, started])).toEqual({
    kept: [created, { type: 'not-understood', seq: 7, at: 5 }, started],
    warned: 1,
  });
});

test.each([
  ['has no place in the sequence', { type: 'call.started', at: 5, id: 7 }],
  ['has a place that is no number', { type: 'call.started', seq: Number.NaN, at: 5, id: 7 }],
  ['has no time', { type: 'call.started', seq: 7, id: 7 }],
  ['is a progress of nobody', { type: 'call.progress', at: 5, doing: 'x' }],
])('what %s is left out', (_, bad) => {
  expect(left([created, bad])).toEqual({ kept: [created], warned: 1 });
});

test.each([
  [{ name: 'find' }, true],
  [{ name: 'show', view: 'timeline' }, true],
  [{ name: 'show', view: 'constructor' }, false],
  [{ name: 'show' }, false],
  [{ name: 'reveal', on: { call: 3, key: 'k' } }, true],
  [{ name: 'reveal', on: { call: '3' } }, false],
  [{ name: 'reveal', on: { call: Number.NaN } }, false],
  [{ name: 'reveal' }, false],
  [{ name: 'eval' }, false],
  [null, false],
])('the command %j is taken: %s', (command, taken) => {
  expect(isPanelCommand(command)).toBe(taken);
});
