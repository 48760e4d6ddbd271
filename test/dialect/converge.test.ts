import { describe, expect, it } from 'vitest';
import { estimateTotal } from '../../extension/dialect/prelude/chao.ts';
import { describeOnEngines, fails, play, result, script } from '../support/script-host.ts';

/** A body that converges over given rounds, and returns what it got with the states it saw. */
function over(rounds: unknown[][], options = '{}'): string {
  return `const rounds = ${JSON.stringify(rounds)}; const states = [];
const r = await converge(async (state) => { states.push(state); return rounds[state.round - 1] ?? []; }, ${options});
return { ...r, states }`;
}

describeOnEngines('converge()', () => {
  it('ends after two rounds in a row that bring nothing new, and keeps every item once', async () => {
    expect(await result(over([[1, 2], [2], [3, 1], [], [1]]))).toMatchObject({
      items: [1, 2, 3],
      rounds: 5,
      stopped: 'dry',
    });
  });

  it('gives each round what was seen and what the last one brought', async () => {
    const { states } = (await result(over([['a'], ['b', 'a'], []], '{ dryRounds: 1 }'))) as { states: unknown };
    expect(states).toEqual([
      { round: 1, seen: [], fresh: [] },
      { round: 2, seen: ['a'], fresh: ['a'] },
      { round: 3, seen: ['a', 'b'], fresh: ['b'] },
    ]);
  });

  it('compares with everything seen, by canonical JSON or by the key', async () => {
    const same = [[{ a: 1, b: 2 }], [{ b: 2, a: 1 }]];
    expect(await result(over(same, '{ dryRounds: 1 }'))).toMatchObject({ items: [{ a: 1, b: 2 }], rounds: 2 });
    const keyed = [
      [
        { id: 1, n: 1 },
        { id: 1, n: 2 },
      ],
      [{ id: 1, n: 3 }],
    ];
    expect(await result(over(keyed, '{ dryRounds: 1, key: (item) => item.id }'))).toMatchObject({
      items: [{ id: 1, n: 1 }],
    });
  });

  it('warns of an option that it does not know', async () => {
    const { logs } = await play(script('await converge(() => [], { maxRound: 3 })'));
    expect(logs).toEqual([
      "line 2: converge() has no option 'maxRound'; it is ignored. It knows: key, dryRounds, maxRounds.",
    ]);
  });

  it('stops at maxRounds, ten by default', async () => {
    const endless =
      'let n = 0; const r = await converge(async () => [n++], OPTIONS); return [r.rounds, r.stopped, r.items.length]';
    expect(await result(endless.replace('OPTIONS', '{ maxRounds: 3 }'))).toEqual([3, 'maxRounds', 3]);
    expect(await result(endless.replace('OPTIONS', 'undefined'))).toEqual([10, 'maxRounds', 10]);
  });

  it('passes over the nulls of failed agents', async () => {
    expect(await result(over([[null, 1], [null]], '{ dryRounds: 1 }'))).toMatchObject({ items: [1], rounds: 2 });
  });

  it.each(['BudgetError', 'AgentLimitError'])('stops where a round rejects with a %s', async (name) => {
    const body = `const r = await converge(async ({ round }) => [await agent('r' + round)]); return [r.items, r.rounds, r.stopped]`;
    const answer = ['one', fails(name, 'spent')];
    expect(await result(body, { answer })).toEqual([['one'], 2, 'budget']);
  });

  it('stops for the budget also where the round swallowed the refusal, and keeps what it brought', async () => {
    const body = `const r = await converge(({ round }) => parallel([() => agent('a' + round), () => agent('b' + round)])); return [r.items, r.rounds, r.stopped]`;
    const answer = ['one', 'two', 'three', fails('BudgetError', 'spent')];
    expect(await result(body, { answer })).toEqual([['one', 'two', 'three'], 2, 'budget']);
  });

  it('rejects with whatever else a round throws, and closes its groups', async () => {
    const { end, groups } = await play(script('await converge(async () => {\n  throw new RangeError("mine");\n})'));
    expect(end).toEqual({ ok: false, error: { name: 'RangeError', message: 'mine', line: 3, column: 9 } });
    expect(groups.map(({ kind, change }) => [kind, change])).toEqual([
      ['converge', { closed: true }],
      ['round', { closed: true }],
    ]);
  });

  it('shows its rounds with what each brought, the total, why it stopped and the estimate', async () => {
    const { groups } = await play(script(over([[1, 2], [2, 3], []], '{ dryRounds: 1 }')));
    expect(groups.map(({ kind, label, group, slot, change }) => ({ kind, label, group, slot, change }))).toEqual([
      {
        kind: 'converge',
        label: '',
        group: null,
        slot: [],
        change: { fresh: 0, total: 3, stopped: 'dry', estimate: expect.objectContaining({ found: 3 }), closed: true },
      },
      { kind: 'round', label: 'round 1', group: 1, slot: [0], change: { fresh: 2, closed: true } },
      { kind: 'round', label: 'round 2', group: 1, slot: [1], change: { fresh: 1, closed: true } },
      { kind: 'round', label: 'round 3', group: 1, slot: [2], change: { fresh: 0, closed: true } },
    ]);
  });

  it('estimates from how many rounds each item turned up in, not how often within one', async () => {
    const r = (await result(over([[1, 1, 1, 2], [1, 3], []], '{ dryRounds: 1 }'))) as { estimate: unknown };
    expect(r.estimate).toEqual(estimateTotal([2, 1, 1]));
  });

  it.each([
    ['converge()', 'TypeError'],
    ['converge([])', 'TypeError'],
    ['converge(() => "text")', 'TypeError'],
    ['converge(() => [], { key: "id" })', 'TypeError'],
    ['converge(() => [], { dryRounds: 0 })', 'RangeError'],
    ['converge(() => [], { maxRounds: 1.5 })', 'RangeError'],
  ])('rejects %s with a %s', async (call, name) => {
    await expect(result(`await ${call}`)).rejects.toMatchObject({ name });
  });
});

describe('estimateTotal()', () => {
  /** `once` items in one round, `twice` in two, `more` in three. */
  const sightings = (once: number, twice: number, more: number) => [
    ...Array(once).fill(1),
    ...Array(twice).fill(2),
    ...Array(more).fill(3),
  ];

  it('is the bias-corrected Chao1 with its log-normal interval', () => {
    // By hand, f1 = 10, f2 = 4, S = 20: 20 + 10·9 / (2·5) = 29;
    // var = 90/10 + 10·19²/(4·25) + 100·4·81/(4·625) = 9 + 36.1 + 12.96 = 58.06.
    const { found, total, low, high } = estimateTotal(sightings(10, 4, 6));
    expect([found, total]).toEqual([20, 29]);
    const spread = Math.exp(1.96 * Math.sqrt(Math.log(1 + 58.06 / 81)));
    expect(low).toBeCloseTo(20 + 9 / spread, 10);
    expect(high).toBeCloseTo(20 + 9 * spread, 10);
  });

  it('works where nothing turned up twice', () => {
    // f1 = 3, f2 = 0, S = 3: 3 + 3·2/2 = 6; var = 3 + 3·25/4 - 81/24 = 18.375.
    const { total, low, high } = estimateTotal(sightings(3, 0, 0));
    expect(total).toBe(6);
    const spread = Math.exp(1.96 * Math.sqrt(Math.log(1 + 18.375 / 9)));
    expect(low).toBeCloseTo(3 + 3 / spread, 10);
    expect(high).toBeCloseTo(3 + 3 * spread, 10);
  });

  it('says that all is found where everything turned up again, with an interval that begins at what was found', () => {
    const { total, low, high } = estimateTotal(sightings(0, 0, 5));
    expect([total, low]).toEqual([5, 5]);
    expect(high).toBeGreaterThan(5);
    expect(high).toBeLessThan(7);
  });

  it('is zero for nothing', () => {
    expect(estimateTotal([])).toEqual({ found: 0, total: 0, low: 0, high: 0 });
  });
});
