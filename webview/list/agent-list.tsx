import { useMemo, useState } from 'react';
import { type Filter, isFiltering, toggled } from '../find/filter.ts';
import { useFound } from '../find/found.ts';
import { plural } from '../format.ts';
import { Icon } from '../icon.tsx';
import { LOOKS } from '../states.ts';
import { useNow, useTree } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';
import { NothingLeft, NothingYet } from './nothing.tsx';
import { countStates, rowsOf, type Sorting, STATE_ORDER, stampOf } from './rows.ts';
import { Table } from './table.tsx';

/** All agents, questions and tool calls as one table, as far as the filter lets them through. */
export function AgentList() {
  const tree = useTree();
  const filter = useViewState((state) => state.filter);
  const found = useFound();
  const [sorting, setSorting] = useState<Sorting>(null);
  const now = useNow();
  const stamp = stampOf(tree, filter, sorting, now);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp says all of the tree that the rows depend on.
  const rows = useMemo(() => rowsOf(tree, filter, sorting, now), [tree, filter, sorting, stamp]);
  const counts = useMemo(() => countStates(tree, filter), [tree, tree.lastSeq, tree.status, filter]);
  if (counts.total === 0) return <NothingYet over={tree.endedAt !== null} />;
  return (
    <div className="list">
      <div className="list-tools">
        <Chips byState={counts.byState} filter={filter} />
        <span className="quiet" role="status">
          {rows.length === counts.total ? plural(counts.total, 'row') : `${rows.length} of ${counts.total}`}
        </span>
      </div>
      <div className="list-frame">
        <Table rows={rows} found={found} sorting={sorting} sort={setSorting} now={now} />
        {rows.length === 0 && isFiltering(filter) && <NothingLeft />}
      </div>
    </div>
  );
}

/** The states that there are, with how many rows of each; those that are chosen alone are shown. */
function Chips({ byState, filter }: { byState: ReturnType<typeof countStates>['byState']; filter: Filter }) {
  const view = useView();
  const shown = STATE_ORDER.filter((state) => byState.has(state) || filter.states.includes(state));
  return shown.map((state) => (
    <button
      key={state}
      type="button"
      className={`chip is-${state}`}
      aria-pressed={filter.states.includes(state)}
      onClick={() => view.change({ filter: toggled(filter, 'states', state) })}
    >
      <Icon name={LOOKS[state].icon} /> {LOOKS[state].word} <b>{byState.get(state) ?? 0}</b>
    </button>
  ));
}
