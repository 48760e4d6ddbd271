import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { startSandbox } from '../../extension/sandbox/sandbox.ts';
import { ENGINES } from '../support/script-host.ts';
import { tempDir } from '../support/temp-dir.ts';

const LOCK_DOWN = join(import.meta.dirname, '../../extension/sandbox/child/lock-down.ts');

describe.each(ENGINES)('the process of a script in %s', (engine) => {
  /** What a program in place of the child may do; it tells as its fatal message. */
  async function tell(program: string, before = ''): Promise<string> {
    const dist = tempDir();
    await mkdir(join(dist, 'sandbox'));
    await writeFile(join(dist, 'secret.txt'), 'secret');
    await build({
      entryPoints: [LOCK_DOWN],
      bundle: true,
      platform: 'node',
      outfile: join(dist, 'sandbox/lock-down.mjs'),
      format: 'esm',
    });
    await writeFile(
      join(dist, 'sandbox/child.mjs'),
      `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);
import { lockDown } from './lock-down.mjs';
const tell = (message) => process.stdout.write(JSON.stringify({ type: 'fatal', error: { name: 'Told', message: String(message) } }) + '\\n');
${before}
try { tell(await (async () => { ${program} })()); } catch (e) { tell(e.code ?? e.message); }
setTimeout(() => {}, 10000);`,
    );
    const error = await startSandbox({ dist, node: process.execPath, engine }).catch((reason: Error) => reason);
    return (error as Error).message;
  }

  it.each([
    ['reads no file of others', `return require('fs').readFileSync('../secret.txt', 'utf8')`],
    ['reads no file of the system', `return require('fs').readFileSync('/etc/hostname', 'utf8')`],
    [
      'reads nothing of other processes, nor its own',
      `return require('fs').readFileSync('/proc/self/environ', 'utf8')`,
    ],
    ['does not even learn what files there are', `return require('fs').statSync('/etc/hostname').size`],
    ['lists no folder', `return require('fs').readdirSync('/')`],
    ['writes no file', `return require('fs').writeFileSync('./x', '')`],
    ['makes no link to a file of others', `return require('fs').symlinkSync('/etc/hostname', './link')`],
    ['goes to no other folder', `process.chdir('/'); return 'there'`],
    ['imports no file of others', `return await import('file:///etc/hostname')`],
    ['starts no process', `return require('child_process').execFileSync('/bin/true')`],
    ['becomes no other process', `process.execve('/bin/true', ['true'], {}); return 'became'`],
    ['starts no thread', `new (require('worker_threads').Worker)('1', { eval: true }); return 'started'`],
    ['opens no debugger', `require('inspector').open(0); return 'opened'`],
    ['writes no report and no snapshot', `require('v8').writeHeapSnapshot('x'); return 'written'`],
    ['reaches into no internals of Node', `process.binding('spawn_sync'); return 'reached'`],
  ])('%s', async (_, program) => {
    expect(await tell(program)).toBe('ERR_ACCESS_DENIED');
  });

  it('reads its own files, so that the refusals above mean something', async () => {
    expect(await tell(`return require('fs').readFileSync('./child.mjs', 'utf8').length > 10`)).toBe('true');
  });

  describe('once its engine is loaded', () => {
    /** The refusal of `lockDown()`, or that the thing is not there any more. */
    const refused = /^The sandbox process loads nothing more\.$|is not defined$|^Cannot assign/;
    const lockedDown = 'lockDown();';

    it.each([
      ['connects to nothing', `const { connect } = await import('node:net'); return typeof connect`],
      ['connects to nothing by require', `return typeof require('net').connect`],
      ['sends nothing', `return typeof (await import('node:dgram')).createSocket`],
      ['asks for no address', `return typeof require('node:dns').lookup`],
      ['fetches nothing', `return typeof (await fetch('http://127.0.0.1:9/'))`],
      ['opens no socket of the web', `return typeof new WebSocket('ws://127.0.0.1:9/')`],
      ['opens no database, which could write a file', `return typeof (await import('node:sqlite')).DatabaseSync`],
      ['gets at no module around the loader', `return typeof process.getBuiltinModule('net')`],
      ['loads no native code', `process.dlopen({ exports: {} }, process.execPath); return 'loaded'`],
      ['loads no code from a text', `return await import('data:text/javascript,export default 1')`],
      ['puts none of it back', `process.dlopen = () => 1; delete process.kill; return process.dlopen({})`],
    ])('%s', async (_, program) => {
      expect(await tell(program, lockedDown)).toMatch(refused);
    });

    it('could do all that before, so that the refusals mean something', async () => {
      const program = `const { connect } = await import('node:net'); return [typeof connect, typeof fetch, typeof process.getBuiltinModule('net').connect, typeof (await import('node:sqlite')).DatabaseSync].join()`;
      expect(await tell(program)).toBe('function,function,function,function');
    });

    it('has no signal for anybody but itself', async () => {
      const told = await tell(
        `process.kill(process.ppid, 'SIGKILL'); await new Promise((r) => setTimeout(r, 5000)); return 'lives'`,
        lockedDown,
      );
      expect(told).toContain('SIGKILL');
    });
  });

  it('under Electron is a QuickJS on its executable, told to be a Node', async () => {
    Object.defineProperty(process.versions, 'electron', { value: '39.0.0', configurable: true });
    try {
      const env = JSON.parse(await tell('return JSON.stringify(process.env)')) as object;
      expect(env).toEqual(engine === 'quickjs' ? { TZ: 'UTC', ELECTRON_RUN_AS_NODE: '1' } : { TZ: 'UTC' });
    } finally {
      Reflect.deleteProperty(process.versions, 'electron');
    }
  });

  it('has an empty environment, and no key of its host', async () => {
    process.env.COUNTERPOINT_TEST_KEY = 'secret';
    try {
      const names = (await tell('return JSON.stringify(process.env)')) as string;
      expect(JSON.parse(names)).toEqual({ TZ: 'UTC' });
    } finally {
      delete process.env.COUNTERPOINT_TEST_KEY;
    }
  });
});
