import { expect, test } from 'vitest';
import { oneLine, pause, within } from '../../../extension/tools/language/language-api.ts';
import { answer, leftOut, unsavedNote } from '../../../extension/tools/language/places.ts';
import { type Problem, problemLine } from '../../../extension/tools/language/problem.ts';
import type { ToolContext } from '../../../extension/tools/tool.ts';

const CONTEXT: ToolContext = { workspace: '/w', ripgrep: '', signal: new AbortController().signal };
const PROBLEM = { line: 3, severity: 'error', source: 'ts', code: '2322', message: 'No.' } as Problem;

test('a problem is one line, whatever its message looks like', () => {
  expect(problemLine('a.ts', PROBLEM)).toBe('a.ts:3: error [ts 2322] No.');
  const forged = { ...PROBLEM, source: '', code: '', message: `One.\r\nb.ts:1: error two\u0000${'x'.repeat(600)}` };
  expect(problemLine('a.ts', forged)).toMatch(/^a\.ts:3: error One\. b\.ts:1: error two x{477}…$/);
  expect(oneLine('\n a \t b \n', 10)).toBe('a b');
});

test('what is left out is told in a note, without names of what rules keep back', () => {
  expect(leftOut({ cut: 0, outside: [] }, 'places', CONTEXT)).toBeNull();
  const names = Array.from({ length: 12 }, (_, i) => `${i}.d.ts`);
  const bounds = { holds: () => true, narrows: () => true, opens: () => true, globs: () => [], hosts: [] };
  const note = leftOut({ cut: 2, outside: names }, 'places', { ...CONTEXT, bounds });
  expect(note).toBe(
    `(2 more places were cut; outside the workspace: ${names.slice(0, 10).join(', ')}, and 2 more; files that rules keep back are left out)`,
  );
  expect(answer(['a', 'b'], [note, null])).toBe(`a\nb\n\n${note}`);
  expect(answer([], [null, note])).toBe(note);
  expect(unsavedNote(['a\nb'])).toBe('(unsaved changes in an editor, lines are as there: a\ufffdb)');
});

test('what never comes is waited for until its time is up, or it is stopped', async () => {
  const never = new Promise<void>(() => undefined);
  const stop = new AbortController();
  await expect(within(never, stop.signal, { ms: 5, tooLate: 'too late' })).rejects.toThrow('too late');
  await expect(within(Promise.resolve(1), stop.signal, { ms: 5, tooLate: 'too late' })).resolves.toBe(1);
  await expect(pause(1, stop.signal, never)).resolves.toBeUndefined();
  const waiting = [pause(60_000, stop.signal), within(never, stop.signal, { ms: 60_000, tooLate: '' })];
  stop.abort(new Error('stopped'));
  for (const one of waiting) await expect(one).rejects.toThrow('stopped');
  await expect(within(never, stop.signal, { ms: 60_000, tooLate: '' })).rejects.toThrow('stopped');
});
