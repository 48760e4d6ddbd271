import { describe, expect, test } from 'vitest';
import type { AdviceKind } from '../../extension/protocol/preview.ts';
import { previewFixture, script } from './preview-fixture.ts';

const fixture = previewFixture({ 'src/a.ts': '// a\n', 'src/b.ts': '// b\n' });

/** All that stands before the body is on its first line, so that body line n is file line n + 1. */
const FINDINGS = `const FINDINGS = { type: 'object', properties: { findings: { type: 'array', items: { type: 'object', properties: { file: { type: 'string' }, line: { type: 'integer' }, title: { type: 'string' } }, required: ['file', 'line', 'title'] } } }, required: ['findings'] };`;
const NOTES = `const NOTES = { type: 'object', properties: { notes: { type: 'array', items: { type: 'string' } } }, required: ['notes'] };`;

/** Kind and line of every advice on a body, the gravest first. */
async function adviceOn(body: string, limits = {}): Promise<[AdviceKind, number | null][]> {
  const { preview } = await fixture.preview(body, { limits });
  return preview.advice.map(({ kind, line }) => [kind, line]);
}

test('the bundled workflows get no advice, whether their agents answer or not', async () => {
  const given: [string, object][] = [
    ['bug-sweep', {}],
    ['security-audit', {}],
    ['explain-codebase', {}],
    ['tournament', { task: 'Write a function that turns a list round, in the file src/list.ts' }],
  ];
  for (const [name, args] of given) {
    const { preview } = await fixture.preview('', { script: name, text: undefined, args: args as never });
    expect([name, preview.error, preview.advice]).toEqual([name, null, []]);
  }
});

describe('answers that may be null', () => {
  test('are told where they are taken apart, alone and in a list', async () => {
    expect(
      await adviceOn(`${NOTES}\nconst answer = await agent('look', { schema: NOTES });\nreturn answer.notes.length;`),
    ).toEqual([['null-not-filtered', 4]]);
    expect(
      await adviceOn(
        `${NOTES}\nconst all = await parallel([1, 2].map((n) => () => agent('look ' + n, { schema: NOTES })));\nreturn all.flatMap(({ notes }) => notes);`,
      ),
    ).toEqual([['null-not-filtered', 4]]);
  });

  test('are no matter where they are looked for, filtered, or refused in words of the script', async () => {
    expect(
      await adviceOn(
        `${NOTES}\nconst answer = await agent('look', { schema: NOTES });\nreturn answer?.notes.length ?? 0;`,
      ),
    ).toEqual([]);
    expect(
      await adviceOn(
        `${NOTES}\nconst all = await parallel([1, 2].map((n) => () => agent('look ' + n, { schema: NOTES })));\nreturn all.filter(Boolean).flatMap(({ notes }) => notes);`,
      ),
    ).toEqual([]);
    expect(
      await adviceOn(
        `${NOTES}\nconst answer = await agent('look', { schema: NOTES });\nif (answer === null) throw new Error('The scout failed.');\nreturn answer.notes;`,
      ),
    ).toEqual([]);
  });
});

describe('loops without end', () => {
  test('are told at the line that goes round, be they of agents or of timers', async () => {
    expect(await adviceOn("while (true) {\n  await agent('again');\n}", { maxAgents: 60 })).toEqual([
      ['unbounded-loop', 3],
    ]);
    expect(
      await adviceOn(
        "do {\n  await parallel([1, 2].map((n) => () => agent('part ' + n)));\n} while (budget.remaining() > 0);",
        { maxAgents: 60 },
      ),
    ).toEqual([['unbounded-loop', 3]]);
    expect(await adviceOn('while (true) await new Promise((wake) => setTimeout(wake, 1000));')).toEqual([
      ['unbounded-loop', 2],
    ]);
    expect(
      await adviceOn(
        "const again = async () => { await agent('x').catch(() => null); await again(); };\nawait again();",
        { maxAgents: 60 },
      ),
    ).toEqual([['unbounded-loop', 2]]);
  });

  test.each([
    [
      'a loop until nothing new comes',
      `${NOTES}\nconst seen = new Set(); let dry = 0;\nwhile (dry < 2) { const before = seen.size; for (const note of (await agent('more', { schema: NOTES }))?.notes ?? []) seen.add(note); dry = seen.size === before ? dry + 1 : 0; }`,
    ],
    [
      'a loop until it is done',
      "let state;\ndo { state = await agent('fix it', { schema: { type: 'object', properties: { done: { type: 'boolean' } }, required: ['done'] } }); } while (!state?.done);",
    ],
    [
      'a loop until it is good enough',
      "let best = 0;\nwhile (best < 8) best = (await agent('better', { schema: { type: 'object', properties: { score: { type: 'number', minimum: 0, maximum: 10 } }, required: ['score'] } }))?.score ?? best;",
    ],
    [
      'a loop until a word is said',
      "let text = '';\nwhile (!text.includes('FINISHED')) text = (await agent('Go on. Say FINISHED when nothing is left.')) ?? text;",
    ],
    [
      'a loop until a choice is made',
      "let way;\nwhile (way !== 'stop') way = (await agent('go on?', { schema: { type: 'object', properties: { next: { enum: ['again', 'other', 'stop'] } }, required: ['next'] } }))?.next;",
    ],
    [
      'a queue that what is found goes into',
      `${NOTES}\nconst queue = ['start'];\nwhile (queue.length > 0) { const found = await parallel(queue.splice(0).map((item) => () => agent('look at ' + item, { schema: NOTES }))); for (const answer of found) queue.push(...(answer?.notes ?? [])); }`,
    ],
    ['a loop that counts', "for (let i = 0; i < 30; i++) await agent('part ' + i);"],
  ])('%s ends, and nothing is said of it', async (_, body) => {
    expect(await adviceOn(body)).toEqual([]);
  });

  test('a large fan-out that meets the cap is no loop', async () => {
    expect(
      await adviceOn("await parallel(Array.from({ length: 300 }, (_, i) => () => agent('part ' + i)));", {
        maxAgents: 50,
      }),
    ).toEqual([]);
    expect(await adviceOn("for (const n of Array(300).keys()) await agent('part ' + n);", { maxAgents: 50 })).toEqual(
      [],
    );
  });
});

describe('findings that nobody challenges', () => {
  test('are told at the agent that finds them', async () => {
    expect(
      await adviceOn(
        `${FINDINGS}\nconst found = await agent('Find bugs in src', { schema: FINDINGS });\nreturn found?.findings ?? [];`,
      ),
    ).toEqual([['unchallenged', 3]]);
  });

  test.each([
    ['challenge() does', 'await parallel(all.map((one) => () => challenge(one)));'],
    [
      'an agent is told to refute them',
      "await parallel(all.map((one) => () => agent('Try to refute this: ' + one.title)));",
    ],
    [
      'an agent with another word for it does',
      "await parallel(all.map((one) => () => agent('You are a skeptic. Verify ' + one.title)));",
    ],
  ])('are no matter where %s', async (_, line) => {
    expect(
      await adviceOn(
        `${FINDINGS}\nconst found = await agent('Find bugs in src', { schema: FINDINGS });\nconst all = found?.findings ?? [];\n${line}\nreturn all;`,
      ),
    ).toEqual([]);
  });

  test('what is no claim needs no challenger', async () => {
    expect(
      await adviceOn(`${NOTES}\nreturn (await agent('Describe the modules', { schema: NOTES }))?.notes ?? [];`),
    ).toEqual([]);
  });
});

describe('a barrier', () => {
  const look = `const looks = await parallel([1, 2, 3].map((n) => () => agent('look ' + n)));`;

  test('is told where each answer goes on by itself, also through filters and other names', async () => {
    expect(
      await adviceOn(`${look}\nreturn await parallel(looks.map((look) => () => agent('go on with ' + look)));`),
    ).toEqual([['barrier', 2]]);
    expect(
      await adviceOn(
        `${look}\nconst good = looks.filter(Boolean);\nconst more = await parallel(good.map((look, n) => () => agent(n + ' goes on with ' + look)));\nreturn { good, more };`,
      ),
    ).toEqual([['barrier', 2]]);
    expect(
      await adviceOn(
        `${look}\nconst good = looks.filter((look) => look !== null);\nreturn await parallel(good.map((look) => () => agent('go on with ' + look)));`,
      ),
    ).toEqual([['barrier', 2]]);
  });

  test.each([
    [
      'all of them are counted before',
      "log(looks.length + ' looks');\nreturn await parallel(looks.map((look) => () => agent('go on with ' + look)));",
    ],
    [
      'they are put in order',
      "return await parallel(looks.toSorted().map((look) => () => agent('go on with ' + look)));",
    ],
    [
      'each is shown all of them',
      "return await parallel(looks.map((look) => () => agent(look + ' of ' + looks.join())));",
    ],
    [
      'each is shown all of them by another name',
      "return await parallel(looks.map((look, n, all) => () => agent(look + ' of ' + all.join())));",
    ],
    ['one agent gets all of them', "return await agent('sum up ' + looks.join());"],
    ['no agent comes after', 'return looks.map((look) => look?.length);'],
  ])('is none where %s', async (_, line) => {
    expect(await adviceOn(`${look}\n${line}`)).toEqual([]);
  });
});

describe('agents that write beside one another', () => {
  const both = (prompt: string, options = ''): string =>
    `await parallel(['src/a.ts', 'src/b.ts'].map((file) => () => agent(${prompt}${options})));`;

  test.each([
    ["'Fix the bugs in ' + file + '. Run the tests.'"],
    ["'Refactor the functions of ' + file"],
    ["'Read ' + file + ' and then rewrite the tests in it.'"],
    [`'You work on ' + file + '.\\nImplement the missing functions.'`],
  ])('are told: %s', async (prompt) => {
    expect(await adviceOn(both(prompt))).toEqual([['shared-writes', 2]]);
  });

  test.each([
    ['each has a tree of its own', both("'Fix the bugs in ' + file", ", { isolation: 'worktree' }")],
    ['there is only one of them', "await agent('Fix the bugs in the files of src.');"],
    ['they only look', both("'List what to fix in the file ' + file")],
    ['they are to say what they would do', both("'Propose how to fix the bugs in ' + file + '. Edit nothing.'")],
    ['they must not write', both("'Refactor the functions of ' + file + ' in your mind only. Do not edit any file.'")],
    ['they write a text', both("'Write a short summary of ' + file")],
  ])('are no matter where %s', async (_, body) => {
    expect(await adviceOn(body)).toEqual([]);
  });

  test('what a person gave as args is no order of the script', async () => {
    const { preview } = await fixture.preview(
      "await parallel([1, 2].map((n) => () => agent('Think about this task: ' + args.task)));",
      {
        args: { task: 'Fix the bugs in the file src/a.ts' },
      },
    );
    expect(preview.advice).toEqual([]);
  });
});

describe('the text itself', () => {
  test('code far to the right is told with its column, and comes before all else', async () => {
    const { preview } = await fixture.preview(
      `${NOTES}\nconst a = await agent('x', { schema: NOTES });${' '.repeat(200)}await agent('hidden');\nreturn a.notes;`,
    );
    expect(preview.advice.map(({ kind, line }) => [kind, line])).toEqual([
      ['out-of-sight', 3],
      ['null-not-filtered', 4],
    ]);
    expect(preview.advice[0]?.message).toContain('column 247');
    expect(await adviceOn(`await agent('x');${' '.repeat(100)}await agent('y');${' '.repeat(400)}`)).toEqual([]);
  });

  test('what reading the script warns of is passed on', async () => {
    expect(await adviceOn("await agent('x', { efort: 'high' });\n\nawait agent('y', { isolation: 'none' });")).toEqual([
      ['script', 2],
      ['script', 4],
    ]);
  });

  test('where the preview cannot go on, since a text is read as JSON, that is no error of the script', async () => {
    const { preview } = await fixture.preview(
      "const { list } = JSON.parse((await agent('Answer with JSON.')) ?? '{}');\nreturn list.length;",
    );
    expect(preview.error).toBeNull();
    expect(preview.advice.map(({ kind, line }) => [kind, line])).toEqual([['script', 3]]);
  });

  test('a script that fails only for short answers is told so', async () => {
    const { preview } = await fixture.preview(
      `${NOTES}\nconst answer = await agent('look', { schema: NOTES });\nreturn await agent('go on with ' + (answer?.notes ?? ['']).reduce((a, b) => a + b));`,
    );
    expect(preview.error).toBeNull();
    expect(preview.advice.map(({ kind, line }) => [kind, line])).toEqual([['script', 4]]);
  });
});

test('a body is previewed as it would be read from its file', () => {
  expect(script('x').split('\n')[1]).toBe('x');
});
