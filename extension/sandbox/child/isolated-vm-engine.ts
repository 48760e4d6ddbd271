import { createRequire } from 'node:module';
import { join } from 'node:path';
import type IsolatedVM from 'isolated-vm';
import { SCRIPT_FILE, SCRIPT_PREFIX, SCRIPT_SUFFIX, scriptPosition } from '../../dialect/script-frame.ts';
import type { ErrorInfo } from '../../protocol/errors.ts';
import type { SandboxLimits } from '../../protocol/sandbox-wire.ts';
import { type Engine, EngineError, outOfMemory, turnTimeout } from './engine.ts';
import { memoryWatch } from './memory-watch.ts';

type Ivm = typeof IsolatedVM;

interface Guest {
  isolate: IsolatedVM.Isolate;
  context: IsolatedVM.Context;
  /** Takes an activation as JSON, and in the first one the script's function. */
  deliver: IsolatedVM.Reference;
  /** Gives the yield as JSON, once the microtasks have run. */
  drain: IsolatedVM.Reference;
  limits: SandboxLimits;
  watch: <T>(work: Promise<T>) => Promise<T>;
}

/**
 * V8 in an isolate of its own. Its activations run on another thread than this code, so this thread can watch the
 * memory of the process while the script is at work. `fail` ends the process: it is for what strikes outside a call.
 */
export function isolatedVmEngine(directory: string, prelude: string, fail: (error: EngineError) => void): Engine {
  const ivm = loadAddon(directory);
  let guest: Guest | null = null;
  return {
    name: 'isolated-vm',
    async start(message, json) {
      guest = openGuest(ivm, prelude, message.limits, fail);
      const body = compileScript(guest, message.source);
      if (body.ok) return await activate(guest, [json, body.script.derefInto({ release: true })]);
      return JSON.stringify({ type: 'yield', activation: message.activation, commands: [], end: body });
    },
    async settle(json) {
      if (!guest) throw new EngineError('Error', 'An activation came before the script was started.');
      return await activate(guest, [json]);
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
  return { isolate, context, deliver: take('counterpointDeliver'), drain: take('counterpointDrain'), limits, watch };
}

type Compiled = { ok: true; script: IsolatedVM.Reference } | { ok: false; error: ErrorInfo };

function compileScript(guest: Guest, source: string): Compiled {
  try {
    const text = SCRIPT_PREFIX + source + SCRIPT_SUFFIX;
    const origin = { filename: SCRIPT_FILE, columnOffset: -SCRIPT_PREFIX.length };
    return {
      ok: true,
      script: guest.context.evalSync(text, { ...origin, reference: true, timeout: guest.limits.turnMs }),
    };
  } catch (error) {
    return { ok: false, error: syntaxError(error) };
  }
}

/** isolated-vm puts the place at the end of the message, as ` [workflow.js:1:10]`. */
function syntaxError(error: unknown): ErrorInfo {
  const text = error instanceof Error ? error.message : String(error);
  const place = / \[workflow\.js:(\d+):(\d+)\]$/.exec(text);
  if (!place) return { name: 'SyntaxError', message: text };
  return { name: 'SyntaxError', message: text.slice(0, place.index), line: Number(place[1]), column: Number(place[2]) };
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
function endOfEngine({ isolate, limits }: Guest, error: unknown): EngineError | null {
  if (isolate.isDisposed) return outOfMemory(limits.memoryMb);
  const timedOut = error instanceof Error && error.message === 'Script execution timed out.';
  return timedOut ? turnTimeout(limits.turnMs, scriptPosition(error.stack)) : null;
}
