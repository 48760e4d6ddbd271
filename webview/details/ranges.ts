import type { Finder } from '../../extension/protocol/text-search.ts';

/** More places than these are not marked. */
const MOST = 2000;
/** What a text does not go beyond: within it, pieces in different colours are one text. */
const BLOCKS =
  'p, li, pre, td, th, dt, dd, h1, h2, h3, h4, h5, h6, div, section, blockquote, summary > *, .vote-reason, button:not(.markdown *)';
/** Our own words, and what nobody sees. */
const PASSED_OVER = '.side-section-head, .side-facts, .tool-head, .tool h4, .unseen, [aria-hidden="true"]';

/** Every place in what an element shows where something stands that is looked for, in order, also in what is folded. */
export function rangesOf(root: HTMLElement, find: Finder): Range[] {
  const ranges: Range[] = [];
  for (const block of blocksIn(root)) {
    rangesIn(block, find, ranges);
    if (ranges.length >= MOST) break;
  }
  return ranges;
}

/** The texts of each block, which may be many: code has one for each colour. */
function blocksIn(root: HTMLElement): Text[][] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) => {
    if (node instanceof Text) return NodeFilter.FILTER_ACCEPT;
    return (node as Element).matches(PASSED_OVER) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
  });
  const blocks: Text[][] = [];
  let last: Element | null | undefined;
  for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
    const block = node.parentElement?.closest(BLOCKS);
    if (block !== last) blocks.push([]);
    blocks.at(-1)?.push(node);
    last = block;
  }
  return blocks;
}

function rangesIn(texts: Text[], find: Finder, ranges: Range[]): void {
  const whole = texts.map(({ data }) => data).join('');
  const place = placesIn(texts);
  for (let from = 0; ranges.length < MOST; ) {
    const match = find(whole.slice(from));
    if (!match) return;
    const range = document.createRange();
    range.setStart(...place(from + match.index));
    from += match.index + match.length;
    range.setEnd(...place(from, true));
    ranges.push(range);
  }
}

/** Leads from a place in all of the texts to the one it is in; asked for ever later places. An end belongs to the text before it. */
function placesIn(texts: Text[]): (place: number, isEnd?: boolean) => [Text, number] {
  let index = 0;
  let before = 0;
  return (place, isEnd = false) => {
    for (let text = texts[index]!; place - before >= text.length + Number(isEnd); text = texts[index]!) {
      if (index === texts.length - 1) break;
      before += text.length;
      index += 1;
    }
    return [texts[index]!, place - before];
  };
}

/** Unfolds what a place is in, and scrolls everything around it, up to `root`, until it can be seen. */
export function bringIntoSight(range: Range, root: HTMLElement): void {
  const around: Element[] = [];
  for (let at = range.startContainer.parentElement; at && root.contains(at); at = at.parentElement) around.push(at);
  for (const each of around) if (each instanceof HTMLDetailsElement) each.open = true;
  for (const each of around) scrollTo(range.getBoundingClientRect(), each);
}

/** Where it is out of sight it comes to a third from the top, so that what leads to it is seen, too. */
function scrollTo(place: DOMRect, scroller: Element): void {
  const box = scroller.getBoundingClientRect();
  if (scroller.scrollHeight > scroller.clientHeight && (place.top < box.top || place.bottom > box.bottom))
    scroller.scrollTop += place.top - box.top - scroller.clientHeight / 3;
  if (scroller.scrollWidth > scroller.clientWidth && (place.left < box.left || place.right > box.right))
    scroller.scrollLeft += place.left - box.left - scroller.clientWidth / 3;
}
