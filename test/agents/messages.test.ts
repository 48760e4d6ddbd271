import { expect, test } from 'vitest';
import type { AgentOutcome } from '../../extension/agents/run-agent.ts';
import { asData } from '../../extension/protocol/as-data.ts';
import type { Tool } from '../../extension/tools/tool.ts';
import { type AgentRun, runAgainst } from '../support/agent-run.ts';
import type { FakeBlock, FakeMessage, FakeRequest } from '../support/fake-anthropic.ts';

const SCHEMA = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
const SAID = 'A message from the person who runs this workflow: ';

const look: Tool = {
  name: 'look',
  description: 'Looks.',
  inputSchema: { type: 'object' },
  access: 'read',
  describe: () => 'looking',
  run: async () => 'seen',
};

/** Runs an agent that is told things while the model gives its nth reply, before it is through. */
function told(
  during: Record<number, string[]>,
  list: FakeMessage[],
  given: Parameters<typeof runAgainst>[1] = {},
): Promise<AgentRun> {
  const inbox: string[] = [...(during[0] ?? [])];
  return runAgainst(
    (_, n) => {
      inbox.push(...(during[n] ?? []));
      return list[n - 1] ?? { status: 400, message: `There was no request ${n} to be expected.` };
    },
    { tools: [look], takeMessages: () => inbox.splice(0), ...given },
  );
}

function resultOf(outcome: AgentOutcome): unknown {
  return outcome.ok ? outcome.value : outcome.cause;
}

/** What the user said last, block by block. */
function lastSaid(request: FakeRequest | undefined): FakeBlock[] {
  return request?.body.messages.at(-1)?.content ?? [];
}

/** The API refuses two messages of one role in a row. */
function expectAlternation({ server }: AgentRun): void {
  for (const { body } of server.requests) {
    expect(body.messages.map(({ role }) => role)).toEqual(
      body.messages.map((_, index) => (index % 2 === 0 ? 'user' : 'assistant')),
    );
  }
}

test('what a person says before an agent begins goes out with its prompt', async () => {
  const run = await told({ 0: ['Be brief.'] }, [{ text: 'done' }]);
  expect(run.server.requests[0]?.body.messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Do it.' },
        { type: 'text', text: `${SAID}Be brief.` },
      ],
    },
  ]);
  expect(run.transcript).toMatchObject([{ type: 'message', text: 'Be brief.' }, { type: 'text' }]);
});

test('what a person says while an agent works goes out with the next turn, behind the results of tools', async () => {
  const run = await told({ 1: ['Only the first one.', 'And hurry.'] }, [
    { tools: [{ name: 'look' }] },
    { text: 'done' },
  ]);
  expect(resultOf(run.outcome)).toBe('done');
  const said = lastSaid(run.server.requests[1]);
  expect(said.map(({ type }) => type)).toEqual(['tool_result', 'text', 'text']);
  expect(said.slice(1).map(({ text }) => text)).toEqual([`${SAID}Only the first one.`, `${SAID}And hurry.`]);
  expectAlternation(run);
  expect(run.transcript.filter(({ type }) => type === 'message')).toHaveLength(2);
});

test('what a person says during the last reply makes the agent go on, and the next reply is the result', async () => {
  const run = await told({ 1: ['In French, please.'] }, [{ text: 'yes' }, { text: 'oui' }]);
  expect(resultOf(run.outcome)).toBe('oui');
  expect(run.server.requests).toHaveLength(2);
  const said = lastSaid(run.server.requests[1]).map(({ text }) => text);
  expect(said[0]).toBe(`${SAID}In French, please.`);
  expect(said[1]).toContain('write the result again');
  expectAlternation(run);
  expect(run.transcript.map(({ type }) => type)).toEqual(['text', 'message', 'note', 'text']);
});

test('parts of a result that was cut off are forgotten with it', async () => {
  const list: FakeMessage[] = [{ text: 'one ', stopReason: 'max_tokens' }, { text: 'two' }, { text: 'deux' }];
  const run = await told({ 2: ['In French, please.'] }, list);
  expect(resultOf(run.outcome)).toBe('deux');
});

test('with a schema a good answer is held back, told why, and not counted as a wrong one', async () => {
  const answer = (n: number): FakeMessage => ({ tools: [{ name: 'answer', input: { n } }] });
  // As many as would be the end, were they counted.
  const during = Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [n, [`Not ${n}.`]]));
  const run = await told(during, [1, 2, 3, 4, 5, 6, 7].map(answer), { task: { options: { schema: SCHEMA } } });
  expect(resultOf(run.outcome)).toEqual({ n: 7 });
  const [held] = lastSaid(run.server.requests[1]);
  expect(held).toMatchObject({ type: 'tool_result', is_error: false });
  expect(held?.content).toContain(`${SAID}Not 1.`);
  expect(held?.content).toContain('call `answer` again');
  expect(run.transcript.some(({ type }) => type === 'answer-rejected')).toBe(false);
  expectAlternation(run);
});

test('the other calls of a reply whose answer is held back are run, for each wants its result', async () => {
  const both = { tools: [{ name: 'answer', input: { n: 1 } }, { name: 'look' }] };
  const run = await told({ 1: ['Look again.'] }, [both, { tools: [{ name: 'answer', input: { n: 2 } }] }], {
    task: { options: { schema: SCHEMA } },
  });
  expect(resultOf(run.outcome)).toEqual({ n: 2 });
  expect(lastSaid(run.server.requests[1]).map(({ content }) => content)).toEqual([
    expect.stringContaining('Look again.'),
    asData('seen'),
  ]);
});

test('with a schema an end without an answer is no fault where a person has spoken, and nothing is forced', async () => {
  const during = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [n, ['And why?']]));
  const talk: FakeMessage[] = Array.from({ length: 5 }, () => ({ text: 'Because.' }));
  const run = await told(during, [...talk, { tools: [{ name: 'answer', input: { n: 1 } }] }], {
    task: { options: { schema: SCHEMA } },
  });
  expect(resultOf(run.outcome)).toEqual({ n: 1 });
  expect(run.server.requests.map(({ body }) => body.tool_choice)).toEqual(Array(6).fill(undefined));
});

test('a person who speaks gives the agent turns anew', async () => {
  const looks: FakeMessage[] = Array.from({ length: 4 }, () => ({ tools: [{ name: 'look' }] }));
  const without = await told({}, [...looks, { text: 'done' }], { maxTurns: 3 });
  expect(resultOf(without.outcome)).toMatchObject({ kind: 'turns' });
  const spoken = await told({ 2: ['Take your time.'] }, [...looks, { text: 'done' }], { maxTurns: 3 });
  expect(resultOf(spoken.outcome)).toBe('done');
});

test('a message that comes upon a reminder takes back that the answer is forced', async () => {
  const inbox = [[], [], ['And why?']];
  const script: FakeMessage[] = [{ text: 'no' }, { tools: [{ name: 'answer', input: { n: 1 } }] }];
  const task = { options: { schema: SCHEMA } };
  const spoken = await told({}, script, { task, takeMessages: () => inbox.shift() ?? [] });
  const silent = await told({}, script, { task });
  expect(spoken.server.requests[1]?.body.tool_choice).toBeUndefined();
  expect(silent.server.requests[1]?.body.tool_choice).toBeDefined();
  expect(lastSaid(spoken.server.requests[1]).map(({ text }) => text)).toEqual([
    expect.stringContaining('Call `answer` now'),
    `${SAID}And why?`,
  ]);
});
