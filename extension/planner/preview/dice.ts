/** A number that looks drawn, from 0 up to but not 1: always the same for the same text, and so is a preview. FNV-1a, stirred. */
export function drawn(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 12;
  return (hash >>> 0) / 2 ** 32;
}

/** A whole number from `low` to `high`, both included, by the same dice. */
export function drawnInteger(text: string, low: number, high: number): number {
  return low + Math.floor(drawn(text) * (high - low + 1));
}
