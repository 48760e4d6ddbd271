import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findNode } from '../../extension/sandbox/find-node.ts';
import { tempDir } from '../support/temp-dir.ts';

const { execPath, versions } = process;
const env = { PATH: process.env.PATH, HOME: process.env.HOME, NVM_DIR: process.env.NVM_DIR };
afterEach(() => {
  process.execPath = execPath;
  Object.defineProperty(process, 'versions', { value: versions });
  Object.assign(process.env, env);
  if (env.NVM_DIR === undefined) delete process.env.NVM_DIR;
});

/** A program at `path` that answers any question as a Node of that ABI would. */
async function fakeNode(path: string, answer: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho ${answer}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A machine with no Node but those that a test puts there; only fixed system directories stay. */
async function bareMachine(): Promise<string> {
  const home = tempDir();
  process.execPath = await fakeNode(join(home, 'old/node'), '115');
  Object.defineProperty(process, 'versions', { value: { ...versions, modules: '115' } });
  Object.assign(process.env, { PATH: '', HOME: home });
  delete process.env.NVM_DIR;
  return home;
}

describe('findNode()', () => {
  it('does not take the process it runs in for a Node where that is Electron', async () => {
    const home = await bareMachine();
    process.execPath = await fakeNode(join(home, 'electron'), '137');
    Object.defineProperty(process, 'versions', { value: { ...versions, electron: '42.0.0' } });
    expect(await findNode({ near: [home] })).not.toBe(process.execPath);
  });

  it('takes the Node it runs in where that one fits', async () => {
    expect(await findNode()).toBe(execPath);
  });

  it('prefers the setting, unless what is there does not fit', async () => {
    const home = tempDir();
    const good = await fakeNode(join(home, 'good'), '147');
    expect(await findNode({ setting: good })).toBe(good);
    expect(await findNode({ setting: await fakeNode(join(home, 'electron'), 'electron') })).toBe(execPath);
    expect(await findNode({ setting: await fakeNode(join(home, 'old'), '115') })).toBe(execPath);
    expect(await findNode({ setting: join(home, 'missing') })).toBe(execPath);
    expect(await findNode({ setting: home })).toBe(execPath);
  });

  it('looks near, where npm puts a Node', async () => {
    const home = await bareMachine();
    const path = join(home, 'project/node_modules/node/bin/node');
    await mkdir(dirname(path), { recursive: true });
    await symlink(execPath, path);
    expect(await findNode({ near: [join(home, 'nothing'), join(home, 'project')] })).toBe(path);
  });

  it('passes over a relative entry of the PATH: the folder it stands in must not supply what we run', async () => {
    const home = await bareMachine();
    const planted = await fakeNode(join(home, 'bin/node'), '137');
    process.env.PATH = relative(process.cwd(), dirname(planted));
    const found = await findNode();
    expect(found === null || isAbsolute(found)).toBe(true);
  });

  it('looks along the PATH, and passes over what does not fit', async () => {
    const home = await bareMachine();
    await fakeNode(join(home, 'a/node'), '127');
    const fits = await fakeNode(join(home, 'b/node'), '137');
    process.env.PATH = `${join(home, 'none')}:${join(home, 'a')}:${join(home, 'b')}`;
    expect(await findNode()).toBe(fits);
  });

  it('looks where version managers keep theirs, newest first', async () => {
    const home = await bareMachine();
    await fakeNode(join(home, '.nvm/versions/node/v24.9.0/bin/node'), '137');
    const newest = await fakeNode(join(home, '.nvm/versions/node/v24.10.0/bin/node'), '137');
    const found = await findNode();
    // A fitting Node in a system directory comes first on machines that have one.
    expect(found === newest || /^\/(usr|opt)\//.test(found ?? '')).toBe(true);
  });
});
