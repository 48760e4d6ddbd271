import type { TranscriptEntry } from '../../extension/protocol/call-details.ts';

/** The note that a person's wish to begin anew leaves behind. */
const BY_PERSON = 'A person had it begin anew.';

/**
 * The places in a transcript where the work was begun anew: behind what a person cut short, and at the first entry of the
 * present try where there are older ones, which the death of whoever drove the run has cut.
 */
export function beginningsIn(entries: TranscriptEntry[], startedAt: number | null): Set<number> {
  const places = new Set<number>();
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1];
    if (!before) continue;
    const byPerson = isByPerson(before);
    const afterCut = startedAt !== null && before.at < startedAt && entry.at >= startedAt;
    if (byPerson || afterCut) places.add(index);
  }
  return places;
}

export function isByPerson(entry: TranscriptEntry): boolean {
  return entry.type === 'note' && entry.text === BY_PERSON;
}

/** How often the work was cut and begun anew, and by whom. */
export function earlierTries(entries: TranscriptEntry[], startedAt: number | null): { byPerson: number; cut: number } {
  const byPerson = entries.filter(isByPerson).length;
  // What a person cut last is before the present try, too.
  const older = startedAt === null ? [] : entries.filter(({ at }) => at < startedAt);
  const last = older.at(-1);
  return { byPerson, cut: last && !isByPerson(last) ? 1 : 0 };
}
