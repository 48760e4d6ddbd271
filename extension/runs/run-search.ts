import { MOST_HITS, type SearchHit } from '../protocol/panel-messages.ts';
import type { CallKind } from '../protocol/sandbox-wire.ts';
import { finderOf, hitsIn } from '../protocol/text-search.ts';
import type { RunArchive } from './run-archive.ts';

/** How long the process may look without a pause, in milliseconds: it has other work. */
const SLICE_MS = 8;

/** What a person sees of a run. */
const SHOWN: ReadonlySet<CallKind> = new Set(['agent', 'checkpoint', 'tool']);

/**
 * Where `text` stands in what the events of a run do not carry, in the order of the calls of its latest attempt. Looks in
 * slices, with all other work of the process between them.
 * @throws UserError where there is no such run.
 */
export async function searchRun(archive: RunArchive, runId: string, text: string): Promise<SearchHit[]> {
  const calls = [...archive.tree(runId).calls.values()];
  const find = finderOf(text);
  const hits: SearchHit[] = [];
  if (!find) return hits;
  let until = performance.now() + SLICE_MS;
  for (const call of calls) {
    if (SHOWN.has(call.info.kind)) hits.push(...hitsIn(archive.detailsOf(runId, call), find));
    if (hits.length >= MOST_HITS) return hits.slice(0, MOST_HITS);
    if (performance.now() < until) continue;
    await new Promise((resolve) => setImmediate(resolve));
    until = performance.now() + SLICE_MS;
  }
  return hits;
}
