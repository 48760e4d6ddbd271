/**
 * The first thing that runs inside the isolate: it makes the globals of the dialect and leaves two functions behind,
 * which the engine takes and deletes before the script comes. Everything passes them as JSON text.
 */
import type { HostMessage, StartMessage } from '../../protocol/sandbox-wire.ts';
import { SCRIPT_FILE } from '../script-frame.ts';
import { agent } from './agent.ts';
import { settleCall } from './calls.ts';
import { challenge } from './challenge.ts';
import { checkpoint } from './checkpoint.ts';
import { installClock, setClock } from './clock.ts';
import { guestConsole, log } from './console.ts';
import { converge } from './converge.ts';
import { closeEngineGaps, warnOfLocale } from './engine-gaps.ts';
import { caller, describeThrown } from './errors.ts';
import { judge } from './judge.ts';
import { drainYield, emit, endWith, endWithResult } from './outbox.ts';
import { parallel } from './parallel.ts';
import { pipeline } from './pipeline.ts';
import { setScriptText } from './positions.ts';
import { installRandom } from './random.ts';
import { closePrototypes, forbidCodeFromText, removeForeignGlobals } from './realm.ts';
import { currentPhase, enterPhase, inScope, ROOT } from './scope.ts';
import { clearTimeout, setTimeout } from './timers.ts';
import { tool } from './tool.ts';
import { workflow } from './workflow.ts';

const { parse } = JSON;
const { then } = Promise.prototype;
let activation = 0;
let spent = 0;
let total: number | null = null;

function phase(title: unknown): void {
  const name = String(title);
  const { scope } = caller();
  if (name === currentPhase(scope)) return;
  enterPhase(name, scope);
  emit({ type: 'phase', title: name });
}

const budget = Object.freeze({
  get total() {
    return total;
  },
  spent: () => spent,
  remaining: () => (total === null ? Number.POSITIVE_INFINITY : Math.max(0, total - spent)),
});

/**
 * Begins an activation. The first one takes the script's function, and one that brings a called script takes what the
 * engine made of that. Errors of ours end the run; they never get lost.
 */
function deliver(json: string, compiled?: unknown): void {
  try {
    const message = parse(json) as HostMessage;
    activation = message.activation;
    setClock(message.now);
    if (message.type === 'start') return startScript(message, compiled as () => Promise<unknown>);
    spent = message.spent;
    settleCall(message, compiled);
  } catch (error) {
    endWith(describeThrown(error));
  }
}

function startScript(message: StartMessage, body: () => Promise<unknown>): void {
  total = message.budgetTotal;
  installRandom(message.seed);
  setScriptText(SCRIPT_FILE, message.source);
  defineGlobals({ args: message.args });
  warnOfLocale(message.source);
  // The first turn of the script has then been: it may have put its own in the place of any method.
  Reflect.apply(then, inScope(ROOT, body), [endWithResult, (error: unknown) => endWith(describeThrown(error))]);
}

/** Ends an activation: what the script asked for since it began, as JSON. */
function drain(): string {
  return drainYield(activation);
}

function defineGlobals(globals: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

closeEngineGaps();
removeForeignGlobals();
forbidCodeFromText();
installClock();
defineGlobals({ agent, parallel, pipeline, phase, log, budget, console: guestConsole, setTimeout, clearTimeout });
defineGlobals({ challenge, converge, judge, checkpoint, tool, workflow });
closePrototypes();
defineGlobals({ counterpointDeliver: deliver, counterpointDrain: drain });
