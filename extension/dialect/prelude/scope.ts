/**
 * Where in the run's tree the code that runs now belongs. There is no AsyncLocalStorage in here, so it is found twice.
 * What a combinator calls runs under a function whose name says the scope, and V8 keeps such a function in a stack trace
 * across every `await` that waits for it. Where a trace does not reach one (QuickJS has none across `await`), the scope is that of the call that settled
 * in this activation, for there is only one: settling restores it, and a combinator restores its caller's before it
 * resolves. If both miss, the tree shows the agent further out; nothing else depends on it.
 */
export interface Scope {
  group: number | null;
  slot: readonly number[];
}

export const ROOT: Scope = { group: null, slot: [] };

const NAME = 'counterpoint scope';
// A script can name a function like this too: no more digits and no longer a slot than ours have.
const FRAME = /(?:^|\n) +at (?:async )?counterpoint scope (-|\d{1,9}) ((?:\d{1,9}(?:,\d{1,9}){0,7})?) \(/;

let scope = ROOT;
let newestGroup = 0;
/** For each group inside a called script that script's own group, which is the outermost of it. */
const scripts: Record<number, number> = Object.create(null);
/** What `phase()` said last, in each script that is at work; `ROOT_SCRIPT` is the run's own. */
const phases: Record<number, string> = Object.create(null);
const ROOT_SCRIPT = 0;

export function enterScope(next: Scope): void {
  scope = next;
}

/** Where the call that settled last belongs. */
export function currentScope(): Scope {
  return scope;
}

/** The scope of the code that a stack trace was taken in. */
export function scopeOfStack(stack: unknown): Scope {
  const match = typeof stack === 'string' ? FRAME.exec(stack) : null;
  if (!match) return scope;
  const [, group, slot] = match;
  if (group === '-') return ROOT;
  // Nothing belongs to a group that is yet to be opened, whatever a function's name says.
  if (Number(group) < 1 || Number(group) > newestGroup) return scope;
  return { group: Number(group), slot: slot ? slot.split(',').map(Number) : [] };
}

/** Calls `body` in the scope and waits for what it gives; the scope of the caller is as before when this returns. */
export function inScope<T>(inner: Scope, body: () => T | PromiseLike<T>): Promise<T> {
  // It must await, and not just return the promise, or it would be missing in later stack traces.
  const named = async () => await withinScope(inner, body);
  Object.defineProperty(named, 'name', { value: `${NAME} ${inner.group ?? '-'} ${inner.slot.join(',')}` });
  return named();
}

function withinScope<T>(inner: Scope, body: () => T): T {
  const before = scope;
  scope = inner;
  try {
    return body();
  } finally {
    scope = before;
  }
}

/** To be told of every group, so that what belongs to a called script is known: it has phases of its own. */
export function noteGroup(id: number, parent: Scope, isScript: boolean): void {
  newestGroup = id;
  const around = scriptAround(parent);
  if (isScript) scripts[id] = id;
  else if (around !== ROOT_SCRIPT) scripts[id] = around;
  const phase = phases[around];
  if (isScript && phase !== undefined) phases[id] = phase;
}

function scriptAround({ group }: Scope): number {
  return (group === null ? undefined : scripts[group]) ?? ROOT_SCRIPT;
}

/** What `phase()` said last in the script that a scope belongs to; a called one begins in its caller's. */
export function currentPhase(at: Scope): string | null {
  return phases[scriptAround(at)] ?? null;
}

export function enterPhase(title: string, at: Scope): void {
  phases[scriptAround(at)] = title;
}
