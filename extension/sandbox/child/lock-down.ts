import * as nodeModule from 'node:module';
import { constants } from 'node:os';

/** Globals of Node that reach out of the process, or load what could. */
const REACHING_OUT = [
  'fetch',
  'WebSocket',
  'EventSource',
  'BroadcastChannel',
  'MessageChannel',
  'navigator',
  'localStorage',
];

/**
 * Takes from this process what `--permission` leaves it: the network, native code, databases, signals to others. To be
 * called when everything it needs is loaded. A script does not run in here; this is for one that has left its engine.
 */
export function lockDown(): void {
  const refuse = (): never => {
    throw new Error('The sandbox process loads nothing more.');
  };
  const { pid } = process;
  const kill: unknown = Reflect.get(process, '_kill');
  // What `process.kill` is made of: now a signal, whomever it is for, ends this process.
  replace('_kill', () => (typeof kill === 'function' ? kill(pid, constants.signals.SIGKILL) : process.abort()));
  for (const name of ['dlopen', 'binding', '_linkedBinding', 'getBuiltinModule', '_debugProcess', '_debugEnd']) {
    replace(name, refuse);
  }
  for (const name of REACHING_OUT) Reflect.deleteProperty(globalThis, name);
  // From Node 22.15 on; in an older one (an Electron) the network stays within reach.
  nodeModule.registerHooks?.({ resolve: refuse, load: refuse });
}

function replace(name: string, value: unknown): void {
  Object.defineProperty(process, name, { value, writable: false, configurable: false, enumerable: true });
}
