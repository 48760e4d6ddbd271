/** Something that could have a card; the higher the rank the more it deserves one. */
export interface Candidate {
  id: number;
  rank: number;
  /** Where it stands in a first choice; the lower the earlier. By default all stand as they come. */
  place?: number;
}

/**
 * Picks the `length` candidates of the highest rank, those shown before first among equals, and keeps each that
 * stays in the place it had: a card that leaves is replaced where it stood, so the others do not jump. The first
 * choice stands in order of its places.
 * Remembers its choice in `memory` under `key`.
 */
export function pickStable(
  memory: Map<string, number[]>,
  key: string,
  candidates: Candidate[],
  length: number,
): number[] {
  const before = memory.get(key) ?? [];
  const place = new Map(before.map((id, index) => [id, index]));
  const chosen = candidates
    .map((candidate, order) => ({ ...candidate, order, old: place.has(candidate.id) ? 0 : 1 }))
    .sort((a, b) => b.rank - a.rank || a.old - b.old || a.order - b.order)
    .slice(0, length)
    .sort((a, b) => (before.length === 0 ? (a.place ?? 0) - (b.place ?? 0) : 0) || a.order - b.order);
  const kept = new Set(chosen.filter((candidate) => candidate.old === 0).map((candidate) => candidate.id));
  const fresh = chosen.filter((candidate) => candidate.old === 1).map((candidate) => candidate.id);
  const picked = before.flatMap((id) => (kept.has(id) ? [id] : fresh.length > 0 ? [fresh.shift()!] : []));
  picked.push(...fresh);
  memory.set(key, picked);
  return picked;
}
