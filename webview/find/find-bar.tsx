import { type KeyboardEvent, useEffect, useRef, useSyncExternalStore } from 'react';
import { finderOf } from '../../extension/protocol/text-search.ts';
import { line } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useStore } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';
import { isFiltering } from './filter.ts';
import { FilterChips } from './filter-chips.tsx';
import { FilterMenu } from './filter-menu.tsx';
import type { Findings } from './find-store.ts';
import { useFind } from './found.ts';
import type { Hit } from './hits.ts';
import { MOST_TEXT } from './host-search.ts';
import { useFindKeys } from './use-find-keys.ts';
import { nameOf, WHERE_WORDS } from './words.ts';

/** Search and filter, over whichever view is open. There is nothing of it while nothing is looked for. */
export function FindBar() {
  useFindKeys();
  const find = useFind();
  const said = useSyncExternalStore(find.subscribe, () => find.said);
  const open = useViewState((state) => state.search !== null);
  const filtering = useViewState((state) => isFiltering(state.filter));
  const floats = useViewState((state) => state.view === 'tree');
  return (
    <>
      <p className="unseen" role="status">
        {said}
      </p>
      {(open || filtering) && (
        <div className={`find-anchor${floats ? ' floats' : ''}`}>
          <search className="find" aria-label="Find and filter">
            {open && <SearchRow />}
            {filtering && (
              <div className="find-row">
                {!open && <FilterMenu />}
                <FilterChips />
              </div>
            )}
          </search>
        </div>
      )}
    </>
  );
}

function SearchRow() {
  const view = useView();
  const find = useFind();
  const text = useViewState((state) => state.search ?? '');
  const findings = useSyncExternalStore(find.subscribe, () => find.findings);
  const { input, leave } = useFocus();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') leave();
    else if (event.key === 'Enter' && event.target === input.current) find.walk(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const { hits, at, complete } = findings;
  const none = text.trim() !== '' && hits.length === 0 && complete;
  const shown = hits[at];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it hears the keys of the field and the buttons in it.
    <div className="find-search" onKeyDown={onKeyDown}>
      <div className="find-row">
        <label className={`find-field${none ? ' none' : ''}`}>
          <span className="unseen">Find</span>
          <input
            ref={input}
            type="text"
            placeholder="Find"
            spellCheck={false}
            autoComplete="off"
            maxLength={MOST_TEXT}
            value={text}
            onChange={(event) => view.change({ search: event.target.value })}
          />
        </label>
        <span className={`find-count${none ? ' none' : ''}`}>{text.trim() !== '' && countWords(findings)}</span>
        <Step
          label="Previous hit"
          keys="Shift+Enter"
          icon="arrow-up"
          off={hits.length === 0}
          go={() => find.walk(-1)}
        />
        <Step label="Next hit" keys="Enter" icon="arrow-down" off={hits.length === 0} go={() => find.walk(1)} />
        <FilterMenu />
        <Step label="Close the search" keys="Escape" icon="close" off={false} go={leave} />
      </div>
      {findings.problem !== null && (
        <p className="find-problem">
          <Icon name="warning" /> Only labels were searched: {line(findings.problem, 200)}
        </p>
      )}
      {shown && <ShownHit hit={shown} text={text} />}
    </div>
  );
}

/** The focus comes when the search is asked for, and goes back to where it was. */
function useFocus() {
  const view = useView();
  const asked = useSyncExternalStore(view.subscribe, () => view.searchAsked);
  const input = useRef<HTMLInputElement>(null);
  const before = useRef<HTMLElement | null>(null);
  useEffect(() => {
    if (!asked) return;
    view.searchAsked = false;
    const field = input.current;
    const focused = document.activeElement;
    if (!field?.closest('.find')?.contains(focused)) before.current = focused instanceof HTMLElement ? focused : null;
    field?.focus();
    field?.select();
  }, [asked, view]);
  const leave = () => {
    view.closeSearch();
    if (before.current?.isConnected) before.current.focus();
  };
  return { input, leave };
}

function countWords({ hits, at, complete, more }: Findings): string {
  if (hits.length === 0) return complete ? 'No results' : 'Looking…';
  const total = `${hits.length}${more ? '+' : ''}`;
  if (!complete) return `${total} so far`;
  return at < 0 ? `${total} found` : `${at + 1} of ${total}`;
}

interface StepProps {
  label: string;
  keys: string;
  icon: string;
  off: boolean;
  go(): void;
}

function Step({ label, keys, icon, off, go }: StepProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={`${label} (${keys})`}
      aria-disabled={off}
      onClick={go}
    >
      <Icon name={icon} />
    </button>
  );
}

/** Where the hit is that was walked to, with what stands around it. */
function ShownHit({ hit: { on, where, excerpt }, text }: { hit: Hit; text: string }) {
  const { tree } = useStore();
  const clean = line(excerpt, 400);
  const match = finderOf(text)?.(clean) ?? { index: 0, length: 0 };
  const end = match.index + match.length;
  return (
    <div className="find-hit">
      <p className="find-place">
        <span className="find-where">{WHERE_WORDS[where]}</span>
        <span className="find-name">{nameOf(tree, on)}</span>
      </p>
      <p className="find-excerpt">
        {clean.slice(0, match.index)}
        <mark>{clean.slice(match.index, end)}</mark>
        {clean.slice(end)}
      </p>
    </div>
  );
}
