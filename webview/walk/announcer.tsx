/** Tells a screen reader, politely, what a sighted person would notice. */
export function Announcer() {
  return null;
}
