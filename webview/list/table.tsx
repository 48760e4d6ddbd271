// biome-ignore-all lint/a11y/useSemanticElements: a table cannot be drawn in part.
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active row.
import { type KeyboardEvent, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { NodeRef, RunTree } from '../../extension/protocol/run-tree.ts';
import { Icon } from '../icon.tsx';
import { useStore, useTree } from '../store.ts';
import { lightOf } from '../tree/light.ts';
import { useView, useViewState } from '../view-state.ts';
import { ROW_HEIGHT, Row } from './row.tsx';
import type { ColumnName, Sorting } from './rows.ts';
import { useWindow } from './use-window.ts';

interface Props {
  /** Ids of calls, in order. */
  rows: number[];
  /** What stays bright of them; null: all. */
  found: ((ref: NodeRef) => boolean) | null;
  sorting: Sorting;
  sort(sorting: Sorting): void;
  now: number;
}

/** In which order they are shown; the stylesheet drops those that there is no room for. */
const COLUMNS: { name: ColumnName; title: string; number?: boolean }[] = [
  { name: 'state', title: 'State' },
  { name: 'name', title: 'Agent' },
  { name: 'phase', title: 'Phase' },
  { name: 'now', title: 'Now' },
  { name: 'model', title: 'Model' },
  { name: 'elapsed', title: 'Elapsed', number: true },
  { name: 'tokens', title: 'Tokens', number: true },
  { name: 'cost', title: 'Cost', number: true },
];
const PAGE = 15;

/** Only the rows in sight exist; the arrows move, Enter opens. */
export function Table({ rows, found, sorting, sort, now }: Props) {
  const tree = useTree();
  const { runId } = useStore();
  const view = useView();
  const selected = useViewState((state) => (state.selected?.type === 'call' ? state.selected.id : null));
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last } = useWindow(scroller, rows.length, ROW_HEIGHT);
  const [active, setActive] = useState<number | null>(null);
  const index = Math.max(0, active === null ? 0 : rows.indexOf(active));
  const open = (id: number) => {
    setActive(id);
    view.select({ type: 'call', id });
  };
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(rows[next] ?? null);
    scrollTo(scroller.current, next);
  };
  useWanted(tree, rows, move);
  const onKeyDown = (event: KeyboardEvent) => {
    // The buttons of the head have keys of their own.
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = stepsFrom(index, rows.length)[event.key];
    const row = rows[index];
    if (next !== undefined) move(next);
    else if ((event.key === 'Enter' || event.key === ' ') && row !== undefined) open(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const inSight = index >= first && index < last && rows[index] !== undefined;
  return (
    <div
      className="table"
      role="grid"
      aria-label="Agents, questions and tool calls"
      aria-rowcount={rows.length + 1}
      aria-colcount={COLUMNS.length}
      tabIndex={0}
      ref={scroller}
      onKeyDown={onKeyDown}
      aria-activedescendant={inSight ? `row-${rows[index]}` : undefined}
    >
      <Head sorting={sorting} sort={sort} />
      <div role="rowgroup" className="table-body" style={{ height: rows.length * ROW_HEIGHT }}>
        {rows.slice(first, last).map((id, offset) => {
          const call = tree.calls.get(id);
          if (!call) return null;
          const moving = call.endedAt === null && call.state !== 'waiting';
          return (
            <Row
              key={id}
              call={call}
              tree={tree}
              status={tree.status}
              runId={runId}
              at={first + offset}
              active={first + offset === index}
              selected={id === selected}
              dim={found !== null && !found({ type: 'call', id })}
              now={moving ? now : 0}
              open={open}
            />
          );
        })}
      </div>
    </div>
  );
}

function Head({ sorting, sort }: Pick<Props, 'sorting' | 'sort'>) {
  return (
    <div role="row" className="table-row table-head" aria-rowindex={1}>
      {COLUMNS.map(({ name, title, number = false }, index) => {
        const own = sorting?.by === name ? sorting : null;
        return (
          <span
            key={name}
            role="columnheader"
            className={`cell-${name}`}
            aria-colindex={index + 1}
            aria-sort={own ? (own.down ? 'descending' : 'ascending') : undefined}
          >
            <button
              type="button"
              title={`Sort by ${title.toLowerCase()}`}
              onClick={() => sort(nextSorting(own, name, number))}
            >
              {title}
              {own && <Icon name={own.down ? 'arrow-down' : 'arrow-up'} />}
            </button>
          </span>
        );
      })}
    </div>
  );
}

/** One way, the other way, and then in the order of issue again; of numbers the largest come first. */
export function nextSorting(own: Sorting, by: ColumnName, number: boolean): Sorting {
  if (!own) return { by, down: number };
  return own.down === number ? { by, down: !number } : null;
}

function stepsFrom(index: number, rows: number): Record<string, number> {
  return {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + PAGE,
    PageUp: index - PAGE,
    Home: 0,
    End: rows - 1,
  };
}

/** Goes to what somebody asked to see, once for each time. */
function useWanted(tree: RunTree, rows: number[], move: (to: number) => void): void {
  const view = useView();
  const wanted = useSyncExternalStore(view.subscribe, () => view.wanted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes there once for each time something is wanted.
  useEffect(() => {
    if (wanted === null) return;
    view.broughtIntoView();
    const calls = wanted.ref.type === 'call' ? new Set([wanted.ref.id]) : lightOf(tree, wanted.ref)?.calls;
    const at = rows.findIndex((id) => calls?.has(id));
    if (at >= 0) move(at);
  }, [wanted]);
}

function scrollTo(scroller: HTMLElement | null, row: number): void {
  if (!scroller) return;
  const top = row * ROW_HEIGHT;
  const room = scroller.clientHeight - ROW_HEIGHT * 2;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
}
