import { expect, test } from 'vitest';
import { appliedWords } from '../../extension/commands/apply-words.ts';

test('what came of it says how many files have changed, and where a person has to settle something', () => {
  expect(appliedWords({ files: ['a.ts'], conflicts: [] })).toBe('1 file of the workspace has changed.');
  expect(appliedWords({ files: ['a.ts', 'b.ts'], conflicts: ['b.ts'] })).toBe(
    '2 files of the workspace have changed. Others had changed the same places in b.ts: look for <<<<<<< and settle it.',
  );
  const many = Array.from({ length: 12 }, (_, at) => `f${at}\u202e[x](command:y)`);
  const words = appliedWords({ files: many, conflicts: many });
  expect(words).toContain('f9 [x] (command:y), …: look for');
  expect(words).not.toContain('f10');
});
