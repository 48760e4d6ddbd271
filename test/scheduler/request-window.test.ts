import { expect, test } from 'vitest';
import { RequestWindow } from '../../extension/scheduler/request-window.ts';

test('an overload halves what is out, once for all that were sent before it was known', () => {
  const window = new RequestWindow(16);
  expect(window.cut(1, 16, 16)).toBe(true);
  for (let sent = 2; sent <= 16; sent++) expect(window.cut(sent, 16, 16)).toBe(false);
  expect(window.size).toBe(8);
  expect(window.cut(17, 8, 24)).toBe(true);
  expect(window.size).toBe(4);
});

test('what was never out is not halved but gone: the cut counts from what was out', () => {
  const window = new RequestWindow(256);
  window.cut(1, 6, 6);
  expect(window.size).toBe(3);
});

test('it never closes, and never grows over its maximum', () => {
  const window = new RequestWindow(4);
  for (let sent = 1; sent < 20; sent++) window.cut(sent, 1, sent);
  expect(window.size).toBe(1);
  for (let i = 0; i < 500; i++) window.grow(4);
  expect(window.size).toBe(4);
});

test('good answers widen it by one a round, and only where it was full', () => {
  const window = new RequestWindow(16);
  window.cut(1, 8, 8);
  for (let i = 0; i < 100; i++) window.grow(3);
  expect(window.size).toBe(4);
  for (let i = 0; i < 5; i++) window.grow(window.size);
  expect(window.size).toBe(5);
});

test('another maximum: whole stays whole, cut stays cut, and what is over the maximum is gone', () => {
  const whole = new RequestWindow(16);
  whole.resize(64);
  expect([whole.size, whole.max]).toEqual([64, 64]);
  whole.resize(2);
  expect(whole.size).toBe(2);
  const cut = new RequestWindow(16);
  cut.cut(1, 16, 16);
  cut.resize(64);
  expect(cut.size).toBe(8);
  for (let i = 0; i < 1_000; i++) cut.grow(64);
  expect(cut.size).toBe(64);
  cut.resize(4);
  expect(cut.size).toBe(4);
});
