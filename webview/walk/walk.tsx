// biome-ignore-all lint/a11y/useSemanticElements: no element of HTML is a tree.
import { Fragment, type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { StateIcon } from '../icon.tsx';
import { isOpenQuestion } from '../states.ts';
import { agentMenu, checkpointMenu, runMenu } from '../steer/native-menu.ts';
import { type RunStore, useClock, useStore } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';
import { focusSide } from './focus.ts';
import { keyOf, RUN, selectionOf, type WalkItem, WalkTree } from './items.ts';
import { labelOf, nameOf, stateOf, stateWordsOf } from './names.ts';
import { afterKey, itemNamed, nearest, openTo, rowsAround, type Walked, type WalkRow } from './steps.ts';
import { usePulse } from './use-pulse.ts';

/** Lines on either side of the present one that exist; a screen reader that reads on moves the window with it. */
const REACH = 20;
/** Milliseconds: letters typed within it belong together. */
const TYPING = 800;
/** Milliseconds between two looks at the run, while the keys are in it and while nobody walks. */
const MINUTE = 60_000;
const PULSE = { inside: 1000, outside: 5000 };

/**
 * The run as a tree for keys and screen readers, beside the picture: arrows walk it, letters find, Enter opens the
 * details. It is not to be seen; the picture shows where it is, and a line at its foot says so.
 */
export function Walk() {
  const store = useStore();
  const [inside, setInside] = useState(false);
  const pulse = usePulse(inside ? PULSE.inside : PULSE.outside);
  // Of agents that tell nothing it is said how long, also while nothing else happens.
  const minute = useClock((now) => Math.floor(now / MINUTE));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tree changes in place; a pulse says when to look again.
  const walk = useMemo(() => new WalkTree(store.tree, store.now()), [store.tree, pulse, minute, inside]);
  const [walked, setWalked] = useWalked(walk, inside);
  const root = useRef<HTMLDivElement>(null);
  useCursor(walked.item, inside);
  useLayoutEffect(() => {
    const active = document.activeElement;
    // What had the focus may be gone with its agent: then it is where the tree now is.
    if (!inside || (active !== document.body && !root.current?.contains(active))) return;
    root.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  });
  const onKeyDown = useWalkKeys(walk, walked, setWalked);
  const leave = () =>
    setTimeout(() => {
      if (!root.current?.contains(document.activeElement)) setInside(false);
    }, 0);
  return (
    <div className="walk">
      <div
        className="walk-tree"
        role="tree"
        aria-label="The run, line by line"
        ref={root}
        onKeyDown={onKeyDown}
        onFocus={() => setInside(true)}
        onBlur={leave}
        {...runMenu(store.runId)}
      >
        {rowsAround(walk, walked, REACH).map((row) => (
          <Line
            key={row.key}
            row={row}
            walk={walk}
            current={row.key === keyOf(walked.item)}
            goTo={() => setWalked({ ...walked, item: row.item })}
          />
        ))}
      </div>
      {inside && <Crumbs walk={walk} item={walked.item} />}
    </div>
  );
}

/** Where the walk is: on what is there, with all that is around it open. A selection made elsewhere moves it. */
function useWalked(walk: WalkTree, inside: boolean): [Walked, (walked: Walked) => void] {
  const view = useView();
  const selected = useViewState((state) => state.selected);
  const [walked, setWalked] = useState<Walked>({ item: view.state.selected ?? RUN, open: new Set([keyOf(RUN)]) });
  const mayFollow = useRef(inside);
  mayFollow.current = !inside;
  useEffect(() => {
    if (selected && mayFollow.current) setWalked(({ open }) => ({ item: selected, open }));
  }, [selected]);
  const item = nearest(walk, walked.item);
  return [{ item, open: openTo(walk, walked.open, item) }, setWalked];
}

/** The picture shows the cursor while the keys are in the walk. */
function useCursor(item: WalkItem, inside: boolean): void {
  const view = useView();
  const key = keyOf(item);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the item.
  useEffect(() => {
    if (inside) view.moveCursor(selectionOf(item));
  }, [key, inside, view]);
  useEffect(() => {
    if (inside) return () => view.moveCursor(null);
  }, [inside, view]);
}

function useWalkKeys(walk: WalkTree, walked: Walked, setWalked: (walked: Walked) => void) {
  const view = useView();
  const typed = useRef({ text: '', at: -TYPING });
  const type = (event: KeyboardEvent): Walked | null => {
    const { text, at } = typed.current;
    const goesOn = event.timeStamp - at < TYPING;
    // A letter that does something does it, unless a word is being typed.
    if (event.key.length !== 1 || event.key === ' ' || event.key === '?' || (!goesOn && isCommand(event.key)))
      return null;
    typed.current = { text: goesOn ? text + event.key : event.key, at: event.timeStamp };
    const item = itemNamed(walk, walked, typed.current.text, (each) => labelOf(walk, each));
    return item ? { item, open: walked.open } : walked;
  };
  return (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const stepped = afterKey(walk, walked, event.key);
    const opens = event.key === 'Enter' || event.key === ' ';
    // Whoever goes on by another key has come to the end of the word.
    if (stepped || opens) typed.current.at = -TYPING;
    if (opens) {
      const { item } = walked;
      const asks = item.type === 'call' && (walk.tree.calls.get(item.id)?.asks.length ?? 0) > 0;
      if (asks) view.decide(item.id);
      else {
        view.select(selectionOf(item));
        focusSide();
      }
    } else {
      const next = stepped ?? type(event);
      if (!next) return;
      setWalked(next);
    }
    event.preventDefault();
    event.stopPropagation();
  };
}

/** Letters with a meaning of their own; they begin no search. */
function isCommand(key: string): boolean {
  return /^[rsxmf]$/i.test(key);
}

function Line({ row, walk, current, goTo }: { row: WalkRow; walk: WalkTree; current: boolean; goTo: () => void }) {
  const { runId } = useStore();
  return (
    <div
      role="treeitem"
      aria-level={row.level}
      aria-posinset={row.place}
      aria-setsize={row.of}
      aria-expanded={row.expanded}
      aria-selected={current}
      tabIndex={current ? 0 : -1}
      onFocus={current ? undefined : goTo}
      {...menuOf(walk, runId, row.item)}
    >
      {nameOf(walk, row.item)}
    </div>
  );
}

function menuOf({ tree }: WalkTree, runId: RunStore['runId'], item: WalkItem) {
  const call = item.type === 'call' ? tree.calls.get(item.id) : undefined;
  if (call?.info.kind === 'agent') return agentMenu(runId, call);
  return call && isOpenQuestion(tree, call) ? checkpointMenu(runId, call) : undefined;
}

/** Where the keys are, for those who see: the same words are the tree's own. */
function Crumbs({ walk, item }: { walk: WalkTree; item: WalkItem }) {
  const path = [...walk.pathTo(item).slice(1), item];
  return (
    <div className="walk-line" aria-hidden="true">
      <span className="walk-path">
        {path.map((each, index) => (
          <Fragment key={keyOf(each)}>
            {index > 0 && <span className="quiet"> › </span>}
            <bdi className={each === item ? 'walk-here' : 'quiet'}>{labelOf(walk, each)}</bdi>
          </Fragment>
        ))}
      </span>
      <span className="walk-state">
        <StateIcon state={stateOf(walk, item)} word="" /> {stateWordsOf(walk, item)}
      </span>
      <span className="walk-hint quiet">Enter opens · ? shows the keys</span>
    </div>
  );
}
