import { spawnSync } from 'node:child_process';
import { chmod, cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Sandbox } from '../../extension/sandbox/sandbox.ts';
import { SandboxPool } from '../../extension/sandbox/sandbox-pool.ts';
import { builtDist } from '../support/built-dist.ts';
import { childrenOf, processIsGone, threadsOf } from '../support/processes.ts';
import { describeOnEngines } from '../support/script-host.ts';
import { tempDir } from '../support/temp-dir.ts';

const START = {
  source: 'return 1',
  args: undefined,
  now: 0,
  seed: 's',
  budgetTotal: null,
  limits: { memoryMb: 128, turnMs: 5000 },
};

const pools: SandboxPool[] = [];
const taken: Sandbox[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
  for (const sandbox of taken.splice(0)) sandbox.close();
});

function open(options: { dist: string; node: string | null }): SandboxPool {
  const pool = new SandboxPool(options);
  pools.push(pool);
  return pool;
}

async function openReal(): Promise<SandboxPool> {
  return open({ dist: await builtDist(), node: process.execPath });
}

async function take(pool: SandboxPool, engine: 'isolated-vm' | 'quickjs'): Promise<Sandbox> {
  const sandbox = await pool.take(engine);
  taken.push(sandbox);
  return sandbox;
}

/** The processes that this one has started since `before`. */
function startedSince(before: number[]): number[] {
  return childrenOf(process.pid).filter((pid) => !before.includes(pid));
}

describeOnEngines('a pool of sandboxes', (engine) => {
  it('hands out the process that it kept, which runs a script, and never hands it out again', async () => {
    const pool = await openReal();
    const before = childrenOf(process.pid);
    pool.warm(engine);
    pool.warm(engine);
    const kept = startedSince(before);
    expect(kept).toHaveLength(1);
    const sandbox = await take(pool, engine);
    expect([sandbox.engine, sandbox.pid]).toEqual([engine, kept[0]]);
    expect((await sandbox.start(START)).end).toEqual({ ok: true, result: 1 });
    const next = await take(pool, engine);
    expect(next.pid).not.toBe(sandbox.pid);
    expect((await next.start(START)).end).toEqual({ ok: true, result: 1 });
  });

  it('gives two takers two processes, of which one may be the kept one', async () => {
    const pool = await openReal();
    pool.warm(engine);
    const [a, b] = await Promise.all([take(pool, engine), take(pool, engine)]);
    expect(a.pid).not.toBe(b.pid);
  });

  it('starts one where none is kept, or only one of the other engine', async () => {
    const pool = await openReal();
    const other = engine === 'quickjs' ? 'isolated-vm' : 'quickjs';
    const before = childrenOf(process.pid);
    pool.warm(other);
    const kept = startedSince(before);
    const sandbox = await take(pool, engine);
    expect(sandbox.engine).toBe(engine);
    expect(kept).not.toContain(sandbox.pid);
    expect((await take(pool, other)).pid).toBe(kept[0]);
  });

  /** Keeps a process, ends it when it is ready or still on its way up, and returns once it is gone. */
  async function keepOneThatDies(pool: SandboxPool, when: 'on its way' | 'ready'): Promise<number> {
    const before = childrenOf(process.pid);
    pool.warm(engine);
    const [pid = 0] = startedSince(before);
    if (when === 'ready') await new Promise((resolve) => setTimeout(resolve, 600));
    process.kill(pid, 'SIGKILL');
    // Not a turn of the loop goes by, so nobody here can have heard of it.
    while (childrenOf(process.pid).includes(pid) || threadsOf(pid) > 1);
    return pid;
  }

  it.each(['on its way', 'ready'] as const)('passes over a kept process that has died %s', async (when) => {
    const pool = await openReal();
    const pid = await keepOneThatDies(pool, when);
    const sandbox = await take(pool, engine);
    expect(sandbox.pid).not.toBe(pid);
    expect((await sandbox.start(START)).end).toEqual({ ok: true, result: 1 });
  });

  it('keeps another where the one it kept has died', async () => {
    const pool = await openReal();
    const before = childrenOf(process.pid);
    await keepOneThatDies(pool, 'ready');
    await new Promise((resolve) => setTimeout(resolve, 100));
    pool.warm(engine);
    const kept = startedSince(before);
    expect(kept).toHaveLength(1);
    expect((await take(pool, engine)).pid).toBe(kept[0]);
  });

  it('ends what it keeps when it is closed, be it ready or not, keeps nothing after that, and leaves alone what was taken', async () => {
    const pool = await openReal();
    const before = childrenOf(process.pid);
    pool.warm(engine);
    const sandbox = await take(pool, engine);
    pool.warm(engine);
    const [pid = 0] = startedSince([...before, sandbox.pid]);
    pool.close();
    pool.warm(engine);
    expect(await processIsGone(pid)).toBe(true);
    expect(startedSince(before)).toEqual([sandbox.pid]);
    expect((await sandbox.start(START)).end).toEqual({ ok: true, result: 1 });
  });

  /** A host that keeps one process and tells its id; what else it does is `then`. */
  async function host(then: string) {
    const url = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);
    const options = JSON.stringify({ dist: await builtDist(), node: process.execPath });
    const program = `import { SandboxPool } from ${url('extension/sandbox/sandbox-pool.ts')};
import { childrenOf } from ${url('test/support/processes.ts')};
const pool = new SandboxPool(${options});
pool.warm('${engine}');
const [pid] = childrenOf(process.pid);
process.stdout.write(pid + '\\n');
${then}`;
    const { status, signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    const [pid = '', ...said] = stdout.trim().split('\n');
    expect(pid).toMatch(/^\d+$/);
    return { status, signal, said, gone: await processIsGone(Number(pid)) };
  }

  it('keeps no host alive, and what it keeps goes with the host: while it comes up, when it is ready, when it was ready before', async () => {
    const ended = { status: 0, signal: null, said: [], gone: true };
    expect(await host('')).toEqual(ended);
    expect(await host('await new Promise((resolve) => setTimeout(resolve, 1000));')).toEqual(ended);
    expect(await host(`await pool.take('${engine}').then((s) => s.close()); pool.warm('${engine}');`)).toEqual(ended);
  });

  it('goes with a host that is killed', async () => {
    expect(await host(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000)`)).toMatchObject({
      signal: 'SIGKILL',
      gone: true,
    });
  });

  it('keeps the host alive for whoever takes, even what is still on its way up, and for the turns after that', async () => {
    const turn = JSON.stringify({ ...START, source: 'for (let i = 0; i < 1e6; i++); return 7' });
    const answer = await host(
      `pool.take('${engine}').then((s) => s.start(${turn}).then(({ end }) => { process.stdout.write('got ' + end.result); s.close(); }));`,
    );
    expect(answer).toEqual({ status: 0, signal: null, said: ['got 7'], gone: true });
  });
});

describe('a pool that cannot keep a process', () => {
  it('is silent until somebody takes, tries again then, and tells', async () => {
    const pool = open({ dist: await builtDist(), node: '/nowhere/node' });
    pool.warm('isolated-vm');
    await expect(pool.take('isolated-vm')).rejects.toThrow('The sandbox process could not start');
    const none = open({ dist: await builtDist(), node: null });
    none.warm('isolated-vm');
    await expect(none.take('isolated-vm')).rejects.toMatchObject({ code: 'no-engine' });
    const unbuilt = open({ dist: tempDir(), node: process.execPath });
    unbuilt.warm('quickjs');
    await expect(unbuilt.take('quickjs')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('takes what can be started since', async () => {
    const home = tempDir();
    const node = join(home, 'node.sh');
    await writeFile(node, '#!/bin/sh\nexit 3\n');
    await chmod(node, 0o755);
    const pool = open({ dist: await builtDist(), node });
    const before = childrenOf(process.pid);
    pool.warm('isolated-vm');
    await vi.waitFor(() => expect(startedSince(before)).toEqual([]), { timeout: 5000 });
    await expect(pool.take('isolated-vm')).rejects.toThrow('ended unexpectedly (exit code 3)');
    pool.warm('isolated-vm');
    await writeFile(node, `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
    expect((await (await take(pool, 'isolated-vm')).start(START)).end).toEqual({ ok: true, result: 1 });
  });

  it('has no process of an engine whose files were taken away, and the error is that of the taker', async () => {
    const dist = join(tempDir(), 'dist');
    await cp(await builtDist(), dist, { recursive: true });
    const pool = open({ dist, node: process.execPath });
    await rm(join(dist, 'sandbox/quickjs.wasm'));
    pool.warm('quickjs');
    await expect(pool.take('quickjs')).rejects.toThrow(/quickjs\.wasm|exit code 1/);
  });
});
