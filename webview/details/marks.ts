import { type RefObject, useEffect } from 'react';
import { type Finder, finderOf } from '../../extension/protocol/text-search.ts';
import type { FindStore } from '../find/find-store.ts';
import { useFind } from '../find/found.ts';
import { type Hit, keyOf } from '../find/hits.ts';
import { type Selection, useView, useViewState } from '../view-state.ts';
import { bringIntoSight, rangesOf } from './ranges.ts';

/** Names of the highlights; `styles/find.css` gives them their looks. */
const FOUND = 'found';
const HERE = 'found-here';
/** What is shown is marked at most so often while it changes, in milliseconds. */
const PAUSE_MS = 100;
/** So long a hit is waited for: details come from the host, and what shows Markdown from a script. In milliseconds. */
const PATIENCE_MS = 5000;

/**
 * Marks every place in the details where the text stands that is looked for, and brings the hit that was walked to into
 * sight, once for each walk. By highlights of CSS: nothing of the page changes; where there are none, nothing is marked.
 */
export function useMarks(body: RefObject<HTMLElement | null>): void {
  const view = useView();
  const find = useFind();
  const text = useViewState((state) => state.search?.trim() ?? '');
  useEffect(() => {
    const finder = finderOf(text);
    if (!finder || !body.current || !('highlights' in CSS)) return;
    const marker = new Marker(body.current, finder, find, () => view.state.selected);
    return () => marker.stop();
  }, [text, body, find, view]);
}

class Marker {
  private readonly root: HTMLElement;
  private readonly finder: Finder;
  private readonly find: FindStore;
  private readonly selected: () => Selection | null;
  private readonly observer = new MutationObserver(() => this.soon());
  private readonly unsubscribe: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waited: { for: Hit | null; since: number } = { for: null, since: 0 };
  private marked: Hit | null = null;

  constructor(root: HTMLElement, finder: Finder, find: FindStore, selected: () => Selection | null) {
    this.root = root;
    this.finder = finder;
    this.find = find;
    this.selected = selected;
    this.observer.observe(root, { childList: true, characterData: true, subtree: true });
    this.unsubscribe = find.subscribe(() => {
      if (find.wanted || !isSame(this.hitHere(), this.marked)) this.soon();
    });
    for (const type of ACTIONS) root.addEventListener(type, this.letGo, { passive: true });
    this.soon(0);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.observer.disconnect();
    this.unsubscribe();
    for (const type of ACTIONS) this.root.removeEventListener(type, this.letGo);
    CSS.highlights.delete(FOUND);
    CSS.highlights.delete(HERE);
  }

  private soon(pause = PAUSE_MS): void {
    this.timer ??= setTimeout(() => this.mark(), pause);
  }

  private mark(): void {
    this.timer = undefined;
    const ranges = rangesOf(this.root, this.finder);
    const hit = this.hitHere();
    const first = hit && firstOf(ranges, this.root, hit);
    this.marked = hit;
    show(FOUND, 0, ranges);
    show(HERE, 1, first ? [first] : []);
    if (hit) this.bring(hit, first);
    else if (this.find.wanted) this.find.broughtIntoSight();
  }

  /** The hit that was walked to, where it is on what is shown here. */
  private hitHere(): Hit | null {
    const hit = this.find.shown();
    return hit && isOn(hit, this.selected()) ? hit : null;
  }

  private bring(hit: Hit, first: Range | null): void {
    if (this.find.wanted !== hit) return;
    if (this.waited.for !== hit) this.waited = { for: hit, since: performance.now() };
    const late = performance.now() - this.waited.since > PATIENCE_MS;
    if (first && !late) bringIntoSight(first, this.root);
    // A text that is not Markdown yet will have another height.
    const written = first?.startContainer.parentElement?.closest('.as-written.markdown');
    if (late || (first && !written)) this.find.broughtIntoSight();
  }

  /** Whoever moves the details wants to see something else. */
  private readonly letGo = (): void => {
    if (this.find.wanted && this.marked === this.find.wanted) this.find.broughtIntoSight();
  };
}

const ACTIONS = ['wheel', 'pointerdown', 'keydown'] as const;

function show(name: string, priority: number, ranges: Range[]): void {
  const highlight = new Highlight(...ranges);
  highlight.priority = priority;
  CSS.highlights.set(name, highlight);
}

function isSame(a: Hit | null, b: Hit | null): boolean {
  return a === b || (a !== null && b !== null && keyOf(a) === keyOf(b));
}

function isOn({ on }: Hit, selected: Selection | null): boolean {
  if (on.type !== selected?.type) return false;
  if (on.type === 'phase') return selected.type === 'phase' && on.title === selected.title;
  return selected.type === on.type && on.id === selected.id;
}

/** The first of what the hit is in; of what has no part of its own the first of all. */
function firstOf(ranges: Range[], root: HTMLElement, { where }: Hit): Range | null {
  const parts = [...root.querySelectorAll(`[data-part="${where}"]`)];
  const own = ranges.find(({ startContainer }) => parts.some((part) => part.contains(startContainer)));
  return own ?? (PARTS.has(where) ? null : (ranges[0] ?? null));
}

const PARTS: ReadonlySet<Hit['where']> = new Set(['prompt', 'answer', 'transcript']);
