/**
 * Where in the run's tree the code that runs now belongs. There is no AsyncLocalStorage in here, but one call settles
 * per activation, so what runs in it descends from that call: settling restores the call's own scope, a combinator
 * sets the scope of each function it calls, and restores its caller's before it resolves.
 * After an `await` on something that never was a call the scope may be an outer one: the tree then shows the agent
 * further out; nothing else depends on it.
 */
export interface Scope {
  group: number | null;
  slot: readonly number[];
}

export const ROOT: Scope = { group: null, slot: [] };

let scope = ROOT;
let phase: string | null = null;

export function currentScope(): Scope {
  return scope;
}

export function enterScope(next: Scope): void {
  scope = next;
}

/** Runs `body` up to its first wait in `inner`; the scope is as before when it returns or throws. */
export function withinScope<T>(inner: Scope, body: () => T): T {
  const before = scope;
  scope = inner;
  try {
    return body();
  } finally {
    scope = before;
  }
}

/** What `phase()` said last. */
export function currentPhase(): string | null {
  return phase;
}

export function enterPhase(title: string): void {
  phase = title;
}
