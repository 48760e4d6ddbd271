// biome-ignore-all lint/a11y/useSemanticElements: a table cannot be drawn as one drawing.
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active cell.
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { NodeRef } from '../../extension/protocol/run-tree.ts';
import { type Filter, isFiltering, passes } from '../find/filter.ts';
import { line } from '../format.ts';
import { usePalette } from '../palette.ts';
import { agentMenu } from '../steer/native-menu.ts';
import { useStore } from '../store.ts';
import { lightOf } from '../tree/light.ts';
import { useView, useViewState } from '../view-state.ts';
import type { Bar } from './packing.ts';
import { barAfterKey } from './rows.ts';
import { type Scene, type Sight, timeIn } from './scene.ts';
import { type Looking, panned, type Stage, shownAt } from './sight.ts';
import { Tip } from './tip.tsx';
import { ZOOM_STEP } from './tools.tsx';
import { usePainting } from './use-painting.ts';
import { type Hit, usePointer } from './use-pointer.ts';
import type { Timeline } from './use-timeline.ts';
import { barWords } from './words.ts';

interface Props {
  timeline: Timeline;
  stage: Stage;
  sight: Sight;
  looking: Looking;
  look(looking: Looking): void;
  zoom(factor: number, x?: number): void;
  filter: Filter;
  found: ((ref: NodeRef) => boolean) | null;
}

/** What is not on the path of the selection, and what the search does not find. */
const BESIDE = 0.5;
const NOT_FOUND = 0.2;
/** How far a key moves the picture, in pixels. */
const PAN_STEP = 90;

/**
 * The drawing, and over it the grid that takes the keys: to the keyboard and the screen reader each lane is a row, of
 * which only the active bar exists.
 */
export function Chart(props: Props) {
  const { timeline, stage, sight, looking, look, zoom } = props;
  const { packing, rows, now } = timeline;
  const { runId } = useStore();
  const view = useView();
  const grid = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const cellId = useId();
  const palette = usePalette();
  const selectedId = useViewState((state) => (state.selected?.type === 'call' ? state.selected.id : null));
  const [activeId, setActiveId] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  const seeing = useSeeing(props);
  const selected = barOf(timeline, selectedId);
  const active = barOf(timeline, activeId) ?? selected ?? firstShown(timeline, seeing.shown);
  const bring = (bar: Bar) => {
    const row = rows.rowOf.get(bar.lane);
    if (row) look(shownAt(looking, sight, stage, { from: bar.from, to: bar.to ?? now, y: row.y, height: row.height }));
  };
  const open = (hit: Hit | null) => {
    if (hit?.bar) {
      setActiveId(hit.bar.call.info.id);
      view.select({ type: 'call', id: hit.bar.call.info.id });
    } else view.select(hit?.phase === undefined ? null : { type: 'phase', title: hit.phase });
  };
  const pointer = usePointer({ grid, timeline, stage, sight, looking, look, zoom, shown: seeing.shown, open });
  const scene: Scene = {
    ...timeline,
    sight,
    width: stage.width,
    height: stage.height,
    palette,
    ...seeing,
    selected,
    active: focused ? active : null,
    hovered: pointer.hit?.bar ?? null,
  };
  usePainting(canvas, scene, [packing.version, rows, timeline.axis, sight.scale, sight.left, sight.top, seeing]);
  useWanted(timeline, stage.width > 0, (bar) => {
    setActiveId(bar.call.info.id);
    bring(bar);
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const [across, down] = PANS[event.key] ?? [0, 0];
    const next = barAfterKey(rows, active, event.key, seeing.shown);
    if (event.shiftKey && across + down !== 0) look(panned(looking, sight, stage, across * PAN_STEP, down * PAN_STEP));
    else if (next) {
      setActiveId(next.call.info.id);
      bring(next);
    } else if (event.key === '+' || event.key === '=') zoom(ZOOM_STEP);
    else if (event.key === '-') zoom(1 / ZOOM_STEP);
    else if (event.key === '0') look({ ...looking, mode: 'fit' });
    else if ((event.key === 'Enter' || event.key === ' ') && active) open({ bar: active });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const menuFor = pointer.hit?.bar ?? (focused ? active : selected);
  return (
    <>
      <div
        className={`timeline-chart${pointer.dragging ? ' dragging' : ''}`}
        ref={grid}
        role="grid"
        tabIndex={0}
        aria-label="Timeline of the run"
        aria-rowcount={rows.rowOf.size}
        aria-activedescendant={cellId}
        {...(menuFor?.call.info.kind === 'agent' ? agentMenu(runId, menuFor.call) : undefined)}
        {...pointer.handlers}
        onKeyDown={onKeyDown}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      >
        <div aria-hidden="true">
          <canvas ref={canvas} />
        </div>
        <ActiveCell timeline={timeline} bar={active} id={cellId} selected={active !== null && active === selected} />
      </div>
      {pointer.hit && !pointer.dragging && (
        <Tip
          hit={pointer.hit}
          timeline={timeline}
          stage={stage}
          at={timeIn({ axis: timeline.axis, sight }, pointer.hit.x ?? 0)}
        />
      )}
    </>
  );
}

const PANS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function barOf({ packing }: Timeline, id: number | null): Bar | null {
  return id === null ? null : (packing.bars.get(id) ?? null);
}

function firstShown({ rows }: Timeline, shown: (bar: Bar) => boolean): Bar | null {
  for (const { rows: own } of rows.bands)
    for (const { lane } of own) {
      const bar = lane.bars.find(shown);
      if (bar) return bar;
    }
  return null;
}

/** What of the bars is hidden, and what is dimmed; the same object until that changes. */
function useSeeing({ timeline, filter, found }: Props): Pick<Scene, 'shown' | 'opacity'> {
  const { tree, packing } = timeline;
  const selected = useViewState((state) => state.selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tree changes in place, with a version each time.
  return useMemo(() => {
    const light = lightOf(tree, selected);
    const filters = isFiltering(filter);
    return {
      shown: ({ call }: Bar) => !filters || passes(tree, call, filter),
      opacity: ({ call: { info } }: Bar) => {
        if (found && !found({ type: 'call', id: info.id })) return NOT_FOUND;
        return light && !light.calls.has(info.id) ? BESIDE : 1;
      },
    };
  }, [tree, packing, packing.version, selected, filter, found]);
}

/** Goes to what somebody asked to see, once for each time. */
function useWanted({ tree, packing }: Timeline, ready: boolean, goTo: (bar: Bar) => void): void {
  const view = useView();
  const wanted = useSyncExternalStore(view.subscribe, () => view.wanted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes there once for each time something is wanted.
  useEffect(() => {
    if (wanted === null || !ready) return;
    view.broughtIntoView();
    const calls = lightOf(tree, wanted.ref)?.calls ?? [];
    const own = wanted.ref.type === 'call' ? [wanted.ref.id] : calls;
    for (const id of own) {
      const bar = packing.bars.get(id);
      if (bar) return goTo(bar);
    }
  }, [wanted, ready]);
}

interface CellProps {
  timeline: Timeline;
  bar: Bar | null;
  id: string;
  selected: boolean;
}

function ActiveCell({ timeline: { tree, rows, now }, bar, id, selected }: CellProps) {
  const lanes = useMemo(() => [...rows.rowOf.keys()], [rows]);
  const at = bar ? lanes.indexOf(bar.lane) : -1;
  const phase = rows.bands.find(({ rows: own }) => own.some(({ lane }) => lane === bar?.lane))?.phase;
  return (
    <div role="row" className="unseen" aria-rowindex={at + 1}>
      <div role="gridcell" id={id} aria-colindex={(bar?.index ?? 0) + 1} aria-selected={selected}>
        {bar ? `${barWords(tree, bar, now)} · ${line(phase?.title ?? '', 60)}` : 'nothing is shown'}
      </div>
    </div>
  );
}
