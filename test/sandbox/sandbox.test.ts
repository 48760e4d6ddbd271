import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import type { StartMessage } from '../../extension/protocol/sandbox-wire.ts';
import { type Sandbox, startSandbox } from '../../extension/sandbox/sandbox.ts';
import { SandboxError } from '../../extension/sandbox/sandbox-error.ts';
import { builtDist } from '../support/built-dist.ts';
import { describeOnEngines, engineNow, result } from '../support/script-host.ts';

const open: Sandbox[] = [];
afterEach(() => {
  for (const sandbox of open.splice(0)) sandbox.close();
});

async function start(): Promise<Sandbox> {
  const sandbox = await startSandbox({ dist: await builtDist(), node: process.execPath, engine: engineNow() });
  open.push(sandbox);
  return sandbox;
}

function message(
  source: string,
  limits: Partial<StartMessage['limits']> = {},
): Omit<StartMessage, 'type' | 'activation'> {
  return {
    source,
    args: undefined,
    now: 0,
    seed: 's',
    budgetTotal: null,
    limits: { memoryMb: 128, turnMs: 5000, ...limits },
  };
}

/** What ends a sandbox that runs this script in one turn. */
async function deathOf(source: string, limits: Partial<StartMessage['limits']> = {}) {
  const sandbox = await start();
  const error = await sandbox.start(message(source, limits)).then(
    () => new Error('The script yielded.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SandboxError)) throw error;
  return error.info;
}

/** Whether a process is there; it is given two seconds to go. */
async function lives(pid: number): Promise<boolean> {
  for (let i = 0; i < 100; i += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

describeOnEngines('a sandbox', (engine) => {
  it('says which engine it has, and runs a script turn by turn', async () => {
    const sandbox = await start();
    expect(sandbox.engine).toBe(engine);
    const first = await sandbox.start(message('return [await agent("a"), await agent("b")]'));
    expect(first).toMatchObject({ type: 'yield', activation: 1, commands: [{ type: 'call', call: 1 }] });
    expect(first.end).toBeUndefined();
    const second = await sandbox.settle({ now: 1, spent: 0, call: 1, outcome: { ok: true, value: 'A' } });
    expect(second).toMatchObject({ activation: 2, commands: [{ type: 'call', call: 2 }] });
    const third = await sandbox.settle({ now: 1, spent: 0, call: 2, outcome: { ok: true, value: { b: ['\u2028'] } } });
    expect(third).toEqual({
      type: 'yield',
      activation: 3,
      commands: [],
      end: { ok: true, result: ['A', { b: ['\u2028'] }] },
    });
  });

  it('gives the place of a syntax error that only the engine sees', async () => {
    const { end } = await (await start()).start(message('const a = 1;\n  const = 2;'));
    expect(end).toEqual({
      ok: false,
      error: {
        name: 'SyntaxError',
        message: engine === 'quickjs' ? 'variable name expected' : "Unexpected token '='",
        line: 2,
        column: 9,
      },
    });
  });

  it('fails the run where a call settles that was never issued', async () => {
    const sandbox = await start();
    await sandbox.start(message('await agent("a")'));
    const { end } = await sandbox.settle({ now: 0, spent: 0, call: 9, outcome: { ok: true, value: 1 } });
    expect(end).toMatchObject({ ok: false, error: { message: 'Call 9 was never issued, or has settled before.' } });
  });

  it('carries values of many megabytes both ways', async () => {
    const sandbox = await start();
    const { end } = await sandbox.start({ ...message('return args + args'), args: 'é'.repeat(5_000_000) });
    expect(end).toEqual({ ok: true, result: 'é'.repeat(10_000_000) });
  });

  it('rejects what is asked of it after it was closed, and leaves no process behind', async () => {
    const sandbox = await start();
    await sandbox.start(message('await agent("a")'));
    sandbox.close();
    await expect(sandbox.settle({ now: 0, spent: 0, call: 1, outcome: { ok: true, value: 1 } })).rejects.toThrow(
      'The sandbox was closed.',
    );
    expect(await lives(sandbox.pid)).toBe(false);
  });

  it('rejects a turn under way when it is closed', async () => {
    const sandbox = await start();
    const turn = sandbox.start(message('for (;;);'));
    setTimeout(() => sandbox.close(), 50);
    await expect(turn).rejects.toThrow('The sandbox was closed.');
  });

  it('killed from outside rejects the turn under way, and the next sandbox starts', async () => {
    const sandbox = await start();
    const turn = sandbox.start(message('for (;;);'));
    process.kill(sandbox.pid, 'SIGKILL');
    await expect(turn).rejects.toMatchObject({
      name: 'SandboxError',
      info: { name: 'SandboxError', message: 'The sandbox process ended unexpectedly (SIGKILL)' },
    });
    await expect(sandbox.settle({ now: 0, spent: 0, call: 1, outcome: { ok: true, value: 1 } })).rejects.toThrow(
      'SIGKILL',
    );
    expect(await result('return 1')).toBe(1);
  });

  it('dies with its host', async () => {
    const dist = await builtDist();
    const program = `import { startSandbox } from ${JSON.stringify(new URL('../../extension/sandbox/sandbox.ts', import.meta.url).href)};
      const s = await startSandbox(${JSON.stringify({ dist, node: process.execPath, engine })});
      s.start(${JSON.stringify(message('for (;;);', { turnMs: 60_000 }))});
      process.stdout.write(String(s.pid), () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100));`;
    const host = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect([host.signal, host.stdout]).toEqual(['SIGKILL', expect.stringMatching(/^\d+$/)]);
    expect(await lives(Number(host.stdout))).toBe(false);
  });
});

describe('a sandbox of the isolated-vm engine', () => {
  it('that cannot start says so', async () => {
    const dist = await builtDist();
    await expect(startSandbox({ dist, node: '/nowhere/node' })).rejects.toThrow('The sandbox process could not start');
    await expect(startSandbox({ dist, node: '/bin/true' })).rejects.toThrow('ended unexpectedly (exit code 0)');
  });
});

describeOnEngines('limits', (engine) => {
  it('ends an endless loop, with the line it was on', async () => {
    expect(await deathOf('await null;\nlet i = 0;\nfor (;;) {\n  i++;\n}', { turnMs: 200 })).toEqual({
      name: 'TurnTimeoutError',
      message: 'The script did not yield within 0.2 s.',
      line: expect.any(Number),
      column: expect.any(Number),
    });
    const { line } = await deathOf('function spin() {\n  for (;;);\n}\nspin();', { turnMs: 200 });
    // QuickJS knows the last place before the loop.
    expect(line).toBe(engine === 'quickjs' ? 1 : 2);
  });

  it('ends a storm of microtasks', async () => {
    expect(await deathOf('for (;;) await null;', { turnMs: 200 })).toMatchObject({ name: 'TurnTimeoutError' });
  });

  it('ends an endless loop in a later turn, in a getter of the result, and in a regular expression', async () => {
    const sandbox = await start();
    await sandbox.start(message('await agent("a"); for (;;);', { turnMs: 200 }));
    await expect(sandbox.settle({ now: 0, spent: 0, call: 1, outcome: { ok: true, value: 1 } })).rejects.toMatchObject({
      info: { name: 'TurnTimeoutError', line: 1 },
    });
    expect(await deathOf('return { get x() { for (;;); } }', { turnMs: 200 })).toMatchObject({
      name: 'TurnTimeoutError',
    });
    expect(await deathOf('/(a*)*b/.test("a".repeat(60))', { turnMs: 200 })).toMatchObject({
      name: 'TurnTimeoutError',
      line: 1,
    });
  });

  it('ends what does not even stop when it is told to', async () => {
    expect(await deathOf('const a = []; a.length = 2 ** 32 - 2; a.sort()', { turnMs: 200 })).toMatchObject({
      name: expect.stringMatching(/^(TurnTimeoutError|MemoryLimitError)$/),
    });
  });

  it.each([
    ['an array filled by one built-in', 'const a = []; a.length = 2 ** 32 - 1; a.fill(1)'],
    ['a dense array', 'new Array(2 ** 29).fill(1)'],
    ['many objects', 'const a = []; for (;;) a.push({ x: new Array(10) })'],
    ['many promises', 'const a = []; for (;;) { a.push(new Promise(() => {})); await null }'],
    ['copies of a long array', 'const a = new Array(1e7).fill(0.5); const b = []; for (;;) b.push(a.slice())'],
    ['a text that doubles', '"x".repeat(2 ** 28).replace(/x/g, "yyyyyyy$&")'],
    ['after a wait', 'await null; const a = []; for (;;) a.push(new Array(1000).fill(1.5))'],
  ])('ends a memory bomb long before its turn is over: %s', async (_, bomb) => {
    expect(await deathOf(bomb, { memoryMb: 32, turnMs: 120_000 })).toEqual({
      name: 'MemoryLimitError',
      message: expect.stringMatching(/^The script used more (than 32 MB of )?memory/),
    });
    expect(await result('return 1')).toBe(1);
  });

  it.each([
    ['an endless loop', 'await null;\nfor (;;);', 2],
    [
      'a storm of promises',
      'const again = () => Promise.resolve().then(again);\nagain();\nawait new Promise(() => {});',
      null,
    ],
    ['a storm of generators', 'for await (const _ of (async function* () {\n  for (;;) yield 1;\n})());', null],
    ['a regular expression that never ends', 'const text = "a".repeat(60);\n/(a*)*b/.test(text);', 2],
    ['a getter of the result', 'return {\n  get x() { for (;;); } }', engine === 'quickjs' ? null : 2],
  ])(
    'ends the run after %s, with the line where the engine knows it, and the next sandbox starts',
    async (_, bomb, line) => {
      const death = await deathOf(bomb, { turnMs: 200 });
      expect(death).toMatchObject({ name: 'TurnTimeoutError', message: 'The script did not yield within 0.2 s.' });
      // QuickJS tells the last place before a loop, which may be a line before, and none out of a result.
      if (line !== null) expect([line, ...(engine === 'quickjs' ? [line - 1] : [])]).toContain(death.line);
      expect(await result('return 1')).toBe(1);
    },
  );

  it('tells a recursion without end as the error that it is, with its line, and the next sandbox starts', async () => {
    const { end } = await (await start()).start(
      message('const deep = () => {\n  return deep() + 1;\n};\nreturn deep();'),
    );
    expect(end).toMatchObject({ ok: false, error: { name: 'RangeError', message: expect.stringMatching(/stack/) } });
    if (end && !end.ok) expect([1, 2]).toContain(end.error.line);
    expect(await result('return 1')).toBe(1);
  });

  it('cuts what is logged, were it a hundred megabytes, and the run goes on', async () => {
    const { commands, end } = await (await start()).start(message('log("x".repeat(1e8)); return 1;'));
    const [line] = commands;
    expect(
      line?.type === 'log' && [
        line.message.length < 20_000,
        line.message.endsWith('(cut: 100000000 characters in all)'),
      ],
    ).toEqual([true, true]);
    expect(end).toEqual({ ok: true, result: 1 });
  });

  it.each([
    ['a text', 'return "x".repeat(40 * 2 ** 20);'],
    ['many of the same object', 'const o = { text: "x".repeat(1e6) }; return new Array(40).fill(o);'],
    ['a long prompt', 'return await agent("x".repeat(40 * 2 ** 20));'],
  ])('refuses what is too much for one turn: %s, and the next sandbox starts', async (_, body) => {
    const { end } = await (await start()).start(message(body, { memoryMb: 512 }));
    expect(end).toMatchObject({ ok: false, error: { name: 'RangeError', message: expect.stringContaining('32 MB') } });
    expect(await result('return 1')).toBe(1);
  });

  it('lets a script catch what it may: a buffer, a string, a number too large', async () => {
    const body = `const seen = []; for (const f of [() => new Uint8Array(2 ** 33), () => 'x'.repeat(2 ** 30), () => 2n ** (2n ** 31n)]) try { f(); } catch (e) { seen.push(e instanceof RangeError); } return seen`;
    expect(await result(body)).toEqual([true, true, true]);
  });
});

describe('the limits of the isolated-vm engine', () => {
  it.each([
    'const live = []; for (let i = 0; i < 90; i++) live.push(new Array(131072).fill(0.5)); for (let i = 0; i < 1e7; i++) ({ i, s: [i] }); return 1',
    'for (let i = 0; i < 100; i++) new Uint8Array(1e7).fill(1); for (let i = 0; i < 100; i++) new Array(3e6).fill(0.5); return 1',
    'const a = Array.from({ length: 2e5 }, (_, i) => ({ id: i, name: "n" + i })); for (let i = 0; i < 3; i++) JSON.parse(JSON.stringify(a)); return 1',
  ])('let a script have nearly all of its memory in one turn, and garbage beside it: %s', async (body) => {
    expect(await result(body, { engine: 'isolated-vm', limits: { turnMs: 20_000 } })).toBe(1);
  });

  it('leave it to the script to catch that there is no room for another buffer', async () => {
    const buffers =
      'const a = []; try { for (;;) a.push(new Uint8Array(1e7).fill(1)); } catch (e) { return [e.name, a.length < 20] }';
    expect(await result(buffers, { engine: 'isolated-vm' })).toEqual(['RangeError', true]);
  });
});

describe('the limits of the quickjs engine', () => {
  it('hold against a script that catches everything', async () => {
    const body = 'const a = []; for (;;) { try { for (;;) a.push({}); } catch { continue; } }';
    await expect(result(body, { engine: 'quickjs', limits: { memoryMb: 32, turnMs: 60_000 } })).rejects.toMatchObject({
      info: { name: 'MemoryLimitError', message: 'The script used more than 32 MB of memory.' },
    });
    const late = 'const spin = async () => { for (;;); }; for (;;) try { await spin(); } catch { continue; }';
    await expect(result(late, { engine: 'quickjs', limits: { turnMs: 200 } })).rejects.toMatchObject({
      info: { name: 'TurnTimeoutError' },
    });
  });

  it('let a script catch that it calls itself too deep, and go on', async () => {
    const body = `const seen = []; let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {});
const f = () => f(); const g = () => [1].map(g);
for (const deep of [f, g, () => p.x, () => new RegExp('(?:'.repeat(1e5) + ')'.repeat(1e5))]) try { deep(); } catch (e) { seen.push(e instanceof Error); } return seen`;
    expect(await result(body, { engine: 'quickjs' })).toEqual([true, true, true, true]);
  });

  it('end the run where a built-in goes deeper than the engine knows', async () => {
    const nest = 'let a = []; for (let i = 0; i < 1e6; i++) a = [a];';
    for (const body of [`${nest} try { JSON.stringify(a); } catch {} return 1`, `${nest} return a.flat(Infinity)`]) {
      await expect(result(body, { engine: 'quickjs' })).rejects.toThrow('Maximum call stack size exceeded');
    }
    expect(await result('return 1', { engine: 'quickjs' })).toBe(1);
  });
});

describeOnEngines('several activations sent together', () => {
  it('come to the guest one after the other, each with its own answer', async () => {
    const sandbox = await start();
    await sandbox.start(
      message(`const seen = [];
for (let i = 0; i < 3; i++) agent('p' + i).then((x) => { seen.push(x + ' at ' + Date.now()); log(seen.length); if (seen.length === 2) agent('more') });
await new Promise((done) => setTimeout(done, 1)); return seen`),
    );
    const settle = (call: number, now: number) => ({
      call,
      now,
      spent: 0,
      outcome: { ok: true as const, value: `v${call}` },
    });
    const answers = [];
    for await (const answer of sandbox.settleAll([settle(2, 20), settle(1, 30), settle(3, 40), settle(4, 50)]))
      answers.push(answer);
    expect(answers.map(({ commands }) => commands.map((c) => (c.type === 'log' ? c.message : c.type)))).toEqual([
      ['1'],
      ['2', 'call'],
      ['3'],
      [],
    ]);
    expect(answers[3]?.end).toEqual({ ok: true, result: ['v2 at 20', 'v1 at 30', 'v3 at 40'] });
    sandbox.close();
  });

  it('end with the one that goes wrong', async () => {
    const sandbox = await start();
    const source = `agent('a').then(() => { for (;;); }); await new Promise(() => 0)`;
    await sandbox.start(message(source, { turnMs: 200 }));
    const settle = (call: number) => ({ call, now: 0, spent: 0, outcome: { ok: true as const, value: null } });
    const all = async () => {
      for await (const _ of sandbox.settleAll([settle(1), settle(1)]));
    };
    await expect(all()).rejects.toMatchObject({ info: { name: 'TurnTimeoutError' } });
  });
});
