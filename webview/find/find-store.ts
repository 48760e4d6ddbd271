import { type NodeRef, totalOf } from '../../extension/protocol/run-tree.ts';
import { finderOf } from '../../extension/protocol/text-search.ts';
import { plural } from '../format.ts';
import type { RunStore } from '../store.ts';
import type { ViewStore } from '../view-state.ts';
import { type Bright, brightWith, filtered } from './bright.ts';
import { isFiltering } from './filter.ts';
import { type Hit, hitsOf, keyOf } from './hits.ts';
import { HostSearch } from './host-search.ts';
import { nameOf, WHERE_WORDS } from './words.ts';

/** While the run goes it is looked through at most this often, in milliseconds, and for at most a tenth of the time. */
const LOOK_MS = 300;
const LOOK_TIMES = 10;

/** What was found, as it is shown. */
export interface Findings {
  hits: Hit[];
  /** The hit that was walked to; -1 before the first, and where it is no more. */
  at: number;
  /** Prompts, answers and transcripts were looked through too. */
  complete: boolean;
  /** There are more hits than the host tells. */
  more: boolean;
  /** Why they could not be looked through. */
  problem: string | null;
}

const NOTHING: Findings = { hits: [], at: -1, complete: true, more: false, problem: null };

/** Looks for what is searched and filtered, again as the run grows, and walks what it has found. */
export class FindStore {
  findings: Findings = NOTHING;
  /** Null: nothing is looked for. The same function until what is bright changes. */
  found: ((ref: NodeRef) => boolean) | null = null;
  /** The hit that was walked to last, until the side has brought it into sight. */
  wanted: Hit | null = null;
  /** For those who do not see it. */
  said = '';
  private readonly run: RunStore;
  private readonly view: ViewStore;
  private readonly host: HostSearch;
  private readonly listeners = new Set<() => void>();
  private bright: Bright | null = null;
  private sought: { text: string; filter: unknown } = { text: '', filter: null };
  /** The key of the hit that was walked to, and its place then. */
  private walked: { key: string; place: number } | null = null;
  /** What is still to be said of this search. */
  private unsaid = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastLook = { ended: 0, took: 0 };

  constructor(run: RunStore, view: ViewStore) {
    this.run = run;
    this.view = view;
    this.host = new HostSearch(run, () => this.look());
    view.subscribe(() => this.seek());
    run.subscribe(() => this.lookSoon());
    this.seek();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Goes to the next hit, or the one before, round and round; shows it, and opens its details. */
  walk(step: 1 | -1): void {
    const { hits, at } = this.findings;
    if (hits.length === 0) return;
    const gone = this.walked?.place ?? 0;
    const to = at >= 0 ? at + step : step > 0 ? gone : gone - 1;
    const place = (to + hits.length) % hits.length;
    const hit = hits[place];
    if (!hit) return;
    this.walked = { key: keyOf(hit), place };
    this.findings = { ...this.findings, at: place };
    this.said = `${place + 1} of ${hits.length}: ${WHERE_WORDS[hit.where]} of ${nameOf(this.run.tree, hit.on)}, ${hit.excerpt}`;
    this.wanted = hit;
    this.show(hit);
    this.tell();
  }

  /** The hit that was walked to. */
  shown(): Hit | null {
    return this.wanted ?? this.findings.hits[this.findings.at] ?? null;
  }

  broughtIntoSight(): void {
    this.wanted = null;
  }

  private show({ on }: Hit): void {
    if (on.type !== 'phase') return this.view.reveal(on);
    const first = this.run.tree.phases.find(({ title }) => title === on.title)?.roots[0];
    if (first) this.view.reveal(first);
    this.view.select(on);
  }

  /** Looks at once for what is newly asked for. */
  private seek(): void {
    const { search, filter } = this.view.state;
    const text = search?.trim() ?? '';
    if (text === this.sought.text && filter === this.sought.filter) return;
    if (text !== this.sought.text) {
      this.walked = this.walked && { ...this.walked, place: 0 };
      this.wanted = null;
    }
    this.sought = { text, filter };
    this.unsaid = text !== '' || isFiltering(filter);
    this.host.look(text);
    this.look();
  }

  private lookSoon(): void {
    if (this.timer !== undefined || (this.sought.text === '' && this.found === null && !this.unsaid)) return;
    const { ended, took } = this.lastLook;
    const due = ended + Math.max(LOOK_MS, LOOK_TIMES * took);
    this.timer = setTimeout(() => this.look(), Math.max(0, due - performance.now()));
  }

  private look(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const began = performance.now();
    const { tree } = this.run;
    const { filter } = this.view.state;
    const through = filtered(tree, filter);
    const find = finderOf(this.sought.text);
    const { complete, more, problem, hits: told } = this.host.answer;
    const hits = find ? hitsOf(tree, find, told).filter(({ on }) => !through || through.lets(tree, on, filter)) : [];
    const at = this.walked ? hits.findIndex((hit) => keyOf(hit) === this.walked?.key) : -1;
    this.findings = find ? { hits, at, complete, more, problem } : NOTHING;
    // Where nothing is found yet, nothing is dimmed yet: most of what is looked for stands in what the host has.
    const pending = find !== null && hits.length === 0 && !complete;
    this.brighten(find && !pending ? brightWith(tree, hits, through) : through);
    this.sayResult(through);
    const ended = performance.now();
    this.lastLook = { ended, took: ended - began };
    this.tell();
  }

  private brighten(bright: Bright | null): void {
    if (bright === null ? this.bright === null : bright.equals(this.bright)) return;
    this.bright = bright;
    this.found = bright && ((ref) => bright.has(ref));
  }

  /** Once for what is sought, and not again as the run grows. */
  private sayResult(through: Bright | null): void {
    if (!this.unsaid || !this.findings.complete || !this.run.loaded) return;
    this.unsaid = false;
    const { hits, more } = this.findings;
    const { calls, counts } = this.run.tree;
    const agents = [...(through?.calls ?? [])].filter((id) => calls.get(id)?.info.kind === 'agent').length;
    const shown = through ? `The filter leaves ${agents} of ${plural(totalOf(counts), 'agent')}.` : '';
    const found =
      hits.length === 0 ? 'Nothing found.' : `Found in ${plural(hits.length, 'place')}${more ? ' and more' : ''}.`;
    this.said = [this.sought.text && found, shown].filter(Boolean).join(' ');
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
