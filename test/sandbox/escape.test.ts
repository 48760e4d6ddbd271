import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startSandbox } from '../../extension/sandbox/sandbox.ts';
import { describeOnEngines, ENGINES, play, result, script } from '../support/script-host.ts';
import { tempDir } from '../support/temp-dir.ts';

describeOnEngines('a script finds no way out of its realm', () => {
  it.each([
    "agent.constructor.constructor('return process')()",
    "agent('a').constructor.constructor('return process')()",
    "args.constructor.constructor('return process')()",
    "console.log.constructor('return process')()",
    "budget.spent.constructor('return globalThis')()",
    "(await agent('a').catch((e) => e)).constructor.constructor('return process')()",
    "(await agent('a').catch((e) => e)).__proto__.constructor.constructor('return process')()",
    "new Date().constructor.constructor('return process')()",
    "setTimeout.constructor('return process')()",
    "Date.constructor('return process')()",
    "Object.getOwnPropertyDescriptor(budget, 'total').get.constructor('return process')()",
    "Reflect.getPrototypeOf(Reflect.getPrototypeOf(async function* () {})).constructor('return process')()",
  ])('%s', async (walk) => {
    const answer = [{ failure: { name: 'SchemaError', message: 'x' } }];
    const walked = result(`return String(${walk})`, { args: {}, answer });
    await expect(walked).rejects.toMatchObject({ name: 'EvalError' });
  });

  it('through the frames of a stack trace', async () => {
    const body = `Error.prepareStackTrace = (e, frames) => frames;
const seen = []; const look = (e) => { for (const f of e.stack) seen.push(f.getThis?.() ?? null, f.getFunction?.() ?? null); };
try { await parallel([() => { look(new Error()); null.x }]); setTimeout('x') } catch (e) { look(e) }
return seen.filter((x) => x !== null).length + ' of ' + (seen.length > 4)`;
    expect(await result(body)).toBe('0 of true');
  });

  it('through what it throws, or gives as a result', async () => {
    const hostile = `new Proxy({}, { get() { throw new Proxy({}, { get() { for (const x of [globalThis]) throw x } }) }, ownKeys() { throw globalThis } })`;
    const thrown = await play(script(`throw ${hostile}`));
    expect(thrown.end).toEqual({
      ok: false,
      error: { name: 'Error', message: 'The script threw something that cannot be read.' },
    });
    expect((await play(script(`return ${hostile}`))).end).toEqual(thrown.end);
    expect((await play(script(`return { toJSON() { throw ${hostile} } }`))).end).toMatchObject({
      ok: false,
      error: { name: 'TypeError' },
    });
  });
});

describeOnEngines('what crosses is plain JSON', () => {
  const pollution = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');

  it('a __proto__ in args or an answer stays a key, in the realm of the script', async () => {
    const body = `const a = await agent('a'); return [({}).polluted ?? null, Object.keys(args), Object.keys(a), Object.getPrototypeOf(a) === Object.prototype]`;
    expect(await result(body, { args: pollution, answer: [pollution] })).toEqual([
      null,
      ['__proto__', 'constructor'],
      ['__proto__', 'constructor'],
      true,
    ]);
  });

  it('a __proto__ from the script changes nothing in the host', async () => {
    const { calls, end } = await play(
      script(
        `const evil = JSON.parse('{"__proto__":{"polluted":1},"type":"object"}'); await agent('a', { schema: evil }); return evil`,
      ),
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(end?.ok && end.result)).toBe(Object.prototype);
    const schema = calls[0]?.request.kind === 'agent' ? calls[0].request.options.schema : undefined;
    expect(schema).toMatchObject({ type: 'object' });
    expect((schema as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('a script that replaces the built-ins does not change what it asks for', async () => {
    const body = `JSON.stringify = () => '{"type":"forged"}'; JSON.parse = () => ({ type: 'forged' });
Array.prototype.map = Array.prototype.push = Array.prototype.join = Object.entries = Object.keys = () => [];
String.prototype.slice = () => 'forged';
const real = await agent('asked', { label: 'L' }); return real`;
    const { prompts, end } = await play(script(body));
    expect([prompts, end]).toEqual([['asked'], { ok: true, result: 'asked' }]);
  });
});

describe.each(ENGINES)('the process of a script in %s', (engine) => {
  /** What a program in place of the child may do; it tells as its fatal message. */
  async function tell(program: string): Promise<string> {
    const dist = tempDir();
    await mkdir(join(dist, 'sandbox'));
    await writeFile(join(dist, 'secret.txt'), 'secret');
    await writeFile(
      join(dist, 'sandbox/child.mjs'),
      `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);
const tell = (message) => process.stdout.write(JSON.stringify({ type: 'fatal', error: { name: 'Told', message: String(message) } }) + '\\n');
try { tell(await (async () => { ${program} })()); } catch (e) { tell(e.code); }
setTimeout(() => {}, 10000);`,
    );
    const error = await startSandbox({ dist, node: process.execPath, engine }).catch((reason: Error) => reason);
    return (error as Error).message;
  }

  it.each([
    ['reads no file of others', `return require('fs').readFileSync('../secret.txt', 'utf8')`],
    ['reads no file of the system', `return require('fs').readFileSync('/etc/hostname', 'utf8')`],
    ['writes no file', `return require('fs').writeFileSync('./x', '')`],
    ['starts no process', `return require('child_process').execFileSync('/bin/true')`],
    ['starts no thread', `new (require('worker_threads').Worker)('1', { eval: true }); return 'started'`],
  ])('%s', async (_, program) => {
    expect(await tell(program)).toBe('ERR_ACCESS_DENIED');
  });

  it('reads its own files, so that the refusals above mean something', async () => {
    expect(await tell(`return require('fs').readFileSync('./child.mjs', 'utf8').length > 10`)).toBe('true');
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
