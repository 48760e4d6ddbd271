import { createRequire } from 'node:module';
import { join } from 'node:path';
import type IsolatedVM from 'isolated-vm';
import {
  CHILD_FRAME,
  childScriptFile,
  type Frame,
  framePosition,
  SCRIPT_FILE,
  SCRIPT_FRAME,
  type ScriptTitles,
  scriptPosition,
  scriptTitle,
} from '../../dialect/script-frame.ts';
import type { ErrorInfo } from '../../protocol/errors.ts';
import { RUN_SANDBOX_LIMITS, type SandboxLimits, type SettleMessage } from '../../protocol/sandbox-wire.ts';
import { type Engine, EngineError, outOfMemory, refusedSettle, turnTimeout } from './engine.ts';
import { memoryWatch } from './memory-watch.ts';

type Ivm = typeof IsolatedVM;

interface Guest {
  isolate: IsolatedVM.Isolate;
  context: IsolatedVM.Context;
  /** Takes an activation as JSON, and with it the function of the script that comes in it. */
  deliver: IsolatedVM.Reference;
  /** Gives the yield as JSON, once the microtasks have run. */
  drain: IsolatedVM.Reference;
  limits: SandboxLimits;
  titles: ScriptTitles;
  watch: <T>(work: Promise<T>) => Promise<T>;
}

/**
 * V8 in an isolate of its own. Its activations run on another thread than this code, so this thread can watch the
 * memory of the process while the script is at work. `fail` ends the process: it is for what strikes outside a call.
 */
export function isolatedVmEngine(directory: string, prelude: string, fail: (error: EngineError) => void): Engine {
  const ivm = loadAddon(directory);
  // Made before it is needed: a run then waits for its script alone.
  let guest = openGuest(ivm, prelude, { ...RUN_SANDBOX_LIMITS }, fail);
  let started = false;
  return {
    name: 'isolated-vm',
    async start(message, json) {
      if (message.limits.memoryMb !== guest.limits.memoryMb) guest = openGuest(ivm, prelude, message.limits, fail);
      guest.limits.turnMs = message.limits.turnMs;
      started = true;
      const body = compileScript(guest, message.source, SCRIPT_FILE, SCRIPT_FRAME);
      if (body.ok) return await activate(guest, [json, body.script.derefInto({ release: true })]);
      return JSON.stringify({ type: 'yield', activation: message.activation, commands: [], end: body });
    },
    async settle(message, json) {
      if (!started) throw new EngineError('Error', 'An activation came before the script was started.');
      return await activate(
        guest,
        message.source === undefined ? [json] : bringScript(guest, message, json, message.source),
      );
    },
  };
}

/** @throws EngineError naming what was tried, where no binary fits this Node. */
function loadAddon(directory: string): Ivm {
  const require = createRequire(import.meta.url);
  const failures: string[] = [];
  for (const libc of process.platform === 'linux' ? ['.glibc', '.musl'] : ['']) {
    const name = `${process.platform}-${process.arch}/isolated-vm.abi${process.versions.modules}${libc}.node`;
    try {
      return (require(join(directory, name)) as { ivm: Ivm }).ivm;
    } catch (error) {
      failures.push(`${name}: ${String(error).split('\n')[0]}`);
    }
  }
  throw new EngineError(
    'EngineLoadError',
    `No isolated-vm binary loads in Node ${process.version}: ${failures.join('; ')}`,
  );
}

function openGuest(ivm: Ivm, prelude: string, limits: SandboxLimits, fail: (error: EngineError) => void): Guest {
  const onCatastrophicError = (message: string) =>
    fail(/memory/i.test(message) ? outOfMemory(limits.memoryMb) : turnTimeout(limits.turnMs));
  const isolate = new ivm.Isolate({ memoryLimit: limits.memoryMb, onCatastrophicError });
  const context = isolate.createContextSync();
  context.evalSync(prelude, { filename: 'counterpoint-prelude.js' });
  const take = (name: string): IsolatedVM.Reference => {
    const reference = context.global.getSync(name, { reference: true });
    context.global.deleteSync(name);
    return reference;
  };
  const watch = memoryWatch(limits.memoryMb, () => fail(outOfMemory(limits.memoryMb)));
  const [deliver, drain] = [take('counterpointDeliver'), take('counterpointDrain')];
  return { isolate, context, deliver, drain, limits, titles: Object.create(null), watch };
}

/** What to deliver where a called script comes with an activation. */
function bringScript(guest: Guest, message: SettleMessage, json: string, source: string): unknown[] {
  const file = childScriptFile(message.call);
  if (message.outcome.ok) guest.titles[file] = scriptTitle(file, message.outcome.value);
  const compiled = compileScript(guest, source, file, CHILD_FRAME);
  if (compiled.ok) return [json, compiled.script.derefInto({ release: true })];
  return [refusedSettle(message, compiled.error)];
}

type Compiled = { ok: true; script: IsolatedVM.Reference } | { ok: false; error: ErrorInfo };

function compileScript(guest: Guest, source: string, file: string, { prefix, suffix }: Frame): Compiled {
  try {
    const text = prefix + source + suffix;
    const origin = { filename: file, columnOffset: -prefix.length };
    return {
      ok: true,
      script: guest.context.evalSync(text, { ...origin, reference: true, timeout: guest.limits.turnMs }),
    };
  } catch (error) {
    return { ok: false, error: syntaxError(error, file, guest.titles) };
  }
}

/** isolated-vm puts the place at the end of the message, as ` [workflow.js:1:10]`. */
function syntaxError(error: unknown, file: string, titles: ScriptTitles): ErrorInfo {
  const text = error instanceof Error ? error.message : String(error);
  const place = / \[workflow(?:-\d+)?\.js:(\d+):(\d+)\]$/.exec(text);
  if (!place) return { name: 'SyntaxError', message: text };
  const position = scriptPosition({ file, line: Number(place[1]), column: Number(place[2]) }, titles);
  return { name: 'SyntaxError', message: text.slice(0, place.index), ...position };
}

async function activate(guest: Guest, values: unknown[]): Promise<string> {
  const { deliver, drain, limits } = guest;
  try {
    await guest.watch(deliver.apply(undefined, values, { timeout: limits.turnMs }));
  } catch (error) {
    const end = endOfEngine(guest, error);
    if (end) throw end;
    // What is left is a rejection that nobody in the script handles, and that is nothing.
  }
  try {
    // No line of the script runs in here, so it needs no watch; and without a second change of threads a turn costs half.
    return drain.applySync(undefined, []) as string;
  } catch (error) {
    throw endOfEngine(guest, error) ?? error;
  }
}

/** What an error out of the isolate means where it is not the script's own; null where it is. */
function endOfEngine({ isolate, limits, titles }: Guest, error: unknown): EngineError | null {
  if (isolate.isDisposed) return outOfMemory(limits.memoryMb);
  const timedOut = error instanceof Error && error.message === 'Script execution timed out.';
  return timedOut ? turnTimeout(limits.turnMs, scriptPosition(framePosition(error.stack), titles)) : null;
}
