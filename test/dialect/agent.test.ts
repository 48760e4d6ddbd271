import { expect, it } from 'vitest';
import { describeOnEngines, fails, never, play, result, script } from '../support/script-host.ts';

describeOnEngines('agent()', () => {
  it('gives the answer to whoever awaits it', async () => {
    expect(await result('return [await agent("a"), await agent("b")]', { answer: ['one', ''] })).toEqual(['one', '']);
  });

  it('gives null for an agent that failed for good', async () => {
    expect(await result('return [await agent("a")]', { answer: [null] })).toEqual([null]);
  });

  it('passes every option it knows, and the place in the script that asked', async () => {
    const options = `{ label: 'L', phase: 'P', schema: { type: 'object' }, model: 'opus', effort: 'xhigh', isolation: 'worktree', agentType: 'Explore' }`;
    const { calls } = await play(script(`phase('Other');\nawait agent('do it', ${options})`));
    expect(calls).toEqual([
      {
        type: 'call',
        call: 1,
        request: {
          kind: 'agent',
          role: 'agent',
          prompt: 'do it',
          options: {
            label: 'L',
            phase: 'P',
            schema: { type: 'object' },
            model: 'opus',
            effort: 'xhigh',
            isolation: 'worktree',
            agentType: 'Explore',
          },
        },
        phase: 'P',
        group: null,
        slot: [],
        at: { line: 3, column: 7 },
      },
    ]);
  });

  it('takes the phase that was named last, whatever was named for one agent', async () => {
    const { calls, commands } = await play(
      script(
        `const a = agent('a'); phase('One'); phase('One'); const b = agent('b', { phase: 'Two' }); await agent('c')`,
      ),
    );
    expect(calls.map(({ phase }) => phase)).toEqual([null, 'Two', 'One']);
    expect(commands.filter(({ type }) => type === 'phase')).toEqual([{ type: 'phase', title: 'One' }]);
  });

  it('makes two agents of the same prompt twice', async () => {
    const { calls, end } = await play(script('return await Promise.all([agent("a"), agent("a")])'), {
      answer: ['1', '2'],
    });
    expect(calls.map(({ call }) => call)).toEqual([1, 2]);
    expect(end).toEqual({ ok: true, result: ['1', '2'] });
  });

  it('accepts null, undefined and no options', async () => {
    const { calls, logs } = await play(
      script(
        'await agent("a", null); await agent("b", undefined); await agent("c", { label: null, model: undefined })',
      ),
    );
    expect(calls.map(({ request }) => request.kind === 'agent' && request.options)).toEqual([{}, {}, {}]);
    expect(logs).toEqual([]);
  });

  it('rejects, and does not throw, for a prompt that is no string', async () => {
    const { end, calls } = await play(
      script(
        'const p = agent({});\nconst q = agent();\nreturn (await Promise.allSettled([p, q])).map((s) => [s.reason instanceof TypeError, s.reason.message])',
      ),
    );
    expect(end).toEqual({
      ok: true,
      result: [
        [true, 'agent() expects its prompt as a string, not an object.'],
        [true, 'agent() expects its prompt as a string, not undefined.'],
      ],
    });
    expect(calls).toEqual([]);
  });

  it('warns in the log of what it ignores, once for each place', async () => {
    const { logs, calls } = await play(
      script(`for (let i = 0; i < 3; i++) await agent('a', { labl: 1 });
await agent(' ', { effort: 'huge', isolation: 'vm', model: 7 });
await agent('b', 'a label')`),
    );
    expect(logs).toEqual([
      "line 2: agent() has no option 'labl'; it is ignored. It knows: label, phase, schema, model, effort, isolation, agentType.",
      'line 3: agent() was called with an empty prompt.',
      "line 3: agent() has no effort 'huge'; it is ignored. It knows: low, medium, high, xhigh, max.",
      "line 3: agent() has no isolation 'vm'; it is ignored. It knows: worktree.",
      'line 3: agent() expects opts.model as a string, not a number; it is ignored.',
      'line 4: agent() expects its options as an object, not a string; they are ignored.',
    ]);
    expect(calls.map(({ request }) => request.kind === 'agent' && request.options)).toEqual([{}, {}, {}, {}, {}]);
  });

  it('refuses a schema that is no object before any call', async () => {
    const { end, calls } = await play(
      script('return await agent("a", { schema: true }).catch((e) => e.name + ": " + e.message)'),
    );
    expect(end).toEqual({
      ok: true,
      result: 'TypeError: agent() expects opts.schema as a JSON Schema object, not a boolean.',
    });
    expect(calls).toEqual([]);
  });

  it('refuses a schema that is no JSON, and the run goes on', async () => {
    const body =
      'const s = {}; s.s = s; const e = await agent("a", { schema: s }).catch((e) => e); return [e instanceof TypeError, await agent("b")]';
    expect(await result(body)).toEqual([true, 'b']);
  });

  it("makes the host's errors real errors of the script's realm", async () => {
    const body = `const see = (e) => [e instanceof Error, e instanceof TypeError, e.name, e.message, Object.keys(e)];
return [await agent('a').catch(see), await agent('b').catch(see)]`;
    expect(
      await result(body, { answer: [fails('SchemaError', 'five tries'), fails('TypeError', 'no such agent type')] }),
    ).toEqual([
      [true, false, 'SchemaError', 'five tries', []],
      [true, true, 'TypeError', 'no such agent type', []],
    ]);
  });

  it('gives an uncaught error of an agent the line that asked for the agent', async () => {
    const { end } = await play(script('const x = 1;\n  await agent("a");'), {
      answer: [fails('BudgetError', 'spent')],
    });
    expect(end).toEqual({ ok: false, error: { name: 'BudgetError', message: 'spent', line: 3, column: 9 } });
  });

  it('does not hold the end of the script when nobody awaits it', async () => {
    const { end, calls } = await play(script('agent("a"); agent("b").then(() => log("late")); return 1'), {
      answer: () => never,
    });
    expect(end).toEqual({ ok: true, result: 1 });
    expect(calls).toHaveLength(2);
  });

  it('takes the options as they are at the call', async () => {
    const { calls } = await play(
      script('const o = { label: "first" }; const p = agent("a", o); o.label = "second"; await p'),
    );
    expect(calls[0]?.request).toMatchObject({ options: { label: 'first' } });
  });
});
