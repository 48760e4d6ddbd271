/** The process that runs a script: activations come in on stdin, yields go out on stdout, one JSON document a line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorInfo } from '../../protocol/errors.ts';
import type { EngineName, HostMessage } from '../../protocol/sandbox-wire.ts';
import { readLines } from '../json-lines.ts';
import { type Engine, EngineError } from './engine.ts';
import { lockDown } from './lock-down.ts';

const home = import.meta.dirname;

/** Nothing is torn down: a thread may be busy with the script, and only this ends it for sure. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function fail(thrown: unknown): void {
  const error: ErrorInfo =
    thrown instanceof EngineError ? thrown.info : { name: 'EngineError', message: String(thrown) };
  process.stdout.write(`${JSON.stringify({ type: 'fatal', error })}\n`, die);
}

async function answer(engine: Engine, json: string): Promise<void> {
  try {
    const message = JSON.parse(json) as HostMessage;
    const text = message.type === 'start' ? await engine.start(message, json) : await engine.settle(message, json);
    process.stdout.write(`${text}\n`);
  } catch (error) {
    fail(error);
  }
}

process.on('uncaughtException', fail);
process.stdin.on('end', die);
process.stdout.on('error', die);

/** Only the engine that is asked for is loaded. */
async function openEngine(name: EngineName): Promise<Engine> {
  const prelude = readFileSync(join(home, 'prelude.js'), 'utf8');
  if (name === 'quickjs') {
    const { quickjsEngine } = await import('./quickjs-engine.ts');
    return await quickjsEngine(home, prelude);
  }
  const { isolatedVmEngine } = await import('./isolated-vm-engine.ts');
  return isolatedVmEngine(join(home, 'isolated-vm'), prelude, fail);
}

const engine = await openEngine(process.argv[2] as EngineName);
lockDown();
// Activations may come several at a time; the guest has one after the other.
let before = Promise.resolve();
readLines(process.stdin, (line) => {
  before = before.then(() => answer(engine, line));
});
process.stdout.write(`${JSON.stringify({ type: 'ready', engine: engine.name })}\n`);
