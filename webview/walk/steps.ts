import { keyOf, RUN, type WalkItem, type WalkTree } from './items.ts';

/** Keys of the items whose children are shown. */
export type Open = ReadonlySet<string>;

/** One line as a tree item says it. Levels and places count from 1. */
export interface WalkRow {
  item: WalkItem;
  key: string;
  level: number;
  place: number;
  of: number;
  /** Undefined where there is nothing inside. */
  expanded: boolean | undefined;
}

export interface Walked {
  item: WalkItem;
  open: Open;
}

/** Lines that one page key goes. */
const PAGE = 10;

/** Where a key of a tree leads, by the ARIA practices for trees; null for every other key. */
export function afterKey(walk: WalkTree, { item, open }: Walked, key: string): Walked | null {
  switch (key) {
    case 'ArrowDown':
      return { item: itemAfter(walk, open, item) ?? item, open };
    case 'ArrowUp':
      return { item: itemBefore(walk, open, item) ?? item, open };
    case 'PageDown':
      return { item: repeat(item, (at) => itemAfter(walk, open, at)), open };
    case 'PageUp':
      return { item: repeat(item, (at) => itemBefore(walk, open, at)), open };
    case 'Home':
      return { item: RUN, open };
    case 'End':
      return { item: lastIn(walk, open, RUN), open };
    case 'ArrowRight':
      return inwards(walk, item, open);
    case 'ArrowLeft':
      return outwards(walk, item, open);
    default:
      return null;
  }
}

function repeat(from: WalkItem, step: (at: WalkItem) => WalkItem | null): WalkItem {
  let at = from;
  for (let steps = 0; steps < PAGE; steps++) at = step(at) ?? at;
  return at;
}

/** Opens what is closed; goes into what is open. */
function inwards(walk: WalkTree, item: WalkItem, open: Open): Walked {
  const [first] = walk.childrenOf(item);
  if (!first) return { item, open };
  return open.has(keyOf(item)) ? { item: first, open } : { item, open: new Set(open).add(keyOf(item)) };
}

/** Closes what is open; else goes to what is around. */
function outwards(walk: WalkTree, item: WalkItem, open: Open): Walked {
  if (!isOpen(walk, open, item)) return { item: walk.parentOf(item) ?? item, open };
  const closed = new Set(open);
  closed.delete(keyOf(item));
  return { item, open: closed };
}

function isOpen(walk: WalkTree, open: Open, item: WalkItem): boolean {
  return open.has(keyOf(item)) && walk.childrenOf(item).length > 0;
}

export function itemAfter(walk: WalkTree, open: Open, item: WalkItem): WalkItem | null {
  const [first] = isOpen(walk, open, item) ? walk.childrenOf(item) : [];
  if (first) return first;
  for (let at: WalkItem | null = item; at; at = walk.parentOf(at)) {
    const next = walk.siblingsOf(at)[walk.placeOf(at) + 1];
    if (next) return next;
  }
  return null;
}

function itemBefore(walk: WalkTree, open: Open, item: WalkItem): WalkItem | null {
  const before = walk.siblingsOf(item)[walk.placeOf(item) - 1];
  return before ? lastIn(walk, open, before) : walk.parentOf(item);
}

function lastIn(walk: WalkTree, open: Open, item: WalkItem): WalkItem {
  let at = item;
  while (isOpen(walk, open, at)) at = walk.childrenOf(at).at(-1)!;
  return at;
}

/** All that is around an item opened, so that it can be come to. */
export function openTo(walk: WalkTree, open: Open, item: WalkItem): Open {
  const path = walk.pathTo(item).map(keyOf);
  return path.every((key) => open.has(key)) ? open : new Set([...open, ...path]);
}

/** The item itself, or of what was around it the innermost that is still there. */
export function nearest(walk: WalkTree, item: WalkItem): WalkItem {
  for (let at: WalkItem | null = item; at; at = walk.parentOf(at)) if (walk.has(at)) return at;
  return RUN;
}

/** The next line, round and round, in whose label a word begins so. */
export function itemNamed(
  walk: WalkTree,
  { item, open }: Walked,
  typed: string,
  labelOf: (item: WalkItem) => string,
): WalkItem | null {
  const wanted = typed.toLowerCase();
  const begins = (at: WalkItem) => {
    const label = labelOf(at).toLowerCase();
    return label.startsWith(wanted) || label.split(/[\s·/:.,_-]+/).some((word) => word.startsWith(wanted));
  };
  // The second letter of a word may belong to where the first one led.
  if (typed.length > 1 && begins(item)) return item;
  const start = keyOf(item);
  let at = itemAfter(walk, open, item) ?? RUN;
  while (keyOf(at) !== start) {
    if (begins(at)) return at;
    at = itemAfter(walk, open, at) ?? RUN;
  }
  return null;
}

/** The lines around one, `reach` on either side, and whatever holds it: of a thousand siblings only these exist. */
export function rowsAround(walk: WalkTree, { item, open }: Walked, reach: number): WalkRow[] {
  const items = [item];
  for (let at = itemBefore(walk, open, item); at && items.length <= reach; at = itemBefore(walk, open, at))
    items.unshift(at);
  const shown = new Set(items.map(keyOf));
  items.unshift(...walk.pathTo(items[0]!).filter((around) => !shown.has(keyOf(around))));
  for (let at = itemAfter(walk, open, item), left = reach; at && left > 0; at = itemAfter(walk, open, at), left--)
    items.push(at);
  return items.map((each) => rowOf(walk, open, each));
}

function rowOf(walk: WalkTree, open: Open, item: WalkItem): WalkRow {
  const inside = walk.childrenOf(item).length > 0;
  return {
    item,
    key: keyOf(item),
    level: walk.pathTo(item).length + 1,
    place: walk.placeOf(item) + 1,
    of: walk.siblingsOf(item).length,
    expanded: inside ? open.has(keyOf(item)) : undefined,
  };
}
