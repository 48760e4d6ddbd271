import { expect, it } from 'vitest';
import { type Answer, describeOnEngines, fails, play, result, script } from '../support/script-host.ts';

const upheld = { verdict: 'upheld', reason: 'it stands' };
const refuted = { verdict: 'refuted', reason: 'a test' };
const unsure = { verdict: 'unsure', reason: 'no tools' };

function verdict(answers: Answer[], options = '{}') {
  return result(`return await challenge('claim', ${options})`, { answer: answers });
}

describeOnEngines('challenge()', () => {
  it('is decided by a strict majority of the planned challengers', async () => {
    expect(await verdict([upheld, refuted, upheld])).toEqual({
      verdict: 'upheld',
      for: 2,
      against: 1,
      failed: 0,
      reasons: ['it stands', 'a test', 'it stands'],
    });
    expect(await verdict([refuted, refuted, unsure])).toMatchObject({
      verdict: 'refuted',
      for: 0,
      against: 2,
      failed: 1,
    });
    expect(await verdict([upheld, refuted], '{ challengers: 2 }')).toMatchObject({ verdict: 'unverified' });
    expect(await verdict([upheld, unsure, unsure])).toMatchObject({ verdict: 'unverified', for: 1, failed: 2 });
    expect(await verdict([upheld], '{ challengers: 1 }')).toMatchObject({ verdict: 'upheld', for: 1 });
  });

  it('counts a challenger that failed neither for nor against, and stays unverified with too few votes', async () => {
    const { end, logs } = await play(script('return await challenge("claim")'), {
      answer: [refuted, null, fails('SchemaError', 'no answer in five tries')],
    });
    expect(end).toEqual({
      ok: true,
      result: { verdict: 'unverified', for: 0, against: 1, failed: 2, reasons: ['a test', '', ''] },
    });
    expect(logs).toEqual(['challenge: challenger 3 (impact) failed: no answer in five tries']);
  });

  it.each(['AgentLimitError', 'BudgetError'])(
    'does not end the run when a %s refuses its challengers',
    async (name) => {
      const spent = fails(name, 'spent');
      expect(await verdict([spent, spent, spent])).toMatchObject({ verdict: 'unverified', failed: 3 });
    },
  );

  it('warns of an option that it does not know', async () => {
    const { logs } = await play(script('await challenge("c", { confident: 0.9 })'), { answer: () => upheld });
    expect(logs).toEqual([expect.stringMatching(/^line 2: challenge\(\) has no option 'confident'; it is ignored\./)]);
  });

  it('writes a header that programs can read, and tells to refute', async () => {
    const { calls, prompts } = await play(
      script(
        `await challenge({ title: 'SQL from a parameter', file: 'db.js', line: 88, evidence: 'a\\nb' }, { lenses: ['impact "x"'], challengers: 1 })`,
      ),
      { answer: [upheld] },
    );
    expect(prompts[0]?.split('\n').slice(0, 5)).toEqual([
      'Counterpoint-Task: challenge',
      'Lens: "impact \\"x\\""',
      'Claim: {"title":"SQL from a parameter","file":"db.js","line":88,"evidence":"a\\nb"}',
      '',
      expect.stringMatching(/^You are an independent challenger\./),
    ]);
    expect(prompts[0]).toMatch(/try to refute it/i);
    expect(calls[0]?.request).toMatchObject({
      role: 'challenger',
      options: {
        label: 'impact "x"',
        schema: {
          type: 'object',
          properties: { verdict: { enum: ['upheld', 'refuted', 'unsure'] }, reason: { type: 'string' } },
          required: ['verdict', 'reason'],
        },
      },
    });
    expect(calls[0]?.at).toEqual({ line: 2, column: 7 });
  });

  it('asks three through three lenses, and goes round the lenses where there are more', async () => {
    const { groups } = await play(
      script(`await challenge('a'); await challenge('b', { challengers: 3, lenses: ['x', 'y'] })`),
      {
        answer: () => upheld,
      },
    );
    expect(groups.map(({ labels, size }) => [size, ...labels])).toEqual([
      [3, 'correctness', 'reachability', 'impact'],
      [3, 'x', 'y', 'x'],
    ]);
  });

  it('shows the claim, where it points, and how it fell', async () => {
    const { groups } = await play(
      script(`await challenge({ title: 'T\\n' + 'x'.repeat(200), file: 'a/b.js', line: 3 }, { challengers: 1 });
await challenge('text', { label: 'L', detail: 'D', challengers: 1 });
await challenge({ file: 'f' }, { challengers: 1 })`),
      { answer: () => refuted },
    );
    expect(groups.map(({ label, detail }) => [label, detail])).toEqual([
      [`T ${'x'.repeat(117)}…`, 'a/b.js:3'],
      ['L', 'D'],
      ['claim', 'f'],
    ]);
    expect(groups[0]?.change).toEqual({
      closed: true,
      verdict: { verdict: 'refuted', for: 0, against: 1, failed: 0, reasons: ['a test'] },
    });
  });

  it('passes model, effort and agentType on, and keeps its answer within a schema of the script', async () => {
    const { calls } = await play(
      script(`await challenge('c', { challengers: 1, model: 'haiku', effort: 'low', agentType: 'Explore',
  schema: { properties: { severity: { type: 'string' }, verdict: { type: 'number' } }, required: ['severity'] } })`),
      { answer: [upheld] },
    );
    expect(calls[0]?.request).toMatchObject({
      options: {
        model: 'haiku',
        effort: 'low',
        agentType: 'Explore',
        schema: {
          properties: { severity: { type: 'string' }, verdict: { type: 'string' } },
          required: ['severity', 'verdict', 'reason'],
        },
      },
    });
  });

  it.each([
    ['challenge()', 'TypeError'],
    ['challenge(() => 1)', 'TypeError'],
    ['challenge("a", { challengers: 0 })', 'RangeError'],
    ['challenge("a", { challengers: 1.5 })', 'RangeError'],
    ['challenge("a", { challengers: 100 })', 'RangeError'],
    ['challenge("a", { lenses: [] })', 'TypeError'],
    ['challenge("a", { lenses: [1] })', 'TypeError'],
  ])('rejects %s with a %s', async (call, name) => {
    await expect(result(`await ${call}`)).rejects.toMatchObject({ name, line: 2 });
  });
});
