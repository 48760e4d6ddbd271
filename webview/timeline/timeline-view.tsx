import { useEffect, useRef, useState } from 'react';
import { isFiltering, passes } from '../find/filter.ts';
import { useFound } from '../find/found.ts';
import { NothingLeft, NothingYet } from '../list/nothing.tsx';
import { useRun, useTree } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';
import { Chart } from './chart.tsx';
import { kindOf } from './packing.ts';
import { HEAD } from './scene.ts';
import { ALL, type Looking, type Stage, sightOf, type TimelineState, zoomed } from './sight.ts';
import { Tools } from './tools.tsx';
import { type Timeline, useSize, useTimeline } from './use-timeline.ts';

/** All of a run over time: phases as bands, agents in the places they worked in, what they asked, and where it stood still. */
export function TimelineView() {
  const tree = useTree();
  // The first call that can be shown ends the search.
  const empty = useRun((store) => {
    for (const call of store.tree.calls.values()) if (kindOf(call) !== null) return false;
    return true;
  });
  return empty ? <NothingYet over={tree.endedAt !== null} /> : <Filled />;
}

/** Below the last band. */
const FOOT = 10;

function Filled() {
  const frame = useRef<HTMLDivElement>(null);
  const size = useSize(frame);
  const { looking, setLooking, skipIdle, setSkipIdle } = useKept();
  const timeline = useTimeline(size.height - HEAD - FOOT, skipIdle, looking.scale);
  const stage: Stage = {
    axis: timeline.axis,
    now: timeline.now,
    width: size.width,
    height: size.height,
    rowsHeight: timeline.rows.height + FOOT,
  };
  const sight = sightOf(looking, stage);
  const zoom = (factor: number, x = size.width / 2) => setLooking(zoomed(sight, stage, x, factor));
  const left = useShown(timeline);
  return (
    <div className="timeline">
      <Tools
        timeline={timeline}
        mode={looking.mode}
        skipIdle={skipIdle}
        zoom={zoom}
        look={(mode) => setLooking({ ...looking, ...sight, mode })}
        skip={setSkipIdle}
      />
      <div className="timeline-frame" ref={frame}>
        <Chart
          timeline={timeline}
          stage={stage}
          sight={sight}
          looking={looking}
          look={setLooking}
          zoom={zoom}
          filter={left.filter}
          found={left.found}
        />
        {left.none && <NothingLeft />}
      </div>
    </div>
  );
}

/** While it is moved nothing is saved: once it has rested for so many milliseconds. */
const REST_MS = 150;

/** Where one looks, as it was left: by a switch of views, and by the panel that was closed. */
function useKept() {
  const view = useView();
  const [{ runId, timeline: left }] = useState(view.state);
  const [looking, setLooking] = useState<Looking>(left ?? ALL);
  const [skipIdle, setSkipIdle] = useState(left?.skipIdle ?? true);
  const unsaved = useRef<TimelineState>(null);
  useEffect(() => {
    const { mode, scale, left, top } = looking;
    const timeline = { mode, scale, left, top, skipIdle };
    unsaved.current = isSame(timeline, view.state.timeline) ? null : timeline;
    if (!unsaved.current) return;
    const timer = setTimeout(() => {
      unsaved.current = null;
      view.change({ timeline });
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [view, looking, skipIdle]);
  useEffect(
    () => () => {
      // Another run has a place of its own.
      if (unsaved.current && view.state.runId === runId) view.change({ timeline: unsaved.current });
    },
    [view, runId],
  );
  return { looking, setLooking, skipIdle, setSkipIdle };
}

function isSame(now: TimelineState, before: TimelineState | null): boolean {
  const known = before ?? { ...ALL, skipIdle: true };
  return (Object.keys(now) as (keyof TimelineState)[]).every((key) => now[key] === known[key]);
}

/** What the filter and the search leave; none: the filter leaves nothing. */
function useShown({ tree, packing }: Timeline) {
  const filter = useViewState((state) => state.filter);
  const found = useFound();
  const none = isFiltering(filter) && ![...packing.bars.values()].some(({ call }) => passes(tree, call, filter));
  return { filter, found, none };
}
