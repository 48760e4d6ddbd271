/** All agents over time. */
export function TimelineView() {
  return null;
}
