import { realpathSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  goneRow,
  problemRow,
  serverQuestion,
  serverRow,
  wholeDefinition,
} from '../../extension/commands/mcp-server-words.ts';
import { ServerApprovals } from '../../extension/runs/server-approvals.ts';
import { type ServerAnswer, ServerConsent } from '../../extension/runs/server-consent.ts';
import { readMcpConfig } from '../../extension/tools/mcp/config.ts';
import { tempDir } from '../support/temp-dir.ts';
import { writeFiles } from '../support/workspace.ts';

async function serverOf(definition: object, workspace = tempDir()) {
  writeFiles(workspace, { '.mcp.json': JSON.stringify({ mcpServers: { one: definition } }) });
  const [server] = (await readMcpConfig(workspace)).servers;
  if (!server) throw new Error('it is defined');
  return server;
}

test('what is asked shows all that would be started, and what it is given', async () => {
  const env = { TOKEN: '$' + '{TOKEN}' };
  const { message, detail, whole } = serverQuestion(
    await serverOf({ command: 'run', args: ['\u202e', 'x'], env }),
    'agent',
  );
  expect(message).toContain('“one”');
  expect(detail).toContain('"command": "run"');
  expect(detail).toContain('"\\u202e"');
  expect(detail).toContain('it is given TOKEN.');
  // Before anything else: a yes is of no use yet.
  expect(detail).toMatch(/^The server cannot be started: the environment variable TOKEN is not set/);
  expect(whole).toBe(true);
});

test.each([
  ['many lines', { command: 'run', args: Array.from({ length: 40 }, (_, at) => `${at}`) }],
  ['a long one', { command: 'run', args: ['x'.repeat(2_000)] }],
])('nothing is allowed where not all of it is shown: %s', async (_, definition) => {
  const server = await serverOf(definition);
  const { whole, detail } = serverQuestion(server, 'agent');
  expect(whole).toBe(false);
  // Where all of it can be read, and allowed.
  expect(detail).toContain('“Counterpoint: MCP Servers…”');
  expect(detail).not.toContain('"command"');
  expect(wholeDefinition(server)).toContain(JSON.stringify(server.written, null, 2));
  expect(wholeDefinition(server)).toContain('It runs outside of every sandbox, with your rights');
});

test('an answer holds for the process or for good, for the definition as it is', async () => {
  const [workspace, home] = [realpathSync(tempDir()), tempDir()];
  const server = await serverOf({ command: 'run' }, workspace);
  const consent = (...answers: ServerAnswer[]) =>
    new ServerConsent({
      workspace,
      home,
      ask: async () => answers.shift() ?? Promise.reject(new Error('asked again')),
      say: (line) => expect.unreachable(line),
    });
  const [no, once] = [consent('no'), consent('once')];
  expect([await no.mayStart(server), await no.mayStart(server)]).toEqual([false, false]);
  expect([await once.mayStart(server), await once.mayStart(server)]).toEqual([true, true]);
  expect(await consent('always').mayStart(server)).toBe(true);
  expect(await consent().mayStart(server)).toBe(true);
  // Who said no before has it allowed by now.
  expect(await no.mayStart(server)).toBe(true);
  // What was taken back elsewhere is asked again, also where it was said.
  const always = consent('always', 'no');
  const approvals = new ServerApprovals(workspace, home);
  await approvals.takeBack('one');
  expect(await always.mayStart(server)).toBe(true);
  expect(await approvals.takeBack('one')).toBe(1);
  expect(await always.mayStart(server)).toBe(false);
  const changed = await serverOf({ command: 'something else' }, workspace);
  expect(await consent('no').mayStart(changed)).toBe(false);
});

test('who looks through the servers sees how each stands, and what is said there counts where an agent asks', async () => {
  const [workspace, home] = [realpathSync(tempDir()), tempDir()];
  let server = await serverOf({ command: 'run' }, workspace);
  const answers: ServerAnswer[] = ['no', 'once', 'once'];
  const ask = async () => answers.shift() ?? Promise.reject(new Error('asked again'));
  const consent = new ServerConsent({ workspace, home, ask, say: (line) => expect.unreachable(line) });
  const standing = async () => (await consent.list()).servers.map(({ standing }) => standing);
  expect(await standing()).toEqual(['asked']);
  await consent.mayStart(server);
  expect(await standing()).toEqual(['refused']);
  await consent.allow(server);
  expect([await standing(), await consent.mayStart(server)]).toEqual([['allowed'], true]);
  server = await serverOf({ command: 'other' }, workspace);
  expect(await standing()).toEqual(['changed']);
  await consent.mayStart(server);
  expect(await standing()).toEqual(['once']);
  // Every yes goes: that to the first version, and that for now.
  expect(await consent.forbid('one')).toBe(true);
  expect([await standing(), await consent.forbid('one')]).toEqual([['asked'], false]);
  await consent.mayStart(server);
  expect([await consent.forbid('one'), await standing(), answers]).toEqual([true, ['asked'], []]);
  await consent.allow(server);
  writeFiles(workspace, { '.mcp.json': '{"mcpServers": {"two": 1}}' });
  expect(await consent.list()).toMatchObject({ servers: [], gone: ['one'], problems: [{ title: 'two', line: 1 }] });
});

test('a row of the list says what keeps a server from being started, and makes no picture of what a file says', async () => {
  const args = ['$(check)'];
  const row = async (definition: object) => serverRow({ server: await serverOf(definition), standing: 'changed' });
  expect(await row({ command: 'run', args })).toEqual({
    name: 'one',
    label: '$(diff) one',
    description: 'changed since it was allowed: asked again when an agent wants it',
    detail: '.mcp.json:1 · run \\$(check)',
    prompt: '',
  });
  const { detail } = await row({ command: 'run', args: ['$' + '{NOT_SET_1}', '$' + '{NOT_SET_2}', '$' + '{PATH}'] });
  expect(detail).toMatch(
    /^\$\(warning\) cannot be started: the environment variables NOT_SET_1, NOT_SET_2 are not set, which \.mcp\.json names\.$/,
  );
  const problem = { file: '.mcp.json' as const, line: 3, title: '$(check)', why: 'x' };
  expect(problemRow(problem)).toMatchObject({ label: '$(error) \\$(check)', prompt: '.mcp.json:3: x' });
  expect(problemRow({ ...problem, line: null, title: null })).toMatchObject({ label: '$(error) .mcp.json' });
  expect(goneRow('a').description).toBe('was allowed here, and nothing defines it any more');
});
