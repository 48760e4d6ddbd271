// biome-ignore-all lint/a11y/useSemanticElements: a table cannot be drawn in part, or as one drawing.
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active cell.
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import {
  CALL_STATES,
  type CallNode,
  type CallState,
  type RunTree,
  totalOf,
} from '../../extension/protocol/run-tree.ts';
import { count, duration, elapsedOf, line, totalTokens } from '../format.ts';
import { Icon, StateIcon } from '../icon.tsx';
import { fullLabel, LOOKS, markOf } from '../states.ts';
import { agentMenu } from '../steer/native-menu.ts';
import { useNow, useStore, useTree } from '../store.ts';
import { doingOf } from '../tree/agent-box.tsx';
import { phaseOf } from '../tree/cells.ts';
import { useView, useViewState } from '../view-state.ts';
import { useWindow } from './use-window.ts';

const ROW_HEIGHT = 26;
const COLUMNS = ['State', 'Agent', 'Phase', 'Now', 'Elapsed', 'Tokens'];

/** All agents as one table: only the rows in sight exist, the arrows move, Enter opens. */
export function AgentList() {
  const tree = useTree();
  const [wanted, setWanted] = useState<CallState | null>(null);
  const [words, setWords] = useState('');
  const rows = rowsOf(tree, wanted, words);
  return (
    <div className="list">
      <div className="list-tools">
        <label className="field">
          <Icon name="search" />
          <input
            type="search"
            placeholder="Filter agents"
            aria-label="Filter agents"
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
        </label>
        {CALL_STATES.filter((state) => tree.counts[state] > 0).map((state) => (
          <button
            key={state}
            type="button"
            className={`chip is-${state}`}
            aria-pressed={wanted === state}
            onClick={() => setWanted(wanted === state ? null : state)}
          >
            <Icon name={LOOKS[state].icon} /> {LOOKS[state].word} <b>{tree.counts[state]}</b>
          </button>
        ))}
        <span className="quiet" role="status">
          {rows.length} of {totalOf(tree.counts)}
        </span>
      </div>
      <Table tree={tree} rows={rows} />
    </div>
  );
}

function rowsOf(tree: RunTree, wanted: CallState | null, words: string): CallNode[] {
  const needle = words.trim().toLowerCase();
  const rows: CallNode[] = [];
  for (const call of tree.calls.values()) {
    if (call.info.kind !== 'agent' || (wanted && call.state !== wanted)) continue;
    if (needle && !`${fullLabel(tree, call)} ${phaseOf(call.info)} ${doingOf(call)}`.toLowerCase().includes(needle))
      continue;
    rows.push(call);
  }
  return rows;
}

function Table({ tree, rows }: { tree: RunTree; rows: CallNode[] }) {
  const view = useView();
  const { runId } = useStore();
  const now = useNow();
  const selected = useViewState((state) => (state.selected?.type === 'call' ? state.selected.id : null));
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last } = useWindow(scroller, rows.length, ROW_HEIGHT);
  const [active, setActive] = useState(0);
  const index = Math.min(active, Math.max(0, rows.length - 1));
  const seen = useMemo(() => rows.slice(first, last), [rows, first, last]);
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    scrollTo(scroller.current, next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + 15,
      PageUp: index - 15,
      Home: 0,
      End: rows.length - 1,
    };
    const next = steps[event.key];
    const row = rows[index];
    if (next !== undefined) move(next);
    else if (event.key === 'Enter' && row) view.select({ type: 'call', id: row.info.id });
    else return;
    event.preventDefault();
  };
  return (
    <div
      className="table"
      role="grid"
      aria-label="Agents"
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      ref={scroller}
      onKeyDown={onKeyDown}
      aria-activedescendant={rows[index] && index >= first && index < last ? `row-${rows[index].info.id}` : undefined}
    >
      <div role="row" className="table-row table-head" aria-rowindex={1}>
        {COLUMNS.map((title) => (
          <span key={title} role="columnheader">
            {title}
          </span>
        ))}
      </div>
      <div role="rowgroup" className="table-body" style={{ height: rows.length * ROW_HEIGHT }}>
        {seen.map((call, offset) => {
          const at = first + offset;
          const elapsed = elapsedOf(call, now);
          const tokens = totalTokens(call.usage);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it takes the keys.
            <div
              key={call.info.id}
              id={`row-${call.info.id}`}
              role="row"
              tabIndex={-1}
              aria-rowindex={at + 2}
              aria-selected={call.info.id === selected}
              className={`table-row${at === index ? ' active' : ''}${call.info.id === selected ? ' selected' : ''}`}
              style={{ top: at * ROW_HEIGHT }}
              {...agentMenu(runId, call)}
              onClick={() => {
                setActive(at);
                view.select({ type: 'call', id: call.info.id });
              }}
            >
              <span role="gridcell" className="cell-state">
                <StateIcon state={call.state} word="" />
                {LOOKS[call.state].word}
              </span>
              <span role="gridcell" title={fullLabel(tree, call)}>
                {fullLabel(tree, call)}
              </span>
              <span role="gridcell">{line(phaseOf(call.info), 40)}</span>
              <span role="gridcell" title={nowOf(call)}>
                {nowOf(call)}
              </span>
              <span role="gridcell" className="number">
                {elapsed === null ? '' : duration(elapsed)}
              </span>
              <span role="gridcell" className="number">
                {tokens > 0 ? count(tokens) : ''}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function nowOf(call: CallNode): string {
  return call.settled?.vote ? markOf(call).word : call.state === 'succeeded' ? '' : doingOf(call);
}

function scrollTo(scroller: HTMLElement | null, row: number): void {
  if (!scroller) return;
  const top = row * ROW_HEIGHT;
  const room = scroller.clientHeight - ROW_HEIGHT * 2;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
}
