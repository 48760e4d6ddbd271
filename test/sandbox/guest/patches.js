/**
 * Runs inside a sandbox, put before a script's body. `makePatches()` lists every built-in function that a script can put
 * its own in place of, as `{ name, replace(value), restore() }`. It takes what it needs before anything is replaced.
 */
export function makePatches() {
  const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
  const dialect =
    'agent parallel pipeline phase log budget args console setTimeout clearTimeout challenge converge judge checkpoint tool workflow';
  const ours = dialect.split(' ').map((name) => globalThis[name]);
  const seen = new Set(ours);
  const patches = [];
  const visit = (path, holder) => {
    if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null || seen.has(holder)) return;
    seen.add(holder);
    for (const key of ownKeys(holder)) {
      const property = getOwnPropertyDescriptor(holder, key);
      const name = `${path}.${String(key)}`;
      visit(name, property.value);
      if (holder === globalThis && ours.includes(property.value)) continue;
      if (!property.configurable && !property.writable) continue;
      if (typeof property.value === 'function') {
        patches.push({
          name,
          replace: (value) => defineProperty(holder, key, { ...property, value }),
          restore: () => defineProperty(holder, key, property),
        });
      } else if (property.get && property.configurable) {
        patches.push({
          name: `get ${name}`,
          replace: (value) => defineProperty(holder, key, { ...property, get: value }),
          restore: () => defineProperty(holder, key, property),
        });
      }
    }
    visit(`${path}.__proto__`, getPrototypeOf(holder));
  };
  const samples = {
    'async function': async () => 0,
    generator: (function* () {
      yield 1;
    })(),
    'async generator': (async function* () {
      yield 1;
    })(),
  };
  for (const iterable of [[], new Map(), new Set(), ''])
    samples[`iterator of ${typeof iterable}`] = iterable[Symbol.iterator]();
  samples.matches = 'a'.matchAll(/a/g);
  visit('globalThis', globalThis);
  for (const name of Object.keys(samples)) visit(name, samples[name]);
  return patches;
}
