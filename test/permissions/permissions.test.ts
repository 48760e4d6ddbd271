import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Grants } from '../../extension/permissions/grants.ts';
import { pastPermissions } from '../../extension/permissions/past-permissions.ts';
import {
  type Answer,
  Permissions,
  type PermissionsOptions,
  type Permit,
} from '../../extension/permissions/permissions.ts';
import { readRules } from '../../extension/permissions/rules.ts';
import type { PermissionDecision, PermissionQuestion, PermissionRules } from '../../extension/protocol/permissions.ts';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import { parseCommand } from '../../extension/tools/shell/parse-command.ts';
import { type Tool, ToolError } from '../../extension/tools/tool.ts';
import { tempDir } from '../support/temp-dir.ts';

const bash: Tool = {
  name: 'bash',
  description: '',
  inputSchema: {},
  access: 'execute',
  targets: async (input) => {
    if (typeof input.command !== 'string') throw new ToolError('command has to be a text.');
    return await parseCommand(input.command);
  },
  describe: () => '',
  run: async () => '',
};

interface Asked {
  call: number;
  question: PermissionQuestion;
  signal: AbortSignal;
  answer(answer: Answer): void;
}

/** A person in front of a run's permissions: what they are asked, and what is written down. */
function person(options: Omit<Partial<PermissionsOptions>, 'rules'> & { written?: Partial<PermissionRules> } = {}) {
  const { written, ...rest } = options;
  const home = tempDir();
  const asked: Asked[] = [];
  const decided: [call: number, PermissionDecision][] = [];
  const permissions = new Permissions({
    profile: 'trusted',
    confined: false,
    script: { workspace: '/work', digest: 'd', name: 'sweep' },
    grants: new Grants(home),
    timeoutMs: null,
    ask: (call, question, signal) =>
      new Promise((answer) => {
        asked.push({ call, question, signal, answer });
      }),
    decided: async (call, decision) => {
      decided.push([call, decision]);
    },
    ...rest,
    rules: readRules({ allow: [], ask: [], deny: [], ...written }, []),
  });
  const run = (command: unknown, call = 1, signal = new AbortController().signal): Promise<Permit> =>
    permissions.permit(
      { tool: bash, input: { command: command as string }, call },
      { workspace: '/work', ripgrep: '', signal },
    );
  const question = async (at = 0): Promise<Asked> => {
    await expect.poll(() => asked[at]).toBeDefined();
    return asked[at]!;
  };
  return { home, asked, decided, run, question };
}

const ALLOWED = { allowed: true, bounds: expect.anything() };

test('what rules allow or deny is decided without asking, and only a no is written down', async () => {
  const { asked, decided, run } = person({ written: { allow: ['bash(npm test)'], deny: ['bash(rm *)'] } });
  expect(await run('npm test', 1)).toEqual(ALLOWED);
  const no = await run('npm test && rm -rf /', 2);
  expect(no).toEqual({ allowed: false, why: 'Not allowed. rm -rf /: the rule bash(rm *) denies it.' });
  expect(asked).toEqual([]);
  expect(decided).toEqual([
    [
      2,
      {
        question: null,
        tool: 'bash',
        what: 'bash: npm test && rm -rf /',
        allowed: false,
        by: 'rule',
        why: expect.any(String),
      },
    ],
  ]);
});

test('a person is asked what is done, what it touches and why they are asked', async () => {
  const { run, question, decided } = person({ written: { allow: ['bash(ls)'] }, timeoutMs: 60_000, now: () => 5 });
  const permit = run('ls;\ngit push', 7);
  const { call, question: asked, answer } = await question();
  expect(call).toBe(7);
  expect(asked).toEqual({
    id: 1,
    tool: 'bash',
    what: 'bash: ls; git push',
    targets: [
      { kind: 'command', words: ['git', 'push'], text: 'git push' },
      { kind: 'command', words: ['ls'], text: 'ls' },
    ],
    why: 'git push: no sandbox of the operating system holds it',
    askedAt: 5,
    timeoutAt: 60_005,
  });
  expect(decided).toEqual([]);
  answer('once');
  expect(await permit).toEqual(ALLOWED);
  expect(decided).toEqual([[7, expect.objectContaining({ question: 1, allowed: true, by: 'person' })]]);
  expect(decided[0]![1].grants).toBeUndefined();
  const again = run('git push');
  (await question(1)).answer('deny');
  expect(await again).toMatchObject({ allowed: false, why: expect.stringMatching(/a person said no to git push/) });
});

test.each<[Answer, RegExp]>([
  ['timeout', /did not answer in time/],
  ['unattended', /nobody is there to be asked/],
  ['deny', /a person said no/],
  ['yes' as Answer, /a person said no/],
  ['constructor' as Answer, /a person said no/],
])('%s is a no that says why', async (answer, why) => {
  const { run, decided } = person({ ask: async () => answer });
  expect(await run('git push')).toEqual({ allowed: false, why: expect.stringMatching(why) });
  expect(decided[0]![1]).toMatchObject({
    allowed: false,
    by: answer === 'timeout' || answer === 'unattended' ? answer : 'person',
  });
});

test('agents that want the same at the same time are one question; each hears the answer', async () => {
  const { asked, run, question, decided } = person();
  const permits = Array.from({ length: 20 }, (_, at) => run(at % 2 ? 'npm test' : '  npm   "test"', at));
  await question();
  const other = run('npm run build', 99);
  const build = await question(1);
  expect(asked).toHaveLength(2);
  asked[0]!.answer('run');
  expect(await Promise.all(permits)).toEqual(permits.map(() => ALLOWED));
  expect(decided.map(([call]) => call).sort((a, b) => a - b)).toEqual(permits.map((_, at) => at));
  // What was allowed for the rest of the run is written down once.
  expect(decided.flatMap(([, { grants }]) => grants ?? [])).toEqual([
    { tool: 'bash', covers: 'command ["npm","test"]' },
  ]);
  build.answer('deny');
  expect(await other).toMatchObject({ allowed: false });
  expect(await run('npm test')).toEqual(ALLOWED);
  expect(asked).toHaveLength(2);
});

test('once is only for the calls that waited', async () => {
  const { asked, run, question } = person();
  const both = [run('npm test', 1), run('npm test', 2)];
  (await question()).answer('once');
  expect(await Promise.all(both)).toEqual([ALLOWED, ALLOWED]);
  const later = run('npm test', 3);
  expect((await question(1)).question.id).toBe(2);
  asked[1]!.answer('deny');
  expect(await later).toMatchObject({ allowed: false });
});

test('for the run: just these words, also after the run was resumed', async () => {
  const first = person();
  const permit = first.run('npm test > out/log');
  (await first.question()).answer('run');
  await permit;
  const events = [
    { seq: 1, at: 0, type: 'permission.asked', id: 1, question: first.asked[0]!.question },
    { seq: 2, at: 0, type: 'permission.decided', id: 1, decision: first.decided[0]![1] },
  ] satisfies RunEvent[];
  const past = pastPermissions(JSON.parse(JSON.stringify(events)));
  const resumed = person({ past });
  expect(await resumed.run('npm test')).toEqual(ALLOWED);
  const more = resumed.run('npm test -- -u');
  const { question, answer } = await resumed.question();
  expect(question.id).toBe(2);
  answer('deny');
  expect(await more).toMatchObject({ allowed: false });
  expect(resumed.asked).toHaveLength(1);
});

test('what nobody can tell is granted as the very call it was asked about', async () => {
  const { asked, run, question } = person();
  const permit = run('X=ls; $X /');
  (await question()).answer('run');
  expect(await permit).toEqual(ALLOWED);
  expect(await run('X=ls; $X /')).toEqual(ALLOWED);
  const other = run('X=rm; $X /');
  (await question(1)).answer('deny');
  expect(await other).toMatchObject({ allowed: false });
  expect(asked).toHaveLength(2);
});

test('for good: another run of the same script in the same folder is not asked, another script is', async () => {
  const first = person();
  const permit = first.run('npm test');
  (await first.question()).answer('always');
  expect(await permit).toEqual(ALLOWED);
  const grants = new Grants(first.home);
  expect(await person({ grants }).run('npm test')).toEqual(ALLOWED);
  for (const script of [
    { workspace: '/work', digest: 'e', name: 'sweep' },
    { workspace: '/work2', digest: 'd', name: 'sweep' },
  ])
    expect(await person({ grants, script, ask: async () => 'deny' }).run('npm test')).toMatchObject({ allowed: false });
  const month = new Grants(first.home, () => Date.now() + 31 * 24 * 3_600_000);
  expect(await person({ grants: month, ask: async () => 'deny' }).run('npm test')).toMatchObject({ allowed: false });
  const denied = person({ grants, written: { deny: ['bash(npm test)'] } });
  expect(await denied.run('npm test')).toMatchObject({ allowed: false });
});

test('an answer for good that cannot be kept holds for the run, and it is said why', async () => {
  const home = tempDir();
  mkdirSync(join(home, '.counterpoint'));
  writeFileSync(join(home, '.counterpoint/grants'), '');
  const { run, decided } = person({ grants: new Grants(home), ask: async () => 'always' });
  expect(await run('npm test')).toEqual(ALLOWED);
  expect(decided[0]![1]).toMatchObject({
    allowed: true,
    why: expect.stringMatching(/rest of the run.*cannot be kept/),
  });
  expect(await run('npm test')).toEqual(ALLOWED);
  expect(decided).toHaveLength(1);
});

test('what another window was allowed while this one looked is not asked here', async () => {
  const home = tempDir();
  const slow = new Grants(home);
  const { asked, run, question } = person({ grants: slow });
  const first = run('npm test', 1);
  const waiting = await question();
  // A second call comes while the answer is on its way.
  const second = run('npm test && npm test', 2);
  waiting.answer('always');
  expect(await Promise.all([first, second])).toEqual([ALLOWED, ALLOWED]);
  expect(asked).toHaveLength(1);
});

test('a stop ends the waiting; the question goes away with the last call that waits', async () => {
  const { asked, run, question, decided } = person();
  const [one, two] = [new AbortController(), new AbortController()];
  const first = run('npm test', 1, one.signal);
  const second = run('npm test', 2, two.signal);
  const { signal, answer } = await question();
  one.abort(new Error('stop one'));
  await expect(first).rejects.toThrow('stop one');
  expect(signal.aborted).toBe(false);
  two.abort(new Error('stop two'));
  await expect(second).rejects.toThrow('stop two');
  expect(signal.aborted).toBe(true);
  answer('run');
  const third = run('npm run x', 3);
  (await question(1)).answer('run');
  expect(await third).toEqual(ALLOWED);
  expect(decided.map(([call]) => call)).toEqual([3]);
  expect(asked).toHaveLength(2);
});

test('the call that asked may go; those that waited with it keep what was allowed for the run', async () => {
  const { run, question, decided } = person();
  const stop = new AbortController();
  const first = run('npm test', 1, stop.signal);
  const second = run('npm test', 2);
  const { answer } = await question();
  stop.abort(new Error('stop'));
  await expect(first).rejects.toThrow('stop');
  answer('run');
  expect(await second).toEqual(ALLOWED);
  expect(decided).toEqual([[2, expect.objectContaining({ grants: [expect.anything()] })]]);
});

test('a question that cannot be put allows nothing', async () => {
  const { run } = person({
    ask: async () => {
      throw new Error('no screen');
    },
  });
  await expect(run('npm test')).rejects.toThrow('no screen');
  await expect(run(7)).rejects.toThrow(ToolError);
});

test('a decision is on disk before the call goes on', async () => {
  const order: string[] = [];
  const disk = Promise.withResolvers<void>();
  const { run } = person({
    ask: async () => 'once',
    decided: async () => {
      order.push('is being written');
      await disk.promise;
      order.push('is written');
    },
  });
  const permit = run('npm test').then(() => order.push('goes on'));
  await expect.poll(() => order).toEqual(['is being written']);
  disk.resolve();
  await permit;
  expect(order).toEqual(['is being written', 'is written', 'goes on']);
});

test('a question stays small, and says where it left something out', async () => {
  const { run, question } = person();
  const line = Array.from({ length: 60 }, (_, at) => `rm ${at}`).join('; ');
  void run(`${line}; echo ${'x'.repeat(50_000)}`);
  const { question: asked } = await question();
  expect(asked.what.length).toBeLessThanOrEqual(500);
  expect(asked.targets).toHaveLength(20);
  expect(asked.targets.at(-1)).toMatchObject({ kind: 'unclear', text: '42 more' });
  void run(`echo ${'x '.repeat(20_000)}`);
  const { question: long } = await question(1);
  expect(JSON.stringify(long).length).toBeLessThan(4_000);
});
