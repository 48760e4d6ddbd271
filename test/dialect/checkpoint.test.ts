import { expect, it } from 'vitest';
import type { Json } from '../../extension/protocol/json.ts';
import { describeOnEngines, fails, never, play, result, script } from '../support/script-host.ts';

describeOnEngines('checkpoint()', () => {
  it('resolves to what a person answered', async () => {
    const answers: Json[] = [
      { choice: 'No', comment: 'too risky' },
      { choice: 'Submit', values: { n: 3 } },
    ];
    const body = `return [await checkpoint('Go on?'), await checkpoint('How many?', { schema: { type: 'object', properties: { n: { type: 'number' } } } })]`;
    const left = [...answers];
    expect(await result(body, { respond: () => left.shift() ?? null })).toEqual(answers);
  });

  it('asks with yes and no, and passes on all that it is given', async () => {
    const body = `phase('P');
await parallel([() => checkpoint('Go on?')]);
  await checkpoint('Which?', { detail: 'D', choices: ['a', 'b'], schema: { properties: {} }, timeoutMs: 5000,
  default: { choice: 'b', comment: 'late', values: { x: 1 } } });
await checkpoint('Fill in', { schema: { type: 'object' } });
await checkpoint('Soon?', { choices: ['now', 'later'], timeoutMs: 1, default: 'later' });
await checkpoint('Sure?', { default: 'Yes', detail: null, choices: null, schema: undefined, timeoutMs: null })`;
    const { calls } = await play(script(body));
    const usual = { kind: 'checkpoint', detail: '', schema: null, timeoutMs: null, fallback: null };
    expect(calls.map(({ request }) => request)).toEqual([
      { ...usual, question: 'Go on?', choices: ['Yes', 'No'] },
      {
        kind: 'checkpoint',
        question: 'Which?',
        detail: 'D',
        choices: ['a', 'b'],
        schema: { properties: {} },
        timeoutMs: 5000,
        fallback: { choice: 'b', comment: 'late', values: { x: 1 } },
      },
      { ...usual, question: 'Fill in', choices: ['Submit'], schema: { type: 'object' } },
      { ...usual, question: 'Soon?', choices: ['now', 'later'], timeoutMs: 1, fallback: { choice: 'later' } },
      { ...usual, question: 'Sure?', choices: ['Yes', 'No'], fallback: { choice: 'Yes' } },
    ]);
    const [first, second] = calls;
    expect([first?.phase, first?.group, first?.slot, first?.at]).toEqual(['P', 1, [0], { line: 3, column: 23 }]);
    expect([second?.group, second?.at]).toEqual([null, { line: 4, column: 9 }]);
  });

  it('waits for as long as nobody answers, while the rest goes on', async () => {
    const body = `const asked = checkpoint('Go on?').then(() => log('answered')); log(await agent('meanwhile')); await asked`;
    const { end, logs } = await play(script(body), { respond: () => never });
    expect([end, logs]).toEqual([undefined, ['meanwhile']]);
  });

  it('rejects with what the host says, at the line that asked', async () => {
    const respond = () => fails('TypeError', 'the values of the default do not satisfy the schema');
    await expect(result(`await checkpoint('x')`, { respond })).rejects.toMatchObject({
      name: 'TypeError',
      message: 'the values of the default do not satisfy the schema',
      line: 2,
      column: 7,
    });
  });

  it('takes its options as they are at the call', async () => {
    const body = `const o = { choices: ['a'], default: { choice: 'a', values: { n: 1 } } }; const p = checkpoint('x', o); o.choices.push('b'); o.default.values.n = 2; await p`;
    const { calls } = await play(script(body));
    expect(calls[0]?.request).toMatchObject({ choices: ['a'], fallback: { values: { n: 1 } } });
  });

  it('warns of an option that it does not know', async () => {
    const { logs, calls } = await play(script(`await checkpoint('x', { timeout: 5 })`));
    expect(logs).toEqual([
      "line 2: checkpoint() has no option 'timeout'; it is ignored. It knows: detail, choices, schema, timeoutMs, default.",
    ]);
    expect(calls).toHaveLength(1);
  });

  it.each([
    ['', 'TypeError', 'question as a string, not undefined'],
    ['7', 'TypeError', 'question as a string, not a number'],
    ['" "', 'TypeError', 'it is empty'],
    ['"q", "detail"', 'TypeError', 'options as an object, not a string'],
    ['"q", { detail: 1 }', 'TypeError', 'opts.detail'],
    ['"q", { choices: "ab" }', 'TypeError', 'opts.choices as an array'],
    ['"q", { choices: [] }', 'RangeError', '1 to 20 choices, and got 0'],
    ['"q", { choices: Array.from({ length: 21 }, (_, i) => "c" + i) }', 'RangeError', '1 to 20 choices, and got 21'],
    ['"q", { choices: ["a", ""] }', 'TypeError', 'choice 2 is empty'],
    ['"q", { choices: ["a", 2] }', 'TypeError', 'choice 2 is a number'],
    ['"q", { choices: [, "a"] }', 'TypeError', 'choice 1 is undefined'],
    ['"q", { choices: ["x".repeat(201)] }', 'TypeError', 'choice 1 is longer'],
    ['"q", { choices: ["a", "b", "a"] }', 'TypeError', 'two of these are the same'],
    ['"q", { schema: true }', 'TypeError', 'opts.schema as a JSON Schema object, not a boolean'],
    ['"q", { schema: { type: "string" } }', 'TypeError', '"type": "object" at its root'],
    ['"q", { schema: {} }', 'TypeError', '"type": "object" at its root'],
    ['"q", { schema: new Date(0) }', 'TypeError', 'this one is a string once it is written as JSON'],
    ['"q", { timeoutMs: 1000 }', 'TypeError', 'silence is never consent'],
    ['"q", { timeoutMs: 0, default: "Yes" }', 'RangeError', 'positive whole number'],
    ['"q", { timeoutMs: 1.5, default: "Yes" }', 'RangeError', 'positive whole number'],
    ['"q", { timeoutMs: Infinity, default: "Yes" }', 'RangeError', 'positive whole number'],
    ['"q", { timeoutMs: "5", default: "Yes" }', 'RangeError', 'positive whole number'],
    ['"q", { default: "yes" }', 'TypeError', 'one of its choices: Yes, No'],
    ['"q", { default: true }', 'TypeError', 'opts.default as a choice'],
    ['"q", { default: { values: {} } }', 'TypeError', 'one of its choices'],
    ['"q", { default: { choice: "Yes", comment: 1 } }', 'TypeError', 'comment of opts.default'],
    [
      '"q", { default: { choice: "Yes", values: [1] } }',
      'TypeError',
      'values of opts.default as an object, not an array',
    ],
  ])('rejects checkpoint(%s) with a %s, and asks nobody', async (given, name, message) => {
    const { end, calls } = await play(script(`await checkpoint(${given})`));
    expect(end).toMatchObject({ error: { name, message: expect.stringContaining(message), line: 2 } });
    expect(calls).toEqual([]);
  });
});
