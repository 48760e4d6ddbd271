import { expect, test } from 'vitest';
import { responseParts } from '../../extension/panel/response-parts.ts';
import type { ResponseMessage } from '../../extension/protocol/panel-messages.ts';
import { openPanel } from '../support/panel-test.ts';
import { sampleDetails } from '../support/sample-details.ts';
import { sampleRun } from '../support/sample-run.ts';

test.each(['"', '水', '\u0000', '😀'])(
  'a large answer made of %j goes in parts of less than 256 kB, and is whole again',
  (sign) => {
    const answer = sign.repeat(300_000);
    const parts = [...responseParts({ type: 'response', id: 7, ok: true, answer })];
    for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(256_000);
    const json = parts.map((part) => (part.type === 'response-part' ? part.json : '')).join('');
    expect(JSON.parse(json)).toBe(answer);
    expect(parts.map((part) => part.type === 'response-part' && part.more)).toEqual(
      parts.map((_, index) => index < parts.length - 1),
    );
  },
);

test('an answer that fills its parts to the last sign ends with the last of them', () => {
  // With its two quotes.
  const answer = 'x'.repeat(160_000 - 2);
  const parts = [...responseParts({ type: 'response', id: 7, ok: true, answer })];
  expect(parts.map((part) => part.type === 'response-part' && [part.json.length, part.more])).toEqual([
    [80_000, true],
    [80_000, false],
  ]);
});

test('what fits one message, and a refusal, go as they are', () => {
  const small: ResponseMessage = { type: 'response', id: 1, ok: true, answer: 'short' };
  const refused: ResponseMessage = { type: 'response', id: 2, ok: false, error: 'x'.repeat(500_000) };
  expect([...responseParts(small)]).toEqual([small]);
  expect([...responseParts(refused)]).toEqual([refused]);
});

/** Has the far side answer in parts, those of several answers mixed. */
const IN_PARTS = `
const post = window.postMessage.bind(window);
const held = [];
window.postMessage = (message, target) => {
  if (message.type !== 'response' || !message.ok || !message.answer) return post(message, target);
  const json = JSON.stringify(message.answer);
  const half = Math.floor(json.length / 2);
  held.push({ type: 'response-part', id: message.id, json: json.slice(half), more: false });
  post({ type: 'response-part', id: message.id, json: json.slice(0, half), more: true }, target);
  setTimeout(() => post(held.shift(), target), 50);
};`;

test('a view puts the parts of an answer together', async () => {
  const run = sampleRun({ agents: 12, state: 'finished' });
  const panel = await openPanel({ now: run.now, details: sampleDetails(run.events), setup: IN_PARTS });
  try {
    await panel.send({ type: 'events', runId: 'r', events: run.events, more: false, interrupted: false });
    await panel.page.locator('.card.agent').first().click();
    await panel.page.locator('.side .transcript').waitFor();
    expect(await panel.page.locator('.side .block').first().textContent()).not.toBe('');
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
});
