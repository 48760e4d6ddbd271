/** Methods of values as they were before the script came, for what `agent()` and the other plain calls cannot do without. */
const { apply } = Reflect;
const { includes } = Array.prototype;
const { trim } = String.prototype;

export function isAmong(list: readonly unknown[], value: unknown): boolean {
  return apply(includes, list, [value]);
}

export function isBlank(text: string): boolean {
  return apply(trim, text, []) === '';
}
