import { expect, test } from 'vitest';
import {
  answerControl,
  forgetControls,
  postControl,
  readControls,
  takeControlAnswer,
  withdrawControl,
} from '../../extension/journal/controls.ts';
import { Journal } from '../../extension/journal/journal.ts';
import { tempDir } from '../support/temp-dir.ts';

test('a control is read until it is answered, and its answer is given once', () => {
  const journal = new Journal(tempDir());
  const { database: db } = journal;
  const id = postControl(db, 'run', { action: 'pause' });
  expect(readControls(db)).toEqual([{ id, run: 'run', body: { action: 'pause' } }]);
  expect(takeControlAnswer(db, id)).toBe('waiting');
  answerControl(db, id, { ok: true });
  expect(readControls(db)).toEqual([]);
  expect(takeControlAnswer(db, id)).toEqual({ ok: true });
  expect(takeControlAnswer(db, id)).toBe('gone');
  journal.close();
});

test('what was asked of a run before somebody drove it is forgotten, of that run alone', () => {
  const journal = new Journal(tempDir());
  const { database: db } = journal;
  const [stale, other] = [postControl(db, 'run', { action: 'stop' }), postControl(db, 'other', { action: 'stop' })];
  forgetControls(db, 'run');
  expect(takeControlAnswer(db, stale)).toBe('gone');
  expect(readControls(db).map(({ id }) => id)).toEqual([other]);
  expect(withdrawControl(db, other)).toBe(true);
  expect(withdrawControl(db, other)).toBe(false);
  journal.close();
});
