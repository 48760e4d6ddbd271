import { expect, onTestFinished, test, vi } from 'vitest';
import { askWords } from '../../extension/protocol/permission-words.ts';
import { createLiveRuns } from '../../extension/runs/live-runs.ts';
import type { OpenPermission } from '../../extension/runs/open-permissions.ts';
import { settledFateOf } from '../../extension/runs/open-questions.ts';
import { QuestionBoard } from '../../extension/runs/question-board.ts';
import type { RunManager } from '../../extension/runs/run-manager.ts';
import { parseCommand } from '../../extension/tools/shell/parse-command.ts';
import type { Tool } from '../../extension/tools/tool.ts';
import { promptOf, runHarness } from '../support/run-harness.ts';

const ASKS = `
  const { choice } = await checkpoint('Ship it?', { choices: ['Ship', 'Hold'] });
  return [choice, (await checkpoint('Sure?')).choice];`;

/** The board of a window in which this manager's folder is open. */
function boardOf(runs: RunManager, opened = true) {
  const live = createLiveRuns();
  const folders = async () => [{ path: '/work', runs }];
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => failures.push(error);
  const board = new QuestionBoard({ live, all: folders, opened: opened ? folders : async () => [], onFailure });
  onTestFinished(() => {
    board.dispose();
    expect(failures).toEqual([]);
  });
  return { board, live };
}

function asked(board: QuestionBoard): string[] {
  return board.open().map(({ asks, driven }) => `${asks.question} ${driven ? 'driven' : 'kept'}`);
}

test('a question of a run of this window is there at once, with its place, and gone at once', async () => {
  const { manager, start } = await runHarness(() => ({ text: '' }));
  const { board, live } = boardOf(manager);
  await board.look();
  let told = 0;
  board.onChange(() => told++);
  const runId = await start(ASKS);
  const watching = live.watch(manager, runId);
  await expect.poll(() => asked(board)).toEqual(['Ship it? driven']);
  const [question] = board.open();
  expect(question).toMatchObject({
    runId,
    folder: '/work',
    at: { line: 3 },
    run: { name: 'test', script: 'script.js' },
  });
  expect(board.find(runId, question!.key)).toBe(question);
  await manager.control(runId, { action: 'answer', ...question!.on, answer: { choice: 'Ship' } });
  await expect.poll(() => asked(board)).toEqual(['Sure? driven']);
  expect(board.find(runId, question!.key)).toBeUndefined();
  await manager.stop(runId);
  await expect.poll(() => asked(board)).toEqual([]);
  expect(told).toBeGreaterThanOrEqual(3);
  watching.dispose();
});

test('a run of another process is looked at while somebody attends, and its questions tell when nobody drives it', async () => {
  const harness = await runHarness(() => ({ text: '' }));
  const other = await harness.open();
  const { board } = boardOf(other);
  const attention = board.attend();
  onTestFinished(() => attention.dispose());
  const runId = await harness.start(ASKS);
  await expect.poll(() => asked(board)).toEqual(['Ship it? driven']);
  await harness.manager.close();
  await expect.poll(() => asked(board)).toEqual(['Ship it? kept']);
  await other.control(runId, { action: 'answer', ...board.open()[0]!.on, answer: { choice: 'Hold' } });
  await expect.poll(() => asked(board)).toEqual([]);
  await other.resume(runId);
  let told = 0;
  const hearing = board.onChange(() => told++);
  await expect.poll(() => asked(board)).toEqual(['Sure? driven']);
  expect(told).toBe(1);
  hearing.dispose();
  await other.stop(runId);
  await expect.poll(() => asked(board)).toEqual([]);
  expect(told).toBe(1);
});

test('folders that nobody has opened are left alone until somebody attends', async () => {
  const { manager, start } = await runHarness(() => ({ text: '' }));
  const { board } = boardOf(manager, false);
  await start(ASKS);
  await board.look();
  expect(asked(board)).toEqual([]);
  const attention = board.attend();
  onTestFinished(() => attention.dispose());
  await expect.poll(() => asked(board)).toEqual(['Ship it? driven']);
});

/** A board over no runs at all, and what it asked for, by a clock that the test turns. */
function turned(fails = () => false) {
  vi.useFakeTimers();
  const looks: string[] = [];
  const failures: unknown[] = [];
  const folders = (which: string) => async () => {
    looks.push(which);
    if (fails()) throw new Error('The journal is damaged.');
    return [];
  };
  const board = new QuestionBoard({
    live: createLiveRuns(),
    all: folders('all'),
    opened: folders('opened'),
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(() => {
    board.dispose();
    vi.useRealTimers();
  });
  const after = async (ms: number) => {
    looks.splice(0);
    await vi.advanceTimersByTimeAsync(ms);
    return looks.splice(0);
  };
  return { board, failures, after };
}

test('it looks often while somebody attends, seldom while nobody does, and never once it is closed', async () => {
  const { board, after } = turned();
  expect(await after(30_000)).toEqual(['opened', 'opened', 'opened']);
  const [one, other] = [board.attend(), board.attend()];
  expect(await after(0)).toEqual(['all']);
  expect(await after(3_000)).toEqual(['all', 'all', 'all']);
  one.dispose();
  one.dispose();
  expect(await after(3_000)).toEqual(['all', 'all', 'all']);
  other.dispose();
  // The one that was planned already.
  expect(await after(1_000)).toEqual(['opened']);
  expect(await after(30_000)).toEqual(['opened', 'opened', 'opened']);
  board.dispose();
  expect(vi.getTimerCount()).toBe(0);
});

test('what fails is told once, and again only after a look that did not', async () => {
  let fails = true;
  const { board, failures } = turned(() => fails);
  await board.look();
  await board.look();
  expect(failures).toHaveLength(1);
  fails = false;
  await board.look();
  fails = true;
  await board.look();
  expect(failures).toHaveLength(2);
});

test('the longest waiting is first, and who answered before is told with the choice', async () => {
  const { manager, start } = await runHarness(() => ({ text: '' }));
  const { board } = boardOf(manager);
  const runId = await start(`
    const ask = (n) => checkpoint('Number ' + n + '?');
    await Promise.all([ask(1), ask(2)]);`);
  await expect
    .poll(async () => {
      await board.look();
      return asked(board);
    })
    .toEqual(['Number 1? driven', 'Number 2? driven']);
  const [first] = board.open();
  const answers = await Promise.allSettled(
    ['Yes', 'No'].map((choice) => manager.control(runId, { action: 'answer', ...first!.on, answer: { choice } })),
  );
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(await settledFateOf(first!)).toEqual({ state: 'answered', choice: 'Yes' });
});

test('a tool call that waits for a yes is on the board while it waits, wherever it is answered, and not once its driver is gone', async () => {
  const shell: Tool = {
    name: 'bash',
    description: 'Runs a command.',
    inputSchema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
    access: 'execute',
    targets: (input) => parseCommand(String(input.command)),
    describe: ({ command }) => `running ${command}`,
    run: async () => 'done',
  };
  const harness = await runHarness(
    (body) => {
      const done = body.messages.length > 1;
      return done ? { text: 'done' } : { tools: [{ name: 'bash', input: { command: promptOf(body) } }] };
    },
    { tools: [shell] },
  );
  const other = await harness.open();
  const { board } = boardOf(other);
  const attention = board.attend();
  onTestFinished(() => attention.dispose());
  let told = 0;
  board.onChange(() => told++);
  const wanted = () =>
    board.permissions().map(({ asker, question, run }) => `${run.name}: ${asker}, ${askWords(question)}`);
  const script = `await agent('npm test', { label: 'one' }); await agent('make', { label: 'two' });`;
  const runId = await harness.start(script, { profile: 'trusted' });
  await expect.poll(wanted).toEqual(['test: agent one, may it run npm test?']);
  const [{ on, question }] = board.permissions() as [OpenPermission];
  expect(board.findPermission(runId, question.id)?.on).toEqual(on);
  expect(board.open()).toEqual([]);
  expect(other.overview(runId).questions).toBe(1);
  await harness.manager.control(runId, { action: 'permit', ...on, permission: question.id, answer: 'once' });
  await expect.poll(wanted).toEqual(['test: agent two, may it run make?']);
  expect(told).toBeGreaterThanOrEqual(2);
  await expect(
    other.control(runId, { action: 'permit', ...on, permission: question.id, answer: 'deny' }),
  ).rejects.toMatchObject({ code: 'not-possible' });
  await harness.manager.close();
  await expect.poll(wanted).toEqual([]);
  // Nor on one that sees the run for the first time.
  const late = boardOf(other).board;
  await late.look();
  expect(late.permissions()).toEqual([]);
});
