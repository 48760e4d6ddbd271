import { expect, onTestFinished, test, vi } from 'vitest';
import { asHostMessage } from '../../webview/host.ts';
import { isPanelCommand, soundEvents } from '../../webview/inbound.ts';
import { picturePlan, previewMessage, range, samplePreview } from '../support/sample-preview.ts';
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

const sample = samplePreview();
const [advice] = sample.advice;
const [tool] = sample.tools;

test.each([
  ['asks', previewMessage()],
  ['asks nobody', previewMessage({ approval: null })],
  ['knows no price', previewMessage({ preview: samplePreview({ costUsd: null, capped: 'budget' }) })],
  ['fails', previewMessage({ preview: samplePreview({ error: { name: 'E', message: 'x', line: 3, column: 1 } }) })],
  ['has a problem', previewMessage({ preview: null, problem: { name: 'SyntaxError', message: 'x' }, stale: true })],
  [
    'has advice of a newer host',
    previewMessage({ preview: samplePreview({ advice: [{ ...advice!, kind: 'haste' as never }] }) }),
  ],
])('a preview that %s is taken', (_, message) => {
  expect(asHostMessage(message)).toBe(message);
});

test.each([
  ['nothing at all', { preview: undefined }],
  ['a text for a preview', { preview: 'run me' }],
  ['a problem in words alone', { problem: 'broken' }],
  ['a staleness that is no flag', { stale: 'no' }],
  ['an approval without reasons', { approval: { restricted: false } }],
  ['an approval whose reasons are one text', { approval: { reasons: 'trust me', restricted: false } }],
  ['no digest', { preview: { ...sample, script: { ...sample.script, digest: undefined } } }],
  ['a range without a middle', { preview: { ...sample, agents: { low: 1, high: 2 } } }],
  ['a number that is none', { preview: { ...sample, durationMs: range(0, Number.NaN, 1) } }],
  ['no end', { preview: { ...sample, inputTokens: range(0, 1, Number.POSITIVE_INFINITY) } }],
  ['a cap nobody knows', { preview: { ...sample, capped: 'patience' } }],
  ['a phase without a title', { preview: { ...sample, phases: [{ agents: range(1, 1, 1) }] } }],
  ['models that are no list', { preview: { ...sample, models: { length: 1 } } }],
  ['an access nobody knows', { preview: { ...sample, tools: [{ ...tool, access: 'constructor' }] } }],
  ['a tool of nobody', { preview: { ...sample, tools: [{ ...tool, by: 'ghosts' }] } }],
  ['advice at a line in words', { preview: { ...sample, advice: [{ ...advice, line: '41' }] } }],
  ['an error without a message', { preview: { ...sample, error: { name: 'E' } } }],
])('a preview with %s is none', (_, change) => {
  expect(asHostMessage({ ...previewMessage(), ...change })).toBeNull();
});

test('the events of a preview are sound, and a run that only says of itself that it is one is not', () => {
  const planned = picturePlan();
  expect(left(planned)).toEqual({ kept: planned, warned: 0 });
  const [first] = planned;
  const bad = first?.type === 'run.created' && { ...first, run: { ...first.run, preview: 'yes' } };
  expect(soundEvents([bad])).toEqual([{ type: 'not-understood', seq: 1, at: first!.at }]);
});
