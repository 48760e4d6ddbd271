import { describe, expect, test } from 'vitest';
import { type CorpusPart, labelsOf, sweepCorpus } from '../../support/corpus.ts';
import { score } from '../../support/scoring.ts';

const LENSES = ['dangerous-calls', 'injection', 'resource-leaks', 'secrets', 'swallowed-errors', 'weak-crypto'];
const PARTS: CorpusPart[] = ['first', 'second'];

test('the corpus has bugs and temptations enough, in three languages and through every lens', () => {
  const labels = PARTS.flatMap(labelsOf);
  expect(labels.filter((label) => label.real).length).toBeGreaterThanOrEqual(60);
  expect(labels.filter((label) => !label.real).length).toBeGreaterThanOrEqual(60);
  for (const real of [true, false]) {
    const those = labels.filter((label) => label.real === real);
    expect([...new Set(those.map((label) => label.lens))].sort()).toEqual(LENSES);
    for (const language of [/\.m?js$/, /\.tsx?$/, /\.py$/]) {
      expect(those.filter((label) => language.test(label.file)).length).toBeGreaterThanOrEqual(15);
    }
  }
});

// Each part on its own: the second was written after the rules, to tell whether they only fit the first.
describe.each(PARTS)('the whole pipeline on the corpus "%s"', (part) => {
  test('of what survives the challengers 90 % are bugs, and 80 % of the bugs survive', async () => {
    const labels = labelsOf(part);
    const { status, result } = await sweepCorpus(part);
    const all = [...result.findings, ...result.refuted, ...result.unverified];
    const before = score(all, labels);
    const after = score(result.findings, labels);
    expect(status).toBe('completed');
    expect(result.unverified).toEqual([]);
    expect(after.precision).toBeGreaterThanOrEqual(0.9);
    expect(after.recall).toBeGreaterThanOrEqual(0.8);
    // The finders cast wide, so that the challengers have work: they are tempted by most of what only looks like a bug.
    const temptations = labels.filter((label) => !label.real);
    const tempted = temptations.filter((label) =>
      all.some((item) => item.file === label.file && item.line === label.line && item.lens === label.lens),
    );
    expect(tempted.length / temptations.length).toBeGreaterThanOrEqual(0.8);
    expect(before.precision).toBeLessThan(0.6);
  });
});
