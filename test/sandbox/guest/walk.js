/**
 * Runs inside a sandbox, put before a script's body. `makeWalk()` gives `walk(roots)`, which goes through everything that
 * can be reached from them (own properties of every kind of key, what their getters give, prototypes, callers) and
 * returns what should not be there: a prototype chain that ends in another realm's, a function that makes code of text,
 * a name that only a host has.
 * It takes the built-ins it needs before the body can replace them.
 */
export function makeWalk() {
  const { apply, construct, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
  const { toString: sourceOf } = Function.prototype;
  const objectPrototype = Object.prototype;
  const EXPECTED = EvalError;
  const HOST_NAMES = new Set([
    'process',
    'require',
    'module',
    'Buffer',
    'fetch',
    'WebAssembly',
    'Atomics',
    'ivm',
    'os',
  ]);
  const MARK = 'return "compiled"';
  const EXPRESSION = '"comp" + "iled"';
  /** What starts something: they are called by the tests that are about them. */
  const ACTS = new Set(['agent', 'parallel', 'pipeline', 'challenge', 'converge', 'judge', 'checkpoint', 'tool']);
  for (const name of ['workflow', 'phase', 'log', 'setTimeout', 'clearTimeout']) ACTS.add(name);
  const acts = new Set([...ACTS].map((name) => globalThis[name]));
  for (const value of Object.values(console)) acts.add(value);

  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

  /** Whether it makes a function out of the text it is given, called or constructed, also for a class derived from it. */
  function compiles(fn) {
    const class_ = class {};
    for (const attempt of [
      () => apply(fn, undefined, [MARK]),
      () => apply(fn, {}, [MARK]),
      () => construct(fn, [MARK]),
      () => construct(fn, [MARK], class_),
      () => construct(fn, [MARK], Object),
      () => apply(fn, undefined, [EXPRESSION]),
    ]) {
      try {
        const made = attempt();
        if (made === 'compiled') return true;
        if (typeof made === 'function' && apply(sourceOf, made, []).includes(MARK)) return true;
      } catch (error) {
        // Not one of the realm's own errors: then the function is not of the realm either.
        if (!(error instanceof Error)) return true;
      }
    }
    return false;
  }

  function chainOf(value) {
    let last = value;
    for (let next = getPrototypeOf(value); next !== null; next = getPrototypeOf(next)) last = next;
    return last;
  }

  return function walk(roots) {
    const seen = new Set();
    const found = [];
    const queue = Object.entries(roots).map(([name, value]) => ({ path: name, value }));
    const visit = (path, value) => {
      if (isObject(value) && !seen.has(value)) queue.push({ path, value });
    };
    for (let item = queue.shift(); item; item = queue.shift()) {
      const { path, value } = item;
      if (!isObject(value) || seen.has(value)) continue;
      seen.add(value);
      const root = chainOf(value);
      if (root !== objectPrototype && getPrototypeOf(value) !== null) found.push(`${path}: of another realm`);
      if (typeof value === 'function' && !acts.has(value) && compiles(value)) found.push(`${path}: compiles text`);
      visit(`${path}.__proto__`, getPrototypeOf(value));
      for (const key of typeof value === 'function' ? ['caller', 'arguments'] : []) {
        try {
          visit(`${path}.${key}`, value[key]);
        } catch (error) {
          visit(`${path}.${key} throws`, error);
        }
      }
      for (const key of ownKeys(value)) {
        const at = `${path}.${String(key)}`;
        const property = getOwnPropertyDescriptor(value, key);
        // Of a call site or a host object even the names would tell.
        if (HOST_NAMES.has(key)) found.push(`${at}: a name of the host`);
        visit(at, property.value);
        visit(`get ${at}`, property.get);
        visit(`set ${at}`, property.set);
        if (!property.get) continue;
        try {
          visit(`${at}()`, apply(property.get, value, []));
        } catch (error) {
          visit(`${at} throws`, error);
        }
      }
    }
    // A constructor reached by hand must refuse with the realm's own error.
    for (const [name, value] of Object.entries(roots)) {
      if (!isObject(value)) continue;
      try {
        const made = value.constructor.constructor(MARK);
        if (typeof made === 'function') found.push(`${name}.constructor.constructor: compiles text`);
      } catch (error) {
        if (!(error instanceof EXPECTED) && !(error instanceof TypeError)) found.push(`${name}: ${String(error)}`);
      }
    }
    return { found, seen: seen.size };
  };
}
