import { realpathSync } from 'node:fs';
import { expect, test } from 'vitest';
import { serverQuestion } from '../../extension/commands/mcp-server-words.ts';
import { Approvals } from '../../extension/runs/approvals.ts';
import { type ServerAnswer, ServerConsent, serverApproval } from '../../extension/runs/server-consent.ts';
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
  const { message, detail, whole } = serverQuestion(await serverOf({ command: 'run', args: ['\u202e', 'x'], env }));
  expect(message).toContain('“one”');
  expect(detail).toContain('"command": "run"');
  expect(detail).toContain('"\\u202e"');
  expect(detail).toContain('it is given TOKEN.');
  expect(whole).toBe(true);
});

test.each([
  ['many lines', { command: 'run', args: Array.from({ length: 40 }, (_, at) => `${at}`) }],
  ['a long one', { command: 'run', args: ['x'.repeat(2_000)] }],
])('nothing is allowed where not all of it is shown: %s', async (_, definition) => {
  expect(serverQuestion(await serverOf(definition))).toMatchObject({
    whole: false,
    detail: expect.stringContaining('counterpoint mcp allow one'),
  });
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
  await new Approvals(home).removeNamed(workspace, serverApproval('one'));
  expect(await always.mayStart(server)).toBe(true);
  expect(await new Approvals(home).removeNamed(workspace, serverApproval('one'))).toBe(1);
  expect(await always.mayStart(server)).toBe(false);
  const changed = await serverOf({ command: 'something else' }, workspace);
  expect(await consent('no').mayStart(changed)).toBe(false);
});
