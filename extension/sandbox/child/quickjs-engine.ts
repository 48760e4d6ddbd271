import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import baseVariant from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import {
  CHILD_FRAME,
  childScriptFile,
  columnsGained,
  type Frame,
  framedInPlace,
  framePosition,
  SCRIPT_FILE,
  SCRIPT_FRAME,
  scriptTitle,
} from '../../dialect/script-frame.ts';
import type { ErrorInfo, ScriptPosition } from '../../protocol/errors.ts';
import type { SandboxLimits, SettleMessage, YieldMessage } from '../../protocol/sandbox-wire.ts';
import { CappedMemory } from './capped-memory.ts';
import { type Engine, EngineError, outOfMemory, refusedSettle, turnTimeout } from './engine.ts';
import { TurnClock } from './turn-clock.ts';

/** Bytes of stack that a script may use; less than the smallest stack that an operating system gives our thread. */
const STACK_BYTES = 256 * 1024;
/** V8's limit leaves out much of what long strings and copies under way take; this one counts every byte. */
const MEMORY_TOLERANCE = 2;
const NO_LIMITS: SandboxLimits = { memoryMb: Number.POSITIVE_INFINITY, turnMs: Number.POSITIVE_INFINITY };
/** Jobs between two looks at the clock. */
const JOBS_AT_ONCE = 1000;

interface Guest {
  context: QuickJSContext;
  /** Takes an activation as JSON, and with it the function of the script that comes in it. */
  deliver: QuickJSHandle;
  /** Gives the yield as JSON, once the microtasks have run. */
  drain: QuickJSHandle;
  clock: TurnClock;
  memory: CappedMemory;
  /** Those of the script, once it has come. */
  limits: SandboxLimits;
}

/**
 * QuickJS in WebAssembly: it runs wherever a Node or an Electron does, on this thread. Its memory is one block that
 * cannot grow over the limit, and its interpreter asks the clock as it goes; what does neither is ended by the host.
 */
export async function quickjsEngine(home: string, prelude: string): Promise<Engine> {
  const memory = new CappedMemory();
  const wasmModule = await WebAssembly.compile(readFileSync(join(home, 'quickjs.wasm')));
  const variant = newVariant(baseVariant, { wasmModule, wasmMemory: memory });
  const quickjs = await newQuickJSWASMModuleFromVariant(variant);
  const guest = openGuest(quickjs, prelude, memory);
  return {
    name: 'quickjs',
    async start(message, json) {
      guest.limits = message.limits;
      return withinLimits(guest, () => {
        const compiled = compileScript(guest, message.source, SCRIPT_FILE, SCRIPT_FRAME);
        if (compiled.ok) return activate(guest, json, compiled.script);
        return JSON.stringify({ type: 'yield', activation: message.activation, commands: [], end: compiled });
      });
    },
    async settle(message, json) {
      const { source } = message;
      return withinLimits(guest, () =>
        source === undefined ? activate(guest, json) : bringScript(guest, message, json, source),
      );
    },
  };
}

function openGuest(quickjs: QuickJSWASMModule, prelude: string, memory: CappedMemory): Guest {
  const runtime = quickjs.newRuntime();
  runtime.setMaxStackSize(STACK_BYTES);
  const clock = new TurnClock();
  const host = process.ppid;
  runtime.setInterruptHandler(() => {
    // This thread is at work and cannot hear that its pipe was closed; on Windows only the turn's end tells.
    if (process.ppid !== host) process.kill(process.pid, 'SIGKILL');
    return memory.isExhausted || clock.isOver();
  });
  const context = runtime.newContext();
  context.unwrapResult(context.evalCode(prelude, 'counterpoint-prelude.js')).dispose();
  const take = (name: string): QuickJSHandle => {
    const handle = context.getProp(context.global, name);
    context.unwrapResult(context.evalCode(`delete globalThis.${name}`)).dispose();
    return handle;
  };
  const [deliver, drain] = [take('counterpointDeliver'), take('counterpointDrain')];
  return { context, deliver, drain, clock, memory, limits: NO_LIMITS };
}

/** @throws EngineError where memory ran out in `work`, whatever the script made of it, or the engine itself broke down. */
function withinLimits({ memory, limits }: Guest, work: () => string): string {
  memory.limitTo(limits.memoryMb * MEMORY_TOLERANCE);
  let text: string;
  try {
    text = work();
  } catch (error) {
    if (memory.isExhausted) throw outOfMemory(limits.memoryMb);
    if (error instanceof EngineError) throw error;
    // Some built-ins that recurse take more of our own stack than the engine believes; it is of no use after that.
    if (error instanceof RangeError) throw new EngineError('RangeError', error.message);
    throw new EngineError('EngineError', `The QuickJS engine could not go on: ${String(error)}`);
  }
  if (memory.isExhausted) throw outOfMemory(limits.memoryMb);
  return text;
}

type Compiled = { ok: true; script: QuickJSHandle } | { ok: false; error: ErrorInfo };

/** The activation that a called script comes with. */
function bringScript(guest: Guest, message: SettleMessage, json: string, source: string): string {
  const file = childScriptFile(message.call);
  const compiled = compileScript(guest, source, file, CHILD_FRAME);
  if (compiled.ok) return activate(guest, json, compiled.script);
  const script = message.outcome.ok ? { script: scriptTitle(file, message.outcome.value) } : {};
  return activate(guest, refusedSettle(message, { ...compiled.error, ...script }));
}

/** QuickJS knows no column offset. */
function compileScript({ context }: Guest, source: string, file: string, frame: Frame): Compiled {
  const result = context.evalCode(framedInPlace(source, frame), file);
  if (!result.error) return { ok: true, script: result.value };
  const { name, message, stack } = context.dump(result.error) as { name: string; message: string; stack: string };
  result.error.dispose();
  return { ok: false, error: { name, message, ...placeInFile(stack, source, frame) } };
}

function placeInFile(stack: string, source: string, frame: Frame): ScriptPosition | null {
  const place = framePosition(stack);
  if (!place) return null;
  const moved = place.line === 1 ? columnsGained(source, frame) : 0;
  return { line: place.line, column: Math.max(1, place.column - moved) };
}

function activate(
  { context, deliver, drain, limits, clock, memory }: Guest,
  json: string,
  script?: QuickJSHandle,
): string {
  clock.begin(limits.turnMs);
  const activation = context.newString(json);
  // An error here is that of a script cut off by its limits; those are looked at below.
  context.callFunction(deliver, context.undefined, script ? [activation, script] : [activation]).dispose();
  activation.dispose();
  script?.dispose();
  const { runtime } = context;
  // What a job throws is a rejection that nobody in the script handles, and that is nothing.
  while (runtime.hasPendingJob() && !clock.isStopped && !memory.isExhausted)
    runtime.executePendingJobs(JOBS_AT_ONCE).dispose();
  const wasLate = clock.end();
  // No line of the script runs in here.
  const text = context.unwrapResult(context.callFunction(drain, context.undefined)).consume(context.getString);
  if (wasLate) throw turnTimeout(limits.turnMs, placeOfInterrupt(text));
  return text;
}

/**
 * The interrupt reaches the script's end like an error of its own, if nothing else catches it. Its place is the last one
 * that QuickJS knows of: in the loop, or right before it.
 */
function placeOfInterrupt(text: string): ScriptPosition | null {
  const { end } = JSON.parse(text) as YieldMessage;
  if (!end || end.ok || end.error.line === undefined || end.error.column === undefined) return null;
  const { line, column, script } = end.error;
  return { line, column, ...(script === undefined ? {} : { script }) };
}
