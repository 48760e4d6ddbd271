import { useMemo } from 'react';
import { type GroupNode, type NodeRef, totalOf } from '../../extension/protocol/run-tree.ts';
import { costText, line, plural, usageText } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useGroup, useItems, usePlanned, useRun } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';
import { countCells, useCells, useSpent } from './box-cells.ts';
import type { Cell } from './cells.ts';
import { type Grid, MATRIX_ROW } from './grid.ts';
import type { Box, BoxItem } from './layout.ts';
import { groupsIn } from './sections.ts';
import { SquareGrid } from './square-grid.tsx';
import { countsInWords, StateBar } from './state-bar.tsx';

type Lit = ((ref: NodeRef) => boolean) | undefined;
type Item<K extends BoxItem['kind']> = Extract<BoxItem, { kind: K }>;

interface GridProps<K extends BoxItem['kind']> {
  box: Box;
  item: Item<K>;
  lit: Lit;
}

/** A `parallel`, or a `pipeline` too long for a matrix: a square an agent, or a card, where a person wants to read them. */
export function WaffleBox({ box, item, lit }: GridProps<'waffle'>) {
  const group = useGroup(item.group);
  const cells = useCells(box);
  const grid = useFitted(item.grid, cells.length);
  if (!group) return null;
  return (
    <Panel
      group={item.round ?? item.group}
      title={<GroupTitle group={group} round={item.round} agents={ownAgents(cells)} />}
      action={<UnfoldButton item={item} name={line(group.info.label || group.info.kind, 60)} />}
    >
      {!item.open && (
        <SquareGrid
          cells={cells}
          grid={grid}
          label={`${plural(cells.length, 'agent')}, arrows move, Enter opens`}
          lit={lit}
        />
      )}
    </Panel>
  );
}

function UnfoldButton({ item, name }: { item: Item<'waffle'>; name: string }) {
  const view = useView();
  return (
    <button
      type="button"
      className="icon-button panel-unfold"
      aria-expanded={item.open}
      aria-label={`Agents of ${name} as cards`}
      title={item.open ? 'Fold into squares' : 'Unfold into cards'}
      onClick={() => view.toggleFold(item.key)}
    >
      <Icon name={item.open ? 'chevron-down' : 'chevron-right'} />
    </button>
  );
}

/** What to say of a group that has not closed: of a run that is over, that it never will; of one that is planned, nothing. */
function useOpenWord(): (group: GroupNode) => string {
  const live = useRun((store) => store.status() === 'running');
  const planned = usePlanned();
  return (group) => (group.closedAt !== null || planned ? '' : live ? 'at work' : 'not finished');
}

function ownAgents(cells: readonly Cell[]): number {
  return cells.filter((cell) => cell.ref !== null).length;
}

/** A short `pipeline`: a row an item, a column a stage. */
export function MatrixBox({ box, item, lit }: GridProps<'matrix'>) {
  const group = useGroup(item.group);
  const cells = useCells(box);
  const stages = item.grid.columns;
  if (!group) return null;
  const rows = Array.from({ length: cells.length / stages }, (_, row) =>
    line(group.info.labels[row] ?? `item ${row + 1}`, 48),
  );
  return (
    <Panel group={item.round ?? item.group} title={<GroupTitle group={group} round={item.round} agents={null} />}>
      <div className="matrix">
        <div className="matrix-labels" style={{ width: item.labelWidth - 10 }} aria-hidden="true">
          {rows.map((label, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its item's place.
            <span key={row} style={{ height: MATRIX_ROW }} title={label}>
              {label}
            </span>
          ))}
        </div>
        <SquareGrid
          cells={cells}
          grid={item.grid}
          label={`${plural(rows.length, 'item')} by ${plural(stages, 'stage')}, arrows move, Enter opens`}
          lit={lit}
        />
      </div>
    </Panel>
  );
}

function GroupTitle({ group, round, agents }: { group: GroupNode; round: number | null; agents: number | null }) {
  const planned = usePlanned();
  const openWord = useOpenWord();
  const outer = useGroup(round ?? group.info.id) ?? group;
  const fresh = outer.change.fresh;
  const done = outer.counts.succeeded + outer.counts.reused;
  const name =
    round === null ? group.info.label || group.info.kind : outer.info.label || `round ${(outer.info.slot[0] ?? 0) + 1}`;
  const size =
    agents === null
      ? round === null
        ? `${group.info.size} × ${plural(group.info.stages, 'stage')}`
        : plural(group.info.size, 'item')
      : plural(agents, 'agent');
  const words =
    fresh !== undefined
      ? `${fresh} new`
      : round === null
        ? planned
          ? ''
          : `${done} of ${totalOf(outer.counts)}`
        : openWord(outer);
  return (
    <>
      <b>{line(name, 60)}</b>
      <span className="panel-size">{size}</span>
      <span className="panel-fact">{words}</span>
    </>
  );
}

/** What each round of a `converge` brought, and how much is thought to be still unfound. */
export function ConvergeBox({ item }: { item: Item<'converge'> }) {
  const openWord = useOpenWord();
  const planned = usePlanned();
  const group = useGroup(item.group);
  const rounds = useItems(({ tree }) =>
    groupsIn(tree, tree.groups.get(item.group)?.children ?? []).filter((child) => child.info.kind === 'round'),
  );
  if (!group) return null;
  const most = Math.max(1, ...rounds.map((round) => round.change.fresh ?? 0));
  return (
    <Panel
      group={item.group}
      className="converge"
      title={
        <>
          <b>{line(group.info.label, 60) || 'converge'}</b>
          <span className="panel-fact" title={estimateWords(group)}>
            {estimateWords(group)}
          </span>
        </>
      }
    >
      <div className="rounds">
        {rounds.map((round, index) => (
          <span key={round.info.id} className="round">
            <span className="round-name">{line(round.info.label, 30) || `round ${index + 1}`}</span>
            {round.change.fresh === undefined ? (
              <span className="round-words">
                {planned ? plural(totalOf(round.counts), 'agent') : openWord(round) || 'brought nothing'}
              </span>
            ) : (
              <>
                {round.change.fresh > 0 && (
                  <span className="round-bar" style={{ width: `${Math.round((round.change.fresh / most) * 50)}%` }} />
                )}
                <span className="round-words">
                  {round.change.fresh === 0 ? 'nothing new' : `+${round.change.fresh}`}
                </span>
              </>
            )}
          </span>
        ))}
      </div>
    </Panel>
  );
}

/** `≈ 94 % found (88–98)`, from an estimate of how many there are in all. */
export function estimateWords(group: GroupNode): string {
  const { estimate, total } = group.change;
  if (!estimate || estimate.total <= 0) return total === undefined ? '' : `${total} found`;
  const percent = (all: number) => Math.min(100, Math.round((estimate.found / Math.max(all, 1)) * 100));
  return `≈ ${percent(estimate.total)} % found (${percent(estimate.high)}–${percent(estimate.low)})`;
}

/** The claims or agents that have no card: how they stand, what they took and their squares, under a button that gives them one. */
export function FoldBox({ box, item, lit }: GridProps<'fold'>) {
  const view = useView();
  const cells = useCells(box);
  const grid = useFitted(item.grid, cells.length);
  const counts = useMemo(() => countCells(cells), [cells]);
  const usage = useSpent(box);
  const words = [countsInWords(counts), usageText(usage)].filter(Boolean).join(' · ');
  return (
    <div className="panel fold">
      <button
        type="button"
        className="panel-head"
        aria-expanded={item.open}
        title={words || undefined}
        onClick={() => view.toggleFold(item.key)}
      >
        <b>{item.open ? `All ${item.of}` : `${item.refs.length} more`}</b>
        <span className="panel-size">{costText(usage) || usageText(usage)}</span>
        <span className="panel-fact">
          <Icon name={item.open ? 'chevron-down' : 'chevron-right'} />
          {item.open ? 'fold' : 'unfold'}
        </span>
      </button>
      {!item.open && (
        <>
          <div className="fold-bar">
            <StateBar counts={counts} />
          </div>
          <SquareGrid
            cells={cells}
            grid={grid}
            label={`${item.refs.length} more ${item.of}, arrows move, Enter opens`}
            lit={lit}
          />
        </>
      )}
    </div>
  );
}

function useFitted(grid: Grid, count: number): Grid {
  return useMemo(() => (grid.count === count ? grid : { ...grid, count }), [grid, count]);
}

interface PanelProps {
  group: number;
  title: React.ReactNode;
  className?: string;
  /** A button at the end of the header. */
  action?: React.ReactNode;
  children: React.ReactNode;
}

export function Panel({ group, title, className = '', action, children }: PanelProps) {
  const view = useView();
  const selected = useViewState((state) => state.selected?.type === 'group' && state.selected.id === group);
  return (
    <div className={`panel ${className}${selected ? ' selected' : ''}`}>
      <button
        type="button"
        className="panel-head"
        aria-pressed={selected}
        onClick={() => view.select({ type: 'group', id: group })}
      >
        {title}
      </button>
      {action}
      {children}
    </div>
  );
}
