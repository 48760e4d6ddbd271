import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startSandbox } from '../../extension/sandbox/sandbox.ts';
import { tempDir } from '../support/temp-dir.ts';

const READY = '{"type":"ready","engine":"isolated-vm"}';
const START = {
  source: '',
  args: null,
  now: 0,
  seed: '',
  budgetTotal: null,
  limits: { memoryMb: 64, turnMs: 300 },
};

/** A program that answers as a child that was taken over might: `lines` after it was started, then it stays. */
async function takenOver(lines: string[], beforehand = [READY]) {
  const dist = tempDir();
  await mkdir(join(dist, 'sandbox'));
  await writeFile(join(dist, 'lines.txt'), lines.map((line) => `${line}\n`).join(''));
  const node = join(dist, 'node.sh');
  const echoes = beforehand.map((line) => `echo '${line}'`).join('\n');
  await writeFile(node, `#!/bin/sh\n${echoes}\nread start\ncat '${join(dist, 'lines.txt')}'\nexec sleep 20\n`);
  await chmod(node, 0o755);
  const sandbox = await startSandbox({ dist, node });
  try {
    return await sandbox.start(START);
  } finally {
    sandbox.close();
  }
}

const call = (fields: object) => ({
  type: 'call',
  call: 1,
  request: { kind: 'agent', prompt: 'p', options: {}, role: 'agent' },
  phase: null,
  group: null,
  slot: [],
  at: null,
  ...fields,
});
const group = (fields: object) => ({
  type: 'group-open',
  kind: 'parallel',
  label: '',
  size: 1,
  stages: 0,
  labels: [],
  detail: '',
  phase: null,
  group: null,
  slot: [],
  ...fields,
});
const yieldsAll = (...commands: unknown[]) => JSON.stringify({ type: 'yield', activation: 1, commands });
const yields = (command: unknown, fields: object = {}) =>
  JSON.stringify({ type: 'yield', activation: 1, commands: [command], ...fields });

describe('the host', () => {
  it('takes a yield of the agreed shape, and drops what is not in it', async () => {
    expect(await takenOver([yields(call({ extra: 1 }))])).toEqual({
      type: 'yield',
      activation: 1,
      commands: [call({})],
    });
  });

  it.each([
    ['no JSON', 'rubbish'],
    ['an empty line', ''],
    ['another type', '{"type":"other"}'],
    ['another activation', yields(call({}), { activation: 2 })],
    ['a call out of order', yields(call({ call: 2 }))],
    ['a call number of another type', yields(call({ call: '1' }))],
    [
      'a prompt that is no string',
      yields(call({ request: { kind: 'agent', prompt: {}, options: {}, role: 'agent' } })),
    ],
    ['a role that does not exist', yields(call({ request: { kind: 'agent', prompt: '', options: {}, role: 'host' } }))],
    ['another kind of call', yields(call({ request: { kind: 'shell', command: 'id' } }))],
    ['a timer for ever', yields(call({ request: { kind: 'timer', delayMs: 1e12 } }))],
    ['a slot that is no list', yields(call({ slot: 'x' }))],
    ['a command of another type', yields({ type: 'exec' })],
    ['an end of another shape', yields(call({}), { end: { ok: 'yes' } })],
    ['a second greeting', READY],
    ['a group inside itself', yields(group({ id: 1, group: 1 }))],
    ['a group inside a later one', yieldsAll(group({ id: 1, group: 2 }), group({ id: 2, group: 1 }))],
    ['a group twice', yieldsAll(group({ id: 1 }), group({ id: 1 }))],
    ['a call in a group that nobody opened', yields(call({ group: 7, slot: [0] }))],
    ['a change of a group that nobody opened', yields({ type: 'group-change', id: 3, change: { closed: true } })],
  ])('ends a child that sends %s', async (_, line) => {
    await expect(takenOver([line])).rejects.toMatchObject({
      name: 'SandboxError',
      message: 'The sandbox process sent what it should not; it was ended.',
    });
  });

  it('takes groups inside older ones, though numbers are left out', async () => {
    const commands = [group({ id: 2 }), group({ id: 5, group: 2 }), call({ group: 5, slot: [0] })];
    const change = { type: 'group-change', id: 2, change: { closed: true } };
    expect(await takenOver([yieldsAll(...commands, change)])).toMatchObject({ commands: [...commands, change] });
  });

  it('ends a child that speaks before it is asked', async () => {
    await expect(takenOver([], [READY, READY])).rejects.toThrow('sent what it should not');
    await expect(takenOver([], [yields(call({}))])).rejects.toThrow('sent what it should not');
  });

  it('ends a child that does not answer in its time', async () => {
    await expect(takenOver([])).rejects.toMatchObject({
      info: { name: 'TurnTimeoutError', message: 'The script did not yield within 0.3 s.' },
    });
  });
});
