import { expect, it } from 'vitest';
import type { Json } from '../../extension/protocol/json.ts';
import { guestText } from '../support/guest-walk.ts';
import { describeOnEngines, play, script } from '../support/script-host.ts';

describeOnEngines('built-ins of the script’s own', () => {
  it('a script that replaces the built-ins does not change what it asks for', async () => {
    const body = `JSON.stringify = () => '{"type":"forged"}'; JSON.parse = () => ({ type: 'forged' });
Array.prototype.map = Array.prototype.push = Array.prototype.join = Object.entries = Object.keys = () => [];
String.prototype.slice = () => 'forged';
const real = await agent('asked', { label: 'L' }); return real`;
    const { prompts, end } = await play(script(body));
    expect([prompts, end]).toEqual([['asked'], { ok: true, result: 'asked' }]);
  });

  /** What a script puts in the place of a built-in. */
  const REPLACEMENTS = {
    'that throws': `() => { throw new TypeError('replaced') }`,
    'that gives nothing': '() => undefined',
    'that gives what is hostile': `() => new Proxy(function () {}, { get: (t, k) => (k === 'length' ? 3 : t), apply: () => 'forged' })`,
  };

  /** Replaces each built-in in turn, and does `act` meanwhile, whose answer must be as it is without that. */
  const eachInTurn = (replacement: string, act: string) => `${guestText('patches.js')}
const stringify = JSON.stringify; const patches = makePatches(); const differs = []; let expected;
for (const patch of [null, ...patches]) {
  let got;
  patch?.replace(${replacement});
  try { got = await (${act})(); } catch (e) { got = { thrown: e?.message }; } finally { patch?.restore(); }
  const text = stringify(got) ?? 'undefined';
  if (!patch) expected = text; else if (text !== expected) differs.push(patch.name + ': ' + text);
}
return { count: patches.length, differs }`;

  /** Replaces each in turn, begins `act` meanwhile, and puts the built-in back before that settles. */
  const eachAtTheStart = (replacement: string, act: string) => `${guestText('patches.js')}
const strangers = [];
for (const patch of makePatches()) {
  let begun;
  patch.replace(${replacement});
  try { begun = (${act})(); } catch (e) { if (!(e instanceof Error)) strangers.push(patch.name); } finally { patch.restore(); }
  try { await begun; } catch (e) { if (!(e instanceof Error)) strangers.push(patch.name); }
  const after = await parallel([() => agent('after')]);
  if (after[0] !== 'after') strangers.push(patch.name + ' left behind ' + JSON.stringify(after));
}
return strangers`;

  it.each(
    Object.entries(REPLACEMENTS).flatMap(([what, replacement]) => [
      [what, 'agent', replacement, `() => agent('P', { label: 'L', effort: 'low', schema: { type: 'object' } })`],
      [what, 'log', replacement, `() => log('P', { a: [1] })`],
      [what, 'phase', replacement, `() => (phase('P'), phase('Q'))`],
      [what, 'setTimeout', replacement, '() => new Real((resolve) => setTimeout(resolve, 5, 7))'],
    ]),
  )('each replaced by one %s: %s() asks for the same and gives the same', async (_, name, replacement, act) => {
    const body = eachInTurn(replacement, act);
    const { end, commands } = await play(script(`const Real = Promise;\n${body}`), {
      answer: () => ({ is: 'A' }),
      limits: { turnMs: 20_000 },
    });
    expect(end).toEqual({ ok: true, result: { count: expect.any(Number), differs: [] } });
    const { count } = (end?.ok ? end.result : {}) as { count: number };
    expect(count).toBeGreaterThan(500);
    const asked = commands.map((command) => {
      if (command.type === 'call') return command.request;
      return command.type === 'log' ? command.message : command.type === 'phase' ? command.title : command;
    });
    const each = {
      agent: [
        {
          kind: 'agent',
          prompt: 'P',
          options: { label: 'L', effort: 'low', schema: { type: 'object' } },
          role: 'agent',
        },
      ],
      log: ['P {"a":[1]}'],
      phase: ['P', 'Q'],
      setTimeout: [{ kind: 'timer', delayMs: 5 }],
    }[name];
    expect(asked).toEqual(
      Array(count + 1)
        .fill(each)
        .flat(),
    );
  });

  it.each([
    ['parallel', `() => parallel([() => agent('P'), () => 2])`],
    ['pipeline', `() => pipeline(['x'], () => agent('P'), (v) => v)`],
    ['challenge', `() => challenge({ claim: 'P' }, { challengers: 1 })`],
    ['converge', `() => converge(async () => [], { dryRounds: 1 })`],
    ['judge', `() => judge(['P', 'b'], { criteria: 'c', judges: 1 })`],
    ['checkpoint', `() => checkpoint('P', { choices: ['A', 'B'] })`],
    ['tool', `() => tool('read', { path: 'P' })`],
    ['workflow', `() => workflow('P')`],
  ])(
    'each replaced by one that throws: %s() fails of that or not, asks for nothing else, and what comes after is whole',
    async (name, act) => {
      const { end, calls } = await play(script(eachAtTheStart(REPLACEMENTS['that throws'], act)), {
        answer: ({ command, prompt }): Json => {
          const { request } = command;
          if (request.kind !== 'agent') return { choice: 'A' };
          return prompt === 'after' || prompt === 'P' ? prompt : { refuted: false, reason: '', scores: [1, 2] };
        },
        limits: { turnMs: 20_000 },
      });
      expect(end).toEqual({ ok: true, result: [] });
      expect(calls.map(({ call }) => call)).toEqual(calls.map((_, index) => index + 1));
      for (const { request } of calls) {
        if (request.kind !== 'agent') expect(request.kind).toBe(name);
        else if (request.role === 'agent') expect(['P', 'after']).toContain(request.prompt);
      }
    },
  );

  it('all left in place: the end of the script is known, whatever it made of promises and texts', async () => {
    for (const patch of [
      `Promise.prototype.then = () => undefined`,
      `Promise.prototype.then = function (f) { f('forged') }`,
      `Promise.prototype.constructor = function () { throw 1 }`,
      `String.prototype.concat = () => '{"type":"fatal"}'`,
      `JSON.stringify = JSON.parse = () => '{"type":"yield","activation":1,"commands":[]}'`,
      `globalThis.JSON = globalThis.Promise = globalThis.Object = globalThis.Error = undefined`,
    ]) {
      const { end, prompts } = await play(script(`${patch}; return await agent('a')`));
      expect([patch, prompts, end]).toEqual([patch, ['a'], { ok: true, result: 'a' }]);
    }
  });
});
