import { describe, expect, it } from 'vitest';
import type { EngineName } from '../../extension/protocol/sandbox-wire.ts';
import { type HostOptions, type Played, play as playOn, script } from '../support/script-host.ts';

/** Where each agent stood: its prompt, then the groups around it from the outside in, each with the slot. */
function places({ calls, groups }: Played): string[] {
  return calls.map(({ request, group, slot }) => {
    const path: string[] = [];
    let place = { group, slot };
    while (place.group !== null) {
      const inside = groups.find(({ id }) => id === place.group);
      if (!inside) throw new Error(`no group ${place.group}`);
      path.unshift(`${inside.kind}[${place.slot}]`);
      place = { group: inside.group, slot: inside.slot };
    }
    const prompt =
      request.kind === 'agent' ? (/Claim: (.*)/.exec(request.prompt)?.[1] ?? request.prompt) : request.kind;
    return [prompt, ...path].join(' ');
  });
}

const newestFirst: HostOptions = { next: (waiting) => waiting.at(-1) as never };

// Without stack traces only the call that settled tells; QuickJS has none across `await`.
describe.each<[string, string, EngineName]>([
  ['', '', 'isolated-vm'],
  [', without stack traces', 'Error.stackTraceLimit = 0; ', 'isolated-vm'],
  [', in QuickJS', '', 'quickjs'],
])('the place of an agent in the tree%s', (_, setting, engine) => {
  const play = (text: string, options: HostOptions = {}) => playOn(text, { engine, ...options });

  it('is outside before, between and after groups', async () => {
    const body = `await agent('before');
await parallel([() => agent('in')]);
await agent('between');
await pipeline(['x'], () => agent('in stage'));
await agent('after')`;
    expect(places(await play(script(setting + body)))).toEqual([
      'before',
      'in parallel[0]',
      'between',
      'in stage pipeline[0,0]',
      'after',
    ]);
  });

  it.each([
    ['in order of issue', {}],
    ['newest first', newestFirst],
  ])('stays that of its thunk after an await, when calls settle %s', async (_, options) => {
    const body = `const thunk = (n) => async () => { await agent('first ' + n); await null; await agent('second ' + n); };
await parallel([thunk(0), thunk(1)]); await agent('after')`;
    const all = places(await play(script(setting + body), options));
    expect(all.sort()).toEqual([
      'after',
      'first 0 parallel[0]',
      'first 1 parallel[1]',
      'second 0 parallel[0]',
      'second 1 parallel[1]',
    ]);
  });

  it('survives a failed agent that the script catches', async () => {
    const body = `await parallel([async () => { try { await agent('fails'); } catch { await agent('instead'); } }])`;
    const answer: HostOptions['answer'] = ({ prompt }) =>
      prompt === 'fails' ? { failure: { name: 'SchemaError', message: '' } } : prompt;
    expect(places(await play(script(setting + body), { answer }))).toEqual([
      'fails parallel[0]',
      'instead parallel[0]',
    ]);
  });

  it('is outside for what is asked beside a group that is under way', async () => {
    const body = `const p = parallel([() => agent('in')]); const q = agent('beside'); await Promise.all([p, q])`;
    expect(places(await play(script(setting + body)))).toEqual(['in parallel[0]', 'beside']);
  });

  it('is back in its thunk after a challenge, and after a converge', async () => {
    const body = `await parallel([async () => {
  await challenge('c', { challengers: 1 }); await agent('after challenge');
  await converge(async () => { await agent('look'); return []; }, { dryRounds: 1 }); await agent('after converge');
}])`;
    expect(places(await play(script(setting + body)))).toEqual([
      '"c" parallel[0] challenge[0]',
      'after challenge parallel[0]',
      'look parallel[0] converge[0] round[]',
      'after converge parallel[0]',
    ]);
  });

  it('counts items and stages of a pipeline, also after an await within a stage', async () => {
    const body = `await pipeline(['a', 'b'],
  (item) => agent(item + 1),
  async (_, item) => { await agent(item + 2); return agent(item + 3); })`;
    expect(places(await play(script(setting + body), newestFirst)).sort()).toEqual([
      'a1 pipeline[0,0]',
      'a2 pipeline[0,1]',
      'a3 pipeline[0,1]',
      'b1 pipeline[1,0]',
      'b2 pipeline[1,1]',
      'b3 pipeline[1,1]',
    ]);
  });

  it('is back in the outer thunk once an inner parallel is done', async () => {
    const body = `await parallel([
  async () => { await parallel([() => agent('inner 0'), () => agent('inner 1')]); await agent('outer 0'); },
  async () => { await agent('outer 1'); await parallel([() => agent('inner 2')]); await agent('outer 1 again'); },
]); await agent('after')`;
    expect(places(await play(script(setting + body), newestFirst)).sort()).toEqual([
      'after',
      'inner 0 parallel[0] parallel[0]',
      'inner 1 parallel[0] parallel[1]',
      'inner 2 parallel[1] parallel[0]',
      'outer 0 parallel[0]',
      'outer 1 again parallel[1]',
      'outer 1 parallel[1]',
    ]);
  });

  it('goes through a challenge inside a pipeline stage inside a round', async () => {
    const body = `let n = 0;
await converge(async ({ round }) => {
  const found = await agent('find ' + round);
  await pipeline([found], (claim) => challenge(claim, { challengers: 2 }), () => agent('write ' + round));
  await agent('end of round ' + round);
  return round < 2 ? [round] : [];
}, { dryRounds: 1 });
await agent('after')`;
    const answer: HostOptions['answer'] = ({ prompt, command }) =>
      command.request.kind === 'agent' && command.request.role === 'challenger'
        ? { verdict: 'upheld', reason: 'r' }
        : prompt;
    expect(places(await play(script(setting + body), { answer }))).toEqual([
      'find 1 converge[0] round[]',
      '"find 1" converge[0] round[] pipeline[0,0] challenge[0]',
      '"find 1" converge[0] round[] pipeline[0,0] challenge[1]',
      'write 1 converge[0] round[] pipeline[0,1]',
      'end of round 1 converge[0] round[]',
      'find 2 converge[1] round[]',
      '"find 2" converge[1] round[] pipeline[0,0] challenge[0]',
      '"find 2" converge[1] round[] pipeline[0,0] challenge[1]',
      'write 2 converge[1] round[] pipeline[0,1]',
      'end of round 2 converge[1] round[]',
      'after',
    ]);
  });

  it('follows a timer', async () => {
    const body = `const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
await parallel([async () => { await sleep(10); await agent('late'); }]); await agent('after')`;
    expect(places(await play(script(setting + body)))).toEqual(['timer parallel[0]', 'late parallel[0]', 'after']);
  });

  it('is inside a called workflow and its groups, in its phase, and back outside after it', async () => {
    const child = `await agent('in ' + args); phase('own'); await agent('then ' + args);
await parallel([async () => { await agent('deep ' + args); await agent('deeper ' + args); }]); await agent('end ' + args)`;
    const body = `phase('main'); await parallel([async () => { await workflow('child', 'a'); await agent('after a'); }, async () => { await workflow('child', 'b'); await agent('after b'); }]);
await workflow('child', 'c'); await agent('after')`;
    const played = await play(script(setting + body), {
      ...newestFirst,
      workflows: { child: script(setting + child) },
    });
    const inside = (name: string, path: string) => [
      `workflow ${path}`.trim(),
      `in ${name} ${path} workflow[]`,
      `then ${name} ${path} workflow[]`,
      `deep ${name} ${path} workflow[] parallel[0]`,
      `deeper ${name} ${path} workflow[] parallel[0]`,
      `end ${name} ${path} workflow[]`,
    ];
    const a = [...inside('a', 'parallel[0]'), 'after a parallel[0]'];
    const b = [...inside('b', 'parallel[1]'), 'after b parallel[1]'];
    const c = [...inside('c', ''), 'after'].map((place) => place.replace('  ', ' '));
    expect(places(played).sort()).toEqual([...a, ...b, ...c].sort());
    const own = played.calls.flatMap(({ request, phase }) =>
      request.kind === 'agent' && phase === 'own' ? [request.prompt.split(' ')[0]] : [],
    );
    expect(own.sort()).toEqual([
      'deep',
      'deep',
      'deep',
      'deeper',
      'deeper',
      'deeper',
      'end',
      'end',
      'end',
      'then',
      'then',
      'then',
    ]);
    expect(new Set(played.calls.map(({ phase }) => phase))).toEqual(new Set(['main', 'own']));
  });

  it('is back in its thunk after a judge, a checkpoint and a tool', async () => {
    const body = `await parallel([async () => {
  await judge(['a'], { criteria: 'c', judges: 1 }).catch(() => 0); await agent('after judge');
  await checkpoint('Go on?'); await agent('after checkpoint'); await tool('grep'); await agent('after tool');
}]); await agent('after')`;
    const played = await play(script(setting + body));
    const [, ...rest] = places(played);
    expect([played.calls[0]?.slot, played.groups[1]?.kind]).toEqual([[0], 'judge']);
    expect(rest).toEqual([
      'after judge parallel[0]',
      'checkpoint parallel[0]',
      'after checkpoint parallel[0]',
      'tool parallel[0]',
      'after tool parallel[0]',
      'after',
    ]);
  });

  it('opens a group in the phase of then, and a challenge in its own', async () => {
    const { groups, calls } = await play(
      script(
        `phase('A'); const p = parallel([() => agent('x')]); phase('B'); await p; await challenge('c', { phase: 'C' })`,
      ),
      { answer: () => null },
    );
    expect(groups.map(({ kind, phase }) => [kind, phase])).toEqual([
      ['parallel', 'A'],
      ['challenge', 'C'],
    ]);
    expect(calls.map(({ phase }) => phase)).toEqual(['A', 'C', 'C', 'C']);
  });
});

describe('the place of an agent in the tree, by its stack trace', () => {
  it('is its own thunk after a wait for a call that was issued elsewhere, or for none at all', async () => {
    const body = `const shared = agent('shared'); const helper = async (x) => x;
const both = await parallel([
  async () => { const c = await shared; await agent('a ' + c); },
  async () => { await null; return agent('b'); },
  () => shared.then(() => agent('c')),
  async () => { await helper(1); await parallel([async () => { await helper(2); await agent('d'); }]); await agent('e'); },
  async () => { const f = async () => { await null; return agent('f'); }; return (await f()) + (await Promise.all([1, 2].map(async (n) => { await null; return agent('g' + n); }))); },
]);
await agent('after')`;
    expect(places(await playOn(script(body))).sort()).toEqual([
      'a shared parallel[0]',
      'after',
      'b parallel[1]',
      'c parallel[2]',
      'd parallel[3] parallel[0]',
      'e parallel[3]',
      'f parallel[4]',
      'g1 parallel[4]',
      'g2 parallel[4]',
      'shared',
    ]);
  });

  it('is outside for a script that waits there for a call within a group', async () => {
    const body = `let inner; const p = parallel([() => (inner = agent('in'))]); await inner; await agent('out'); await p`;
    expect(places(await playOn(script(body)))).toEqual(['in parallel[0]', 'out']);
  });
});
