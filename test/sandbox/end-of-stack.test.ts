import { expect, it } from 'vitest';
import type { Json } from '../../extension/protocol/json.ts';
import { WALK } from '../support/guest-walk.ts';
import { describeOnEngines, play, script } from '../support/script-host.ts';

const ACTS: [string, string][] = [
  ['agent', `agent('deep', { label: 'L', schema: { type: 'object' } })`],
  ['parallel', `parallel([() => agent('deep')])`],
  ['pipeline', `pipeline(['x'], () => agent('deep'))`],
  ['log', `log('deep', { a: [1] })`],
  ['phase', `phase('deep' + n)`],
  ['setTimeout', `setTimeout(() => 0, 1)`],
  ['console', `console.error(new Error('deep'))`],
  ['challenge', `challenge({ claim: 'deep' }, { challengers: 1 })`],
  ['converge', `converge(async () => [], { dryRounds: 1 })`],
  ['checkpoint', `checkpoint('deep')`],
  ['tool', `tool('read', { path: 'deep' })`],
];

/**
 * Calls `act` at the very end of the stack, and then again with a little more of it, so that it breaks off at each of
 * its steps in turn before it gets through.
 */
const DOWN = `let n = 0, passed = 0; const errors = []; const started = [];
const down = (act) => {
  try { down(act); } catch (e) {
    if (passed > 3 || n > 3000) return;
    n++; errors.push(e);
    started.push(act()); passed++;
    throw e;
  }
};`;

describeOnEngines('at the end of the stack', () => {
  it.each(ACTS)(
    '%s() breaks off with an error of the realm, or does what it was asked, and the next one is whole',
    async (_, act) => {
      const body = `${WALK}\n${DOWN}
try { down(() => ${act}); } catch (e) { errors.push(e); }
for (const promise of started) try { await promise; } catch (e) { errors.push(e); }
const strangers = errors.filter((e) => !(e instanceof Error)).map(String);
const after = await parallel([() => agent('after')]);
return { tried: n > 3, strangers, walked: walk({ errors: errors.slice(0, 200) }).found, after }`;
      const { end, calls, groups } = await play(script(body), {
        answer: ({ command, prompt }): Json =>
          (command.request.kind as string) === 'checkpoint' ? { choice: 'x' } : prompt === 'after' ? 'A' : { ok: true },
      });
      expect(end).toEqual({ ok: true, result: { tried: true, strangers: [], walked: [], after: ['A'] } });
      expect(calls.map(({ call }) => call)).toEqual(calls.map((_, index) => index + 1));
      for (const { request } of calls.slice(0, -1)) {
        if (request.kind === 'agent' && request.role === 'agent') expect(request.prompt).toBe('deep');
      }
      const last = groups.at(-1);
      expect(last).toMatchObject({ kind: 'parallel', group: null, slot: [], change: { closed: true } });
      expect(calls.at(-1)).toMatchObject({ group: last?.id, slot: [0], request: { kind: 'agent', prompt: 'after' } });
    },
  );
});
