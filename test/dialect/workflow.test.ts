import { expect, it } from 'vitest';
import { describeOnEngines, fails, type HostOptions, never, play, result, script } from '../support/script-host.ts';

/** Plays a body that may call the script `child`. */
function withChild(body: string, child: string, options: HostOptions = {}) {
  return play(script(body), { workflows: { child: script(child) }, ...options });
}

async function resultOf(body: string, child: string, options: HostOptions = {}) {
  return await result(body, { workflows: { child: script(child) }, ...options });
}

async function endOf(body: string, child: string, options: HostOptions = {}) {
  return (await withChild(body, child, options)).end;
}

describeOnEngines('workflow()', (engine) => {
  it('runs another script and resolves to its result', async () => {
    const child = `const text = await agent('in the child'); return { text, args }`;
    expect(await resultOf(`return await workflow('child', { n: [1, null] })`, child)).toEqual({
      text: 'in the child',
      args: { n: [1, null] },
    });
  });

  it('asks for a script by its name or its path, where it stands', async () => {
    const body = `phase('P');\nawait parallel([() => workflow('a b', 1), () => workflow({ scriptPath: 'x/y.js' })])`;
    const { calls } = await play(script(body));
    const rest = { type: 'call', phase: 'P', group: 1 };
    expect(calls).toEqual([
      { ...rest, call: 1, request: { kind: 'workflow', ref: { name: 'a b' } }, slot: [0], at: { line: 3, column: 23 } },
      {
        ...rest,
        call: 2,
        request: { kind: 'workflow', ref: { scriptPath: 'x/y.js' } },
        slot: [1],
        at: { line: 3, column: 49 },
      },
    ]);
  });

  it('shows the script in a group, and what it asks for inside, with its title', async () => {
    const child = `await agent('one');\n  await parallel([() => agent('two')]); setTimeout(() => {}, 1)`;
    const { calls, groups } = await withChild(
      `await parallel([async () => { await workflow('child'); await agent('after') }])`,
      child,
    );
    expect(groups.map(({ id, kind, label, group, slot, change }) => [id, kind, label, group, slot, change])).toEqual([
      [1, 'parallel', '', null, [], { closed: true }],
      [2, 'workflow', 'child', 1, [0], { closed: true }],
      [3, 'parallel', '', 2, [], { closed: true }],
    ]);
    expect(calls.map(({ request, group, slot, at }) => [request.kind, group, slot, at])).toEqual([
      ['workflow', 1, [0], { line: 2, column: 37 }],
      ['agent', 2, [], { line: 2, column: 7, script: 'child' }],
      ['agent', 3, [0], { line: 3, column: 25, script: 'child' }],
      ['timer', 2, [], { line: 3, column: 41, script: 'child' }],
      ['agent', 1, [0], { line: 2, column: 62 }],
    ]);
  });

  it('gives the script args and a workflow of its own, which it may declare anew', async () => {
    const seen = `return [typeof args, typeof workflow, this === undefined, arguments.length, typeof meta]`;
    expect(await resultOf(`return await workflow('child', [])`, seen, { args: 7 })).toEqual([
      'object',
      'function',
      true,
      0,
      'undefined',
    ]);
    const own = `const args = 'own'; const workflow = 1; function agent() { return 'mine' } return [args, workflow, agent()]`;
    expect(
      await resultOf(`return [await workflow('child', 1), args, typeof agent('a').then]`, own, { args: 7 }),
    ).toEqual([['own', 1, 'mine'], 7, 'function']);
    expect(await resultOf(`return await workflow('child')`, `return typeof args`, { args: 7 })).toBe('undefined');
  });

  it('runs the script in strict mode, with await and return at its top level, and may do so twice', async () => {
    const child = `try { undeclared = 1 } catch (e) { if (args) return await agent(e.name + args) } return 'none'`;
    expect(await resultOf(`return [await workflow('child', 1), await workflow('child', 0)]`, child)).toEqual([
      'ReferenceError1',
      'none',
    ]);
  });

  it('passes args as JSON, as they are at the call', async () => {
    const body = `const given = { list: [1], at: new Date(0), f() {} }; const asked = workflow('child', given); given.list.push(2);
const told = await asked; return [told, given.list, given.added ?? null]`;
    const child = `args.added = 1; args.list.push(3); return args`;
    expect(await resultOf(body, child)).toEqual([
      { list: [1, 3], at: '1970-01-01T00:00:00.000Z', added: 1 },
      [1, 2],
      null,
    ]);
  });

  it.each([
    ['return', null],
    ['return () => 1', null],
    [
      'return { m: new Map([[1, 2]]), n: NaN, u: undefined, d: new Date(0) }',
      { m: {}, n: null, d: '1970-01-01T00:00:00.000Z' },
    ],
    ['return { then: (resolve) => resolve("awaited") }', 'awaited'],
    ['return agent("a")', 'a'],
  ])('gives as its result what JSON makes of it: %s', async (child, expected) => {
    const body = `const r = await workflow('child'); return { r, undefined: r === undefined }`;
    expect(await resultOf(body, child)).toEqual({ r: expected, undefined: false });
  });

  it('gives a copy of its result', async () => {
    const child = `globalThis.kept = { n: 1 }; return kept`;
    expect(await resultOf(`const r = await workflow('child'); r.n = 2; return [kept.n, r.n]`, child)).toEqual([1, 2]);
  });

  it.each([
    ['return 1n', /^The result of the workflow "child" cannot be written as JSON: .*BigInt/],
    ['const a = {}; a.a = a; return a', /^The result of the workflow "child" cannot be written as JSON: .*circular/],
  ])('rejects where its result is no JSON: %s', async (child, message) => {
    const { end, groups } = await withChild(
      `return await workflow('child').catch((e) => [e instanceof TypeError, e.message])`,
      child,
    );
    expect(end).toEqual({ ok: true, result: [true, expect.stringMatching(message)] });
    expect(groups[0]?.change).toEqual({ closed: true });
  });

  it('hands on what the script throws as it is', async () => {
    const child = `class Mine extends Error {}; globalThis.thrown = Object.assign(new Mine('m'), { extra: 1 }); throw thrown`;
    const body = `try { await workflow('child') } catch (e) { return [e === thrown, e.extra, e instanceof Error] }`;
    const { end, groups } = await withChild(body, child);
    expect(end).toEqual({ ok: true, result: [true, 1, true] });
    expect(groups[0]?.change).toEqual({ closed: true });
    expect(await resultOf(`return await workflow('child').catch((e) => e)`, `throw 'text'`)).toBe('text');
  });

  it('ends the run with an error that nobody catches, at its place in the script that threw', async () => {
    expect(
      await endOf(`await workflow('child')`, `const f = () => {\n  throw new RangeError('deep');\n};\nf()`),
    ).toEqual({
      ok: false,
      error: { name: 'RangeError', message: 'deep', line: 3, column: 9, script: 'child' },
    });
    const answer = [fails('BudgetError', 'spent')];
    expect(await endOf(`await workflow('child')`, `\n  await agent('a')`, { answer })).toEqual({
      ok: false,
      error: { name: 'BudgetError', message: 'spent', line: 3, column: 9, script: 'child' },
    });
    expect(await endOf(`await workflow('child');\nthrow new Error('main')`, `return 1`)).toMatchObject({
      error: { message: 'main', line: 3, column: 7 },
    });
  });

  it('tells the place of a function by the script it was written in, whoever calls it', async () => {
    const child = `globalThis.helper = () => {\n  throw new Error('x') }; args || helper()`;
    expect(await endOf(`await workflow('child', 1);\n\nhelper()`, child)).toMatchObject({
      error: { line: 3, column: 9, script: 'child' },
    });
  });

  it.each([
    ['on the line of its meta', `export const meta = { name: 'n', description: 'd' }; throw new Error('x')`, 1, 60],
    [
      'after a comment on that line',
      `/* c */ export const meta = { name: 'n', description: 'd' }; throw new Error('x')`,
      1,
      68,
    ],
    ['on the line of a short meta', `export const meta={name:'n',description:'d'};throw new Error('x')`, 1, 52],
    [
      'in a file with CRLF',
      `\uFEFF#!x\r\nexport const meta = { name: 'n', description: 'd' };\r\n  throw new Error('x')\r\n`,
      3,
      9,
    ],
  ])('has its lines and columns right %s', async (_, text, line, column) => {
    const main = script(`await workflow('child')`);
    expect((await play(main, { workflows: { child: text } })).end).toEqual({
      ok: false,
      error: { name: 'Error', message: 'x', line, column, script: 'child' },
    });
    expect((await play(text)).end).toEqual({ ok: false, error: { name: 'Error', message: 'x', line, column } });
  });

  it('names the script in warnings, and in the line of a timer that failed', async () => {
    const child = `await agent('a', { labl: 1 });\nsetTimeout(() => { throw new Error('late') });\nawait agent('b')`;
    const { logs } = await withChild(`await workflow('child')`, child);
    expect(logs).toEqual([
      expect.stringMatching(/^child, line 2: agent\(\) has no option 'labl'/),
      'A setTimeout callback threw Error: late (child, line 3)',
    ]);
  });

  it('nests one level deep, whichever workflow() the script finds', async () => {
    const child = `const say = (e) => e.name + ': ' + e.message;
return [await workflow('child').catch(say), await globalThis.workflow('child').catch(say), await (async () => [...['child'].map(globalThis.workflow)][0])().catch(say)]`;
    const { end, calls } = await withChild(`return await workflow('child')`, child);
    const refusal = expect.stringMatching(/^Error: Workflows nest one level deep/);
    expect(end).toEqual({ ok: true, result: [refusal, refusal, refusal] });
    expect(calls).toHaveLength(1);
  });

  it('runs several at once, each in its own place and its own phase', async () => {
    const child = `phase('first of ' + args); await agent(args + 1); phase('second of ' + args); await agent(args + 2); return args`;
    const body = `phase('main');
const both = parallel([() => workflow('child', 'a'), () => workflow('child', 'b')]);
await agent('beside'); const r = await both; await agent('after'); return r`;
    const { end, calls, groups, commands } = await withChild(body, child);
    expect(end).toEqual({ ok: true, result: ['a', 'b'] });
    const places = calls.flatMap(({ request, group, phase }) =>
      request.kind === 'agent' ? [[request.prompt, group, phase]] : [],
    );
    expect(places.sort()).toEqual([
      ['a1', 2, 'first of a'],
      ['a2', 2, 'second of a'],
      ['after', null, 'main'],
      ['b1', 3, 'first of b'],
      ['b2', 3, 'second of b'],
      ['beside', null, 'main'],
    ]);
    expect(groups.map(({ kind, phase }) => [kind, phase])).toEqual([
      ['parallel', 'main'],
      ['workflow', 'main'],
      ['workflow', 'main'],
    ]);
    expect(commands.filter(({ type }) => type === 'phase')).toHaveLength(5);
  });

  it('begins in the phase of its caller, inside groups too, and leaves that as it was', async () => {
    const child = `await agent('same'); phase('own'); await parallel([async () => { await challenge('c', { challengers: 1 }); await agent('own') }])`;
    const { calls } = await withChild(`phase('P'); await workflow('child'); await agent('back')`, child, {
      answer: () => ({ verdict: 'upheld', reason: '' }),
    });
    expect(calls.map(({ phase }) => phase)).toEqual(['P', 'P', 'own', 'own', 'P']);
  });

  it('does not hold the end of the run when nobody awaits it', async () => {
    const { end } = await withChild(`workflow('child'); await agent('a'); return 1`, `await agent('b'); log('late')`, {
      answer: ({ prompt }) => (prompt === 'b' ? never : prompt),
    });
    expect(end).toEqual({ ok: true, result: 1 });
  });

  it('rejects with a WorkflowError where there is no such script, at the line that asked', async () => {
    const body = `return await workflow('nobody').catch((e) => [e instanceof Error, e.name, e.message])`;
    expect(await result(body)).toEqual([true, 'WorkflowError', 'no nobody']);
    await expect(result(`\nawait workflow('nobody')`)).rejects.toMatchObject({
      name: 'WorkflowError',
      line: 3,
      column: 7,
    });
    const refused = { name: 'WorkflowError', message: 'it does not parse', line: 9, column: 4, script: 'bad.js' };
    const { end, groups } = await play(script(`await workflow('bad.js')`), {
      workflows: { 'bad.js': { failure: refused } },
    });
    expect([end, groups]).toEqual([{ ok: false, error: refused }, []]);
  });

  it('rejects with the place where only the engine finds a syntax error, and the run can go on', async () => {
    const words = engine === 'quickjs' ? 'unexpected token' : 'Unexpected token';
    const message = expect.stringContaining(`The workflow "bad" does not compile: ${words}`);
    const at = async (source: string) =>
      (await play(script(`await workflow('bad')`), { workflows: { bad: { source } } })).end;
    expect(await at('let x = 1;\n  let y = ;')).toEqual({
      ok: false,
      error: { name: 'WorkflowError', message, line: 2, column: 11, script: 'bad' },
    });
    expect(await at('let y = ;')).toMatchObject({ error: { line: 1, column: 9, script: 'bad' } });
    const body = `const e = await workflow('bad').catch((e) => e.name); return [e, await workflow('good')]`;
    const workflows = { bad: { source: 'let y = ;' }, good: script('return 1') };
    expect(await result(body, { workflows })).toEqual(['WorkflowError', 1]);
  });

  it('ends the run where a turn of the script never yields, with the place in it', async () => {
    // QuickJS takes the jump back of a loop for the place of the last call before it, so one stands on that line, too.
    const endless = play(script(`await workflow('child')`), {
      workflows: { child: script(`await agent('a');\n  Math.abs(1); for (;;) Math.sqrt(args)`) },
      limits: { turnMs: 200 },
    });
    await expect(endless).rejects.toMatchObject({ info: { name: 'TurnTimeoutError', line: 3, script: 'child' } });
  });

  it.each([
    ['', 'not undefined'],
    ['7', 'not a number'],
    ['""', 'it is empty'],
    ['{}', 'not an object'],
    ['{ scriptPath: 1 }', 'not an object'],
    ['{ scriptPath: "" }', 'not an object'],
    ['["a"]', 'not an array'],
    ['"child", { n: 1n }', 'The args of workflow() cannot be written as JSON'],
  ])('rejects workflow(%s) with a TypeError, and loads nothing', async (given, message) => {
    const { end, calls } = await withChild(`await workflow(${given})`, 'return 1');
    expect(end).toMatchObject({ error: { name: 'TypeError', message: expect.stringContaining(message), line: 2 } });
    expect(calls).toEqual([]);
  });
});

describeOnEngines('a called script finds no more than the one that called it', () => {
  it.each([
    "workflow.constructor.constructor('return process')()",
    "workflow.constructor('return process')()",
    "args.constructor.constructor('return process')()",
    "(await workflow('x').catch((e) => e)).constructor.constructor('return process')()",
    "globalThis.workflow.constructor('return process')()",
    "agent.constructor.constructor('return process')()",
    "(function () { return eval('1') })()",
    "(async () => {}).constructor('return 1')",
    "new (class extends Function {})('return 1')",
  ])('%s', async (walk) => {
    const end = await endOf(`return await workflow('child', {})`, `return String(${walk})`);
    expect(end).toMatchObject({ error: { name: 'EvalError', script: 'child' } });
  });

  it('sees the same globals, of the same realm, and none of ours', async () => {
    const names = `Object.getOwnPropertyNames(globalThis).sort().join()`;
    const body = `const mine = ${names}; const [theirs, ...rest] = await workflow('child', { a: [] }); return [mine === theirs, rest]`;
    const child = `globalThis.realm = [args instanceof Object, args.a instanceof Array, Object.getPrototypeOf(args) === Object.prototype];
delete globalThis.realm; return [${names}, typeof counterpointDeliver, typeof counterpointDrain, args.a instanceof Array, Object.isExtensible(Array.prototype), Object.isExtensible(Object.prototype)]`;
    expect(await resultOf(body, child)).toEqual([true, ['undefined', 'undefined', true, false, false]]);
  });

  it('finds nothing of ours around its body: in the frames of a stack trace, in its own functions, in arguments', async () => {
    const child = `Error.prepareStackTrace = (e, frames) => frames;
const seen = []; const look = (e) => { for (const f of e.stack) seen.push(f.getThis?.() ?? null, f.getFunction?.() ?? null); };
try { look(new Error()); await workflow('x') } catch (e) { look(e) }
const hidden = []; for (const get of [() => arguments.callee, () => (function () { return arguments.callee })(), () => workflow.caller, () => workflow.arguments]) try { hidden.push(typeof get()) } catch (e) { hidden.push(e.name) }
return [seen.filter((x) => x !== null).length, seen.length > 2, hidden]`;
    expect(await resultOf(`return await workflow('child')`, child)).toEqual([
      0,
      true,
      ['TypeError', 'TypeError', 'TypeError', 'TypeError'],
    ]);
  });

  it('keeps a __proto__ in args or a result to itself', async () => {
    const evil = `JSON.parse('{"__proto__":{"polluted":1}}')`;
    const body = `const r = await workflow('child', ${evil}); return [Object.keys(r), ({}).polluted ?? null, Object.getPrototypeOf(r) === Object.prototype]`;
    const child = `return [Object.keys(args).join(), ({}).polluted ?? null].join() === '__proto__,' ? args : 'polluted'`;
    expect(await resultOf(body, child)).toEqual([['__proto__'], null, true]);
  });

  it('gives and takes JSON also where the caller replaced what writes it', async () => {
    const body = `JSON.stringify = () => '"forged"'; JSON.parse = () => 'forged'; return await workflow('child', { a: 1 })`;
    expect(await resultOf(body, `return args`)).toEqual({ a: 1 });
  });
});
