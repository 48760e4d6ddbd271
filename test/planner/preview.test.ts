import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { previewScript } from '../../extension/planner/preview.ts';
import { ScriptRefusedError } from '../../extension/protocol/errors.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import type { RunService } from '../../extension/runs/run-service.ts';
import { previewFixture, script } from './preview-fixture.ts';

const FILES = Object.fromEntries(
  ['src/a.ts', 'src/b.ts', 'src/deep/c.py', 'test/a.test.ts', 'README.md'].map((file) => [file, `// ${file}\n`]),
);
const fixture = previewFixture({
  ...FILES,
  '.env': 'KEY=1\n',
  '.counterpoint/workflows/called.js': script(
    "phase('Inside');\nawait parallel([1, 2].map((n) => () => agent('part ' + n + ' of ' + args.of)));\nreturn 'called';",
  ),
});

const LIST = `{ type: 'object', properties: { items: { type: 'array', items: { type: 'string' } } }, required: ['items'] }`;
const SCHEMAS = `const ITEMS = ${LIST};\n`;
const FILE_LIST = `const FILES = { type: 'object', properties: { files: { type: 'array', items: { type: 'string' } } }, required: ['files'] };\n`;

describe('what a script would do', () => {
  test('agents are counted as they would be sent out, by phase and by model, in the order of the first', async () => {
    const { preview } = await fixture.preview(`
phase('Find');
await parallel([1, 2, 3].map((n) => () => agent('look at part ' + n, { model: 'haiku' })));
phase('Judge');
await challenge('the moon is made of cheese', { challengers: 5 });
await judge(['a', 'b'], { criteria: 'shorter', judges: 2 });
`);
    expect(preview.agents).toEqual({ low: 10, likely: 10, high: 10 });
    expect(preview.phases.map(({ title, agents }) => [title, agents.likely])).toEqual([
      ['Find', 3],
      ['Judge', 7],
    ]);
    expect(preview.models.map(({ model, agents }) => [model, agents.likely])).toEqual([
      ['claude-haiku-5-5', 3],
      ['claude-sonnet-5-5', 7],
    ]);
    expect(preview.error).toBeNull();
    expect(preview.capped).toBeNull();
  });

  test('each agent has the model that it would have: of its phase, of its role, or of the run', async () => {
    const { preview, events } = await fixture.preview('', {
      text: "export const meta = { name: 'm', description: 'models', phases: [{ title: 'Bulk', model: 'haiku' }] };\nphase('Bulk');\nawait agent('a');\nphase('Rest');\nawait agent('b');\nawait challenge('c');",
      models: { challenger: 'claude-opus-5-5' },
    });
    expect(preview.models.map(({ model, agents }) => [model, agents.likely])).toEqual([
      ['claude-haiku-5-5', 1],
      ['claude-sonnet-5-5', 1],
      ['claude-opus-5-5', 3],
    ]);
    const drawn = events.flatMap((event) => (event.type === 'call.issued' ? [event.call.model] : []));
    expect(drawn).toEqual(['claude-haiku-5-5', 'claude-sonnet-5-5', ...Array(3).fill('claude-opus-5-5')]);
  });

  test('where the number of agents hangs on what is answered, it is a range', async () => {
    const { preview } = await fixture.preview(`${SCHEMAS}
const found = await agent('list', { schema: ITEMS });
await parallel((found?.items ?? []).map((item) => () => agent('look at ' + item)));
`);
    expect(preview.agents.low).toBe(1);
    expect(preview.agents.likely).toBeGreaterThan(1);
    expect(preview.agents.high).toBe(11);
  });

  test('a round of converge brings less and less, so that it ends', async () => {
    const { preview } = await fixture.preview(`${SCHEMAS}
const { items } = await converge(async () => (await agent('find some', { schema: ITEMS }))?.items ?? []);
return items.length;
`);
    // Two rounds that bring nothing are the least, ten rounds the most there are.
    expect(preview.agents.low).toBe(2);
    expect(preview.agents.likely).toBeGreaterThan(2);
    expect(preview.agents.high).toBeGreaterThan(preview.agents.likely);
    expect(preview.agents.high).toBeLessThanOrEqual(10);
    expect(preview.advice).toEqual([]);
  });

  test('challengers that are sent until it is sure are few where they agree, and many where they do not', async () => {
    const { preview } = await fixture.preview("await challenge('it is so', { confidence: 0.95, max: 9 });");
    expect(preview.agents.low).toBe(3);
    expect(preview.agents.high).toBeGreaterThanOrEqual(8);
  });

  test('what follows where a claim holds is counted where it is upheld, and not where it falls', async () => {
    const { preview } = await fixture.preview(
      "const { verdict } = await challenge('it is so');\nif (verdict === 'upheld') await agent('mend it');",
    );
    expect(preview.agents).toMatchObject({ low: 3, high: 4 });
  });

  test('time is virtual: what runs beside one another takes as long as one of them, what follows adds to it', async () => {
    const wide = await fixture.preview(
      "await parallel(Array.from({ length: 8 }, (_, i) => () => agent('part ' + i)));",
    );
    const narrow = await fixture.preview(
      "await parallel(Array.from({ length: 8 }, (_, i) => () => agent('part ' + i)));",
      { limits: { concurrency: 1 } },
    );
    const slept = await fixture.preview('await new Promise((wake) => setTimeout(wake, 86_400_000));');
    expect(narrow.preview.durationMs.likely).toBeGreaterThan(4 * wide.preview.durationMs.likely);
    expect(slept.preview.durationMs).toEqual({ low: 86_400_000, likely: 86_400_000, high: 86_400_000 });
  });

  test('a called script is loaded and runs, too', async () => {
    const { preview, events, details } = await fixture.preview(
      "phase('Outside');\nreturn await workflow('test', { of: 'all' });\n",
      {
        script: 'outer.js',
        text: "export const meta = { name: 'outer', description: 'calls' };\nreturn await workflow({ scriptPath: '.counterpoint/workflows/called.js' }, { of: 'all' });",
      },
    );
    expect(preview.agents.likely).toBe(2);
    expect(preview.phases).toEqual([{ title: 'Inside', agents: { low: 2, likely: 2, high: 2 } }]);
    const agents = events.flatMap((event) =>
      event.type === 'call.issued' && event.call.kind === 'agent' ? [event.call.id] : [],
    );
    expect(agents.map((id) => details(id).prompt)).toEqual(['part 1 of all', 'part 2 of all']);
  });

  test('a script that calls one that is not there fails as the run would', async () => {
    const { preview } = await fixture.preview("await workflow('nowhere');");
    expect(preview.error).toMatchObject({ name: 'WorkflowError', line: 2 });
    expect(preview.error?.message).toContain('nowhere');
  });

  test('questions are counted, and answered by their default, their first choice and values of their schema', async () => {
    const { preview } = await fixture.preview(`
const first = await checkpoint('Go on?', { choices: ['Go', 'Stop'] });
if (first.choice !== 'Go') throw new Error('not gone on');
const second = await checkpoint('How?', { choices: ['A', 'B'], default: 'B', timeoutMs: 1000 });
if (second.choice !== 'B') throw new Error('not the default');
const third = await checkpoint('How many?', { schema: { type: 'object', properties: { n: { type: 'integer', minimum: 5 } }, required: ['n'] } });
if (third.values.n < 5) throw new Error('not of the schema');
await agent('go');
`);
    expect(preview.error).toBeNull();
    expect(preview.checkpoints).toBe(3);
  });

  test('tools that the script calls really read, and what they would refuse is refused', async () => {
    const { preview } = await fixture.preview(`
const files = (await tool('glob', { pattern: '**/*.ts' })).split('\\n');
await parallel(files.map((file) => () => agent('read ' + file)));
await tool('read_file', { path: '.env' }).catch((error) => { if (error.name !== 'ToolError') throw error; });
`);
    expect(preview.error).toBeNull();
    expect(preview.agents).toEqual({ low: 3, likely: 3, high: 3 });
    expect(preview.tools.filter(({ by }) => by === 'script')).toEqual([
      { name: 'read_file', by: 'script', access: 'read' },
      { name: 'glob', by: 'script', access: 'read' },
    ]);
    expect(preview.tools.filter(({ by }) => by === 'agents').map(({ name }) => name)).toContain('grep');
    const unknown = await fixture.preview("await tool('launch', {});");
    expect(unknown.preview.error).toMatchObject({ name: 'ToolError', line: 2 });
    expect(unknown.preview.tools).toEqual([]);
  });

  test('the inbox of a script is empty at once, and asks for nothing', async () => {
    const body = `const [now, later] = [await tool('inbox'), await tool('inbox', { wait: true })];
if (now.length + later.length > 0) throw new Error('somebody was there');
await tool('inbox', { since: 1 }).catch((error) => { if (error.name !== 'ToolError') throw error; });
await agent('x');`;
    const { preview } = await fixture.preview(body);
    expect(preview.error).toBeNull();
    expect(preview.tools.filter(({ by }) => by === 'script')).toEqual([]);
  });

  test('agents of a type are given the tools of that type, and no type asks for none', async () => {
    const tools = async (body: string) =>
      (await fixture.preview(body)).preview.tools.flatMap(({ name, by }) => (by === 'agents' ? [name] : []));
    expect(await tools("await agent('x', { agentType: 'reader' });")).toEqual(['read_file', 'list_directory']);
    expect(await tools("await agent('x', { agentType: 'reader' });\nawait agent('y');")).toContain('grep');
    expect(await tools("await agent('x', { agentType: 'writer' });")).toEqual([]);
    expect(await tools('return 1;')).toEqual([]);
  });

  test('files that agents would name are those of the workspace, of the place that the args name', async () => {
    const body = `${FILE_LIST}
const { files } = await agent('list the source files', { schema: FILES }) ?? { files: [] };
await parallel(files.map((file) => () => agent('read ' + file)));
`;
    const all = await fixture.preview(body);
    // Tests and texts are files, but no sources; what lies in Counterpoint's own folder is none that agents read.
    expect(all.preview.agents).toMatchObject({ low: 2, likely: 4, high: 6 });
    const some = await fixture.preview(body, { args: { paths: ['src/deep'] } });
    expect(some.preview.agents).toEqual({ low: 2, likely: 2, high: 2 });
    const none = await fixture.preview(body, { args: { paths: ['nowhere'] } });
    expect(none.preview.agents).toEqual({ low: 1, likely: 1, high: 1 });
  });
});

describe('the drawn tree', () => {
  test('is a run that never began: calls as they were issued, groups open and closed, nothing that an answer brought', async () => {
    const { events, runId, preview, text, details } = await fixture.preview(`phase('Look');
log('made up');
await pipeline(['a', 'b'], (item) => agent('find in ' + item, { label: item }), (found) => challenge(found));
`);
    const tree = foldRun(events);
    expect(tree.run).toMatchObject({
      id: runId,
      preview: true,
      digest: preview.script.digest,
      model: 'claude-sonnet-5-5',
    });
    expect(runId).toBe(`preview-${preview.script.digest.slice(0, 8)}-${runId.split('-').at(-1)}`);
    expect([tree.status, tree.attempt, tree.startedAt]).toEqual(['created', 0, null]);
    expect(tree.counts).toMatchObject({ waiting: 8, working: 0, succeeded: 0, failed: 0 });
    expect(tree.counts.waiting).toBe(preview.agents.likely);
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['run.created', 'phase.began', 'group.opened', 'group.changed', 'call.issued']),
    );
    for (const event of events) if (event.type === 'group.changed') expect(event.change).toEqual({ closed: true });
    expect([...tree.groups.values()].map(({ info }) => info.kind)).toEqual(['pipeline', 'challenge', 'challenge']);
    const first = [...tree.calls.values()][0]!;
    expect(details(first.info.id)).toEqual({
      id: first.info.id,
      prompt: 'find in a',
      options: { label: 'a' },
      transcript: [],
      scriptLine:
        "await pipeline(['a', 'b'], (item) => agent('find in ' + item, { label: item }), (found) => challenge(found));",
    });
    expect(() => details(999)).toThrow('has no agent number 999');
    expect(text).toContain("phase('Look')");
  });

  test('is the same each time, but for its id', async () => {
    const body = `${SCHEMAS}const a = await agent('list', { schema: ITEMS });\nawait parallel((a?.items ?? []).map((i) => () => agent(i + Math.random())));`;
    const [one, two] = [await fixture.preview(body), await fixture.preview(body)];
    expect({ ...two.preview }).toEqual({ ...one.preview });
    expect(two.runId).not.toBe(one.runId);
  });
});

describe('how it ends', () => {
  test('an error of the script is told with its line, and what is thrown may be anything', async () => {
    expect((await fixture.preview("\nconst a = await agent('x');\nmissing(a);")).preview.error).toMatchObject({
      name: 'ReferenceError',
      line: 4,
    });
    expect((await fixture.preview('throw { odd: true };')).preview.error).toMatchObject({ message: '{"odd":true}' });
    expect((await fixture.preview('throw null;')).preview.error).toMatchObject({ name: 'Error' });
    expect((await fixture.preview("await agent('x', { agentType: 'nobody' });")).preview.error).toMatchObject({
      name: 'TypeError',
      line: 2,
    });
    expect((await fixture.preview("await agent('x', { schema: { type: 'array' } });")).preview.error).toMatchObject({
      name: 'TypeError',
      line: 2,
    });
    expect((await fixture.preview('return await new Promise(() => {});')).preview.error).toMatchObject({
      name: 'StuckError',
    });
  });

  test('an answer that the script refuses in words of its own is no error, where another comes through', async () => {
    const { preview } = await fixture.preview(`${SCHEMAS}
const a = await agent('list', { schema: ITEMS });
if (a === null || a.items.length < 5) throw new Error('too few to go on');
await agent('go on');
`);
    expect(preview.error).toBeNull();
    expect(preview.agents).toEqual({ low: 1, likely: 2, high: 2 });
    const always = await fixture.preview("await agent('x');\nthrow new Error('never good enough');");
    expect(always.preview.error).toMatchObject({ message: 'never good enough', line: 3 });
  });

  test('a script that is refused is refused here, too, and one that is not there is not found', async () => {
    await expect(fixture.preview('', { text: 'const x = 1;' })).rejects.toThrow(ScriptRefusedError);
    await expect(
      previewScript(fixture.manager, { script: 'nowhere.js', provider: 'test', mayRead: true }),
    ).rejects.toMatchObject({ code: 'script-not-found' });
    const args =
      "export const meta = { name: 'a', description: 'b', args: { type: 'object', required: ['q'], properties: { q: { type: 'string' } } } };\nawait agent(args.q);";
    await expect(fixture.preview('', { text: args })).rejects.toMatchObject({ code: 'bad-arguments' });
    expect((await fixture.preview('', { text: args, args: { q: 'why?' } })).preview.error).toBeNull();
  });

  test.each([
    ['a loop that never yields', 'while (true) {}', 'TurnTimeoutError'],
    ['microtasks without end', 'while (true) await null;', 'TurnTimeoutError'],
    [
      'more memory than there is',
      'const all = [];\nfor (;;) all.push(new Array(1e6).fill(all.length));',
      /MemoryLimitError|TurnTimeoutError/,
    ],
    [
      'more calls in one turn than fit',
      "for (;;) agent('x'.repeat(1e6));",
      /RangeError|MemoryLimitError|TurnTimeoutError/,
    ],
    ['a huge result', "return 'x'.repeat(40e6);", 'RangeError'],
  ])('%s is ended by the sandbox', async (_, body, name) => {
    const { preview } = await fixture.preview(body);
    expect(preview.error?.name).toMatch(name);
  });

  test('odd values that come back, and built-ins that a script replaces, do no harm', async () => {
    const { preview } = await fixture.preview(`
Array.prototype.push = () => { throw new Error('no'); };
JSON.stringify = () => 'nonsense';
Object.prototype.toString = null;
const a = agent('one');
const b = agent('two', { then: 1, label: { toString: null } });
await Promise.allSettled([a, b]);
return { toJSON() { return 1n; } };
`);
    expect(preview.agents.likely).toBeGreaterThanOrEqual(1);
  });

  test('a preview that is called off closes its sandboxes and rejects with the reason', async () => {
    const abort = new AbortController();
    const opened: { isOpen: boolean }[] = [];
    const began = Promise.withResolvers<void>();
    // A tool that never comes back: only the end of the preview ends the wait.
    const runs = watched(fixture.manager, opened, () => {
      began.resolve();
      return new Promise(() => undefined);
    });
    const text = script("await tool('glob', { pattern: '**' });");
    const preview = previewScript(runs, {
      script: 'test.js',
      text,
      provider: 'test',
      mayRead: true,
      signal: abort.signal,
    });
    await began.promise;
    abort.abort(new Error('not wanted any more'));
    await expect(preview).rejects.toThrow('not wanted any more');
    await expect.poll(() => opened.length === 2 && opened.every(({ isOpen }) => !isOpen)).toBe(true);
    await expect(
      previewScript(runs, { script: 'x', provider: 'test', mayRead: true, signal: abort.signal }),
    ).rejects.toThrow('not wanted');
  });
});

test('on the other engine a script is previewed the same', async () => {
  const quickJs = await fixture.onQuickJs();
  try {
    const body = `${SCHEMAS}
const found = await agent('list', { schema: ITEMS });
const looks = await pipeline(found.items, (item) => agent('look at ' + item), (look) => challenge(look));
while (true) await agent('again');`;
    const request = {
      script: 'test.js',
      text: script(body),
      provider: 'test',
      mayRead: true,
      limits: { maxAgents: 200 },
    };
    const [one, other] = [await previewScript(fixture.manager, request), await previewScript(quickJs, request)];
    expect(other.preview.agents).toEqual(one.preview.agents);
    expect(other.preview.phases).toEqual(one.preview.phases);
    const kinds = (preview: typeof one) => preview.preview.advice.map(({ kind, line }) => [kind, line]);
    expect(kinds(other)).toEqual(kinds(one));
    expect(kinds(one).map(([kind]) => kind)).toEqual(['unbounded-loop', 'null-not-filtered']);
  } finally {
    await quickJs.close();
  }
});

describe('caps', () => {
  test('the cap of agents ends a dry run as it would the run, and is told', async () => {
    const body =
      "const all = await parallel(Array.from({ length: 40 }, (_, i) => () => agent('part ' + i)));\nreturn all.filter(Boolean).length;";
    const { preview } = await fixture.preview(body, { limits: { maxAgents: 25 } });
    expect(preview.agents).toEqual({ low: 25, likely: 25, high: 25 });
    expect(preview.capped).toBe('maxAgents');
    expect(preview.error).toBeNull();
    const thrown = await fixture.preview("for (let i = 0; i < 9; i++) await agent('part ' + i);", {
      limits: { maxAgents: 3 },
    });
    expect(thrown.preview.error).toMatchObject({ name: 'AgentLimitError', line: 2 });
  });

  test('a budget is spent by what agents write, and the script can see it go', async () => {
    const looks = await fixture.preview(
      "let n = 0;\nwhile (budget.remaining() > 0 && n < 500) { n += 1; await agent('more'); }",
      { limits: { budget: 10_000 } },
    );
    expect(looks.preview.agents.likely).toBeGreaterThan(1);
    expect(looks.preview.agents.likely).toBeLessThan(100);
    expect(looks.preview.capped).toBeNull();
    const blind = await fixture.preview("for (let i = 0; i < 500; i++) await agent('more');", {
      limits: { budget: 10_000 },
    });
    expect(blind.preview.capped).toBe('budget');
    expect(blind.preview.error).toMatchObject({ name: 'BudgetError' });
    const dear = await fixture.preview("for (let i = 0; i < 500; i++) await agent('more');", {
      limits: { maxCostUsd: 0.2 },
    });
    expect(dear.preview.capped).toBe('maxCostUsd');
    expect(dear.preview.costUsd?.likely).toBeGreaterThan(0.1);
  });
});

describe('where nothing may be read', () => {
  test('no tool and no called script touches the workspace, and the preview is made all the same', async () => {
    const asked: string[] = [];
    const runs = new Proxy(fixture.manager as RunService, {
      get(target, key) {
        if (['readTool', 'locate', 'workflows', 'agentTypes'].includes(String(key)))
          return (...given: unknown[]) => {
            asked.push(`${String(key)} ${given[0]}`);
            throw new Error('read');
          };
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const text = script(`${FILE_LIST}
const listed = await tool('glob', { pattern: '**' });
const read = await tool('read_file', { path: 'src/a.ts' });
await tool('git_diff', {});
await agent('x', { agentType: 'of-the-project' });
await workflow('called', {});
const { files } = await agent('files', { schema: FILES }) ?? { files: [] };
await parallel([...listed.split('\\n'), ...files].map((file) => () => agent(file)));
await tool('read_file', { nonsense: 1 }).catch((error) => { if (error.name !== 'ToolError') throw error; });
return read;
`);
    const { preview, details, events } = await previewScript(runs, {
      script: 'test.js',
      text,
      provider: 'test',
      mayRead: false,
    });
    expect(asked).toEqual([]);
    expect(preview.error).toBeNull();
    expect(preview.agents.likely).toBeGreaterThan(2);
    const prompts = events.flatMap((event) => (event.type === 'call.issued' ? [details(event.call.id).prompt] : []));
    for (const file of Object.keys(FILES)) expect(prompts).not.toContain(file);
  });

  test('a preview writes nothing, and asks no model', async () => {
    const before = existsSync(join(fixture.workspace, '.counterpoint'))
      ? readdirSync(join(fixture.workspace, '.counterpoint'))
      : [];
    await fixture.preview("await agent('x');\nawait tool('list_directory', {});");
    expect(readdirSync(join(fixture.workspace, '.counterpoint'))).toEqual(before);
    expect(fixture.manager.runs()).toEqual([]);
  });
});

/** The same runs, but for their sandboxes, which tell whether they are open, and their tools. */
function watched(runs: RunService, opened: { isOpen: boolean }[], readTool: RunService['readTool']): RunService {
  return new Proxy(runs, {
    get(target, key) {
      if (key === 'readTool') return readTool;
      const value: unknown = Reflect.get(target, key, target);
      if (key !== 'sandbox') return typeof value === 'function' ? value.bind(target) : value;
      return async () => {
        // Late, as in a process that has just begun: then a second one is brought up beside the first.
        await sleep(50);
        const sandbox = await target.sandbox();
        const state = { isOpen: true };
        opened.push(state);
        return {
          ...sandbox,
          close: () => {
            state.isOpen = false;
            sandbox.close();
          },
        };
      };
    },
  });
}
