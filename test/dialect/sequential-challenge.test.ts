import { describe, expect, it } from 'vitest';
import { decide, votesMissing } from '../../extension/dialect/prelude/sequential-test.ts';
import { type Answer, fails, play, script } from '../support/script-host.ts';

const upheld = { verdict: 'upheld', reason: 'it stands' };
const refuted = { verdict: 'refuted', reason: 'a test' };
const unsure = { verdict: 'unsure', reason: 'no access' };

async function challenged(options: string, answers: Answer[]) {
  const played = await play(script(`return await challenge('c', ${options})`), {
    answer: ({ call }) => answers[call - 1] ?? unsure,
  });
  return { ...played, verdict: played.end?.ok ? played.end.result : played.end?.error };
}

describe('the sequential test', () => {
  it('decides by the difference of votes that the confidence asks for', () => {
    // A vote counts log 4, and 0.9 asks for log 9: two votes ahead.
    expect(decide({ for: 0, against: 1 }, 0.9)).toBeNull();
    expect(decide({ for: 0, against: 2 }, 0.9)).toBe('refuted');
    expect(decide({ for: 4, against: 2 }, 0.9)).toBe('upheld');
    expect(decide({ for: 3, against: 3 }, 0.9)).toBeNull();
    expect(decide({ for: 2, against: 0 }, 0.99)).toBeNull();
    expect(decide({ for: 4, against: 0 }, 0.99)).toBe('upheld');
  });

  it('counts a bound that is met exactly', () => {
    expect(decide({ for: 0, against: 1 }, 0.8)).toBe('refuted');
    expect(decide({ for: 2, against: 0 }, 16 / 17)).toBe('upheld');
  });

  it('asks for no more votes than can be needed', () => {
    expect(votesMissing({ for: 0, against: 0 }, 0.9)).toBe(2);
    expect(votesMissing({ for: 1, against: 0 }, 0.9)).toBe(1);
    expect(votesMissing({ for: 1, against: 1 }, 0.9)).toBe(2);
    expect(votesMissing({ for: 2, against: 0 }, 0.9)).toBe(0);
  });
});

describe('challenge() with confidence', () => {
  it('stops as soon as the evidence decides', async () => {
    const { verdict, prompts } = await challenged('{ confidence: 0.9 }', [refuted, refuted]);
    expect(verdict).toEqual({ verdict: 'refuted', for: 0, against: 2, failed: 0, reasons: ['a test', 'a test'] });
    expect(prompts).toHaveLength(2);
  });

  it('goes on where the votes differ', async () => {
    const { verdict, prompts } = await challenged('{ confidence: 0.9 }', [refuted, upheld, upheld, upheld]);
    expect(verdict).toMatchObject({ verdict: 'upheld', for: 3, against: 1 });
    expect(prompts).toHaveLength(4);
  });

  it('replaces a challenger that failed or is unsure by another', async () => {
    const { verdict, prompts } = await challenged('{ confidence: 0.9 }', [fails('Error', 'x'), unsure, upheld, upheld]);
    expect(verdict).toEqual({
      verdict: 'upheld',
      for: 2,
      against: 0,
      failed: 2,
      reasons: ['', 'no access', 'it stands', 'it stands'],
    });
    expect(prompts).toHaveLength(4);
  });

  it('is unverified where max is reached and nothing decided', async () => {
    const { verdict, prompts } = await challenged('{ confidence: 0.9, max: 5 }', [
      refuted,
      upheld,
      refuted,
      upheld,
      refuted,
    ]);
    expect(verdict).toMatchObject({ verdict: 'unverified', for: 2, against: 3 });
    expect(prompts).toHaveLength(5);
  });

  it('cycles the lenses over all that may be sent, in one group', async () => {
    const { groups, calls } = await challenged(`{ confidence: 0.9, max: 4, lenses: ['a', 'b', 'c'] }`, [
      refuted,
      upheld,
      upheld,
    ]);
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ kind: 'challenge', size: 0, labels: ['a', 'b', 'c', 'a'] });
    expect(calls.map(({ slot }) => slot)).toEqual([[0], [1], [2], [3]]);
    expect(calls.map(({ request }) => request.kind === 'agent' && request.options.label)).toEqual(['a', 'b', 'c', 'a']);
  });

  it.each([
    ['{ confidence: 0.5 }', 'RangeError', /over 0\.5 and under 1/],
    ['{ confidence: 1 }', 'RangeError', /over 0\.5 and under 1/],
    [`{ confidence: '0.9' }`, 'RangeError', /over 0\.5 and under 1/],
    ['{ confidence: 0.9, max: 0 }', 'RangeError', /opts\.max/],
    ['{ confidence: 0.9, challengers: 3 }', 'TypeError', /not both/],
    ['{ max: 5 }', 'TypeError', /only together with opts\.confidence/],
  ])('throws for %s', async (options, name, message) => {
    const { verdict, prompts } = await challenged(options, []);
    expect(verdict).toMatchObject({ name, message: expect.stringMatching(message) });
    expect(prompts).toEqual([]);
  });
});
