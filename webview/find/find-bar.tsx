/** Search and filter, over whichever view is open. */
export function FindBar() {
  return null;
}
