import { type Edge, Handle, type Node, Position, ReactFlow, ReactFlowProvider } from '@xyflow/react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { ADDED_PHASE } from '../../extension/protocol/run-events.ts';
import type { NodeRef, PhaseNode } from '../../extension/protocol/run-tree.ts';
import { useFound } from '../find/found.ts';
import { runMenu } from '../steer/native-menu.ts';
import { useRun, useStore } from '../store.ts';
import { useCursor, useView, useViewState } from '../view-state.ts';
import { Walk } from '../walk/walk.tsx';
import { AgentBox, AheadBox, MoreBox } from './agent-box.tsx';
import { CheckpointBox, MeasureProvider } from './checkpoint-box.tsx';
import { ClaimBox } from './claim-box.tsx';
import { Controls } from './controls.tsx';
import { useFollow } from './follow.ts';
import { FrameBox } from './frame-box.tsx';
import { ConvergeBox, FoldBox, MatrixBox, WaffleBox } from './group-boxes.tsx';
import { JudgeBox } from './judge-box.tsx';
import type { Box, Layout, Measured } from './layout.ts';
import { Legend } from './legend.tsx';
import { type Light, lightOf } from './light.ts';
import { useLayout } from './live-layout.ts';
import { MiniMap } from './mini-map.tsx';
import { useMotion } from './motion.ts';
import { PhaseBox } from './phase-box.tsx';
import { boxAtCursor } from './place.ts';
import { useRoom } from './room.ts';
import { brightRef, isAt, isBright } from './shown-box.ts';
import { ScaleProvider } from './squares.tsx';
import { ToolBox } from './tool-box.tsx';
import { useLevel } from './zoom.ts';

type Lit = ((ref: NodeRef) => boolean) | undefined;
export type BoxNode = Node<{ box: Box; lit: Lit }, 'box'>;

const nodeTypes = { box: BoxView };
/** More boxes than this are put into the page only where they can be seen. */
const MANY_BOXES = 160;

export function TreeView() {
  return (
    <ReactFlowProvider>
      <Walk />
      <Flow />
    </ReactFlowProvider>
  );
}

function Flow() {
  const view = useView();
  const runId = useRun((current) => current.runId);
  const unfolded = useViewState((state) => state.unfolded);
  const { measured, measure } = useMeasured();
  const layout = useLayout({ unfolded, room: useRoom(), measured });
  const light = useLight();
  const nodes = useNodes(layout, light);
  const edges = useEdges(light);
  const level = useLevel();
  const follow = useFollow(layout);
  const { scale, dots } = useMotion();
  return (
    <MeasureProvider value={measure}>
      <ScaleProvider value={scale}>
        <ReactFlow
          className={`tree is-${level}`}
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          // Space and the like belong to the buttons and fields in the boxes.
          panActivationKeyCode={null}
          selectionKeyCode={null}
          multiSelectionKeyCode={null}
          zoomActivationKeyCode={null}
          panOnScroll
          zoomOnDoubleClick={false}
          minZoom={0.1}
          maxZoom={3}
          onlyRenderVisibleElements={nodes.length > MANY_BOXES}
          proOptions={{ hideAttribution: true }}
          onMove={(event) => event && follow.on && follow.release()}
          // The first turn of a wheel begins a move and is no other; a press of a button begins one and may become none.
          onMoveStart={(event) => event?.type === 'wheel' && follow.on && follow.release()}
          onMoveEnd={(event, viewport) => event && view.change({ viewport })}
          onPaneClick={() => view.select(null)}
          aria-label="Tree of the run"
          {...runMenu(runId)}
        >
          <div className="dots" ref={dots} />
          <MiniMap layout={layout} onMoved={follow.release} />
          <Legend />
          <Controls follow={follow} />
        </ReactFlow>
      </ScaleProvider>
    </MeasureProvider>
  );
}

/** Heights that the boxes themselves tell. */
function useMeasured(): { measured: Measured; measure: (id: string, height: number) => void } {
  const [measured, setMeasured] = useState<Measured>(new Map());
  const measure = useCallback((id: string, height: number) => {
    setMeasured((known) => (known.get(id) === height ? known : new Map(known).set(id, height)));
  }, []);
  return { measured, measure };
}

function BoxView({ data: { box, lit } }: { data: BoxNode['data'] }) {
  const item = box.item;
  switch (item.kind) {
    case 'phase':
      return (
        <>
          <Handle type="target" position={Position.Left} isConnectable={false} />
          <PhaseBox title={item.title} />
          <Handle type="source" position={Position.Right} isConnectable={false} />
        </>
      );
    case 'waffle':
      return <WaffleBox box={box} item={item} lit={lit} />;
    case 'matrix':
      return <MatrixBox box={box} item={item} lit={lit} />;
    case 'converge':
      return <ConvergeBox item={item} />;
    case 'claim':
      return <ClaimBox item={item} />;
    case 'agent':
      return <AgentBox id={item.call} />;
    case 'checkpoint':
      return <CheckpointBox id={item.call} />;
    case 'tool':
      return <ToolBox id={item.call} />;
    case 'judge':
      return <JudgeBox group={item.group} />;
    case 'frame':
      return <FrameBox group={item.group} empty={item.empty} />;
    case 'fold':
      return <FoldBox box={box} item={item} lit={lit} />;
    case 'ahead':
      return <AheadBox title={item.title} />;
    case 'more':
      return <MoreBox working={item.working} failed={item.failed} />;
  }
}

/** The light changes when the selection does, or when the run grows. */
function useLight(): Light | null {
  const { tree } = useStore();
  const selected = useViewState((state) => state.selected);
  const size = useRun((store) => (selected ? store.tree.calls.size + store.tree.groups.size : 0));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tree changes in place; what lights only grows with it.
  return useMemo(() => lightOf(tree, selected), [tree, selected, size]);
}

/** A box that has not moved keeps its node, so that React Flow and React pass over it. */
function useNodes(layout: Layout, light: Light | null): BoxNode[] {
  const store = useStore();
  const { tree } = store;
  const found = useFound();
  const cursor = useCursor((current) => current);
  const lit = useMemo(() => brightRef(light, found), [light, found]);
  const before = useRef(new Map<string, BoxNode>());
  return useMemo(() => {
    const at = boxAtCursor(store, layout, cursor);
    const nodes = layout.boxes.map((box) => {
      const bright = isBright(tree, box, light, found);
      const className = classOf(box, !bright, box === at || isAt(box, cursor));
      // A box that is dimmed dims its squares with it; they must not be dimmed twice.
      const own = bright ? lit : undefined;
      const old = before.current.get(box.id);
      const same = old?.data.box === box && old.data.lit === own && old.className === className;
      return same ? old : nodeOf(box, className, own);
    });
    before.current = new Map(nodes.map((node) => [node.id, node]));
    return nodes;
  }, [store, tree, layout, light, found, lit, cursor]);
}

function nodeOf(box: Box, className: string, lit: Lit): BoxNode {
  return {
    id: box.id,
    type: 'box',
    position: { x: box.x, y: box.y },
    width: box.width,
    height: box.height,
    measured: { width: box.width, height: box.height },
    data: { box, lit },
    className,
    style: { pointerEvents: 'all' },
    domAttributes: { 'aria-roledescription': undefined },
  };
}

function classOf(box: Box, dim: boolean, atCursor: boolean): string {
  const around = box.item.kind === 'frame' || (box.item.kind === 'waffle' && box.item.open);
  return `${around ? 'behind ' : ''}${dim ? 'dimmed' : ''}${atCursor ? ' at-cursor' : ''}`;
}

function useEdges(light: Light | null): Edge[] {
  const { tree } = useStore();
  const key = useRun((store) =>
    store.tree.phases.map(({ title, beganAt }) => `${title}\u0000${beganAt !== null}`).join('\u0001'),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that an edge shows of the run.
  return useMemo(() => {
    // What a person added comes after nothing of the script.
    const phases = tree.phases.filter(({ title }) => title !== ADDED_PHASE);
    return phases.slice(1).map((phase, index) => edgeBetween(phases[index]!, phase, light));
  }, [key, light, tree]);
}

function edgeBetween(from: PhaseNode, phase: PhaseNode, light: Light | null): Edge {
  const lit = light?.phases.has(from.title) && light.phases.has(phase.title);
  const tone = lit ? ' lit' : light ? ' dimmed' : '';
  return {
    id: `edge:${phase.title}`,
    source: `phase:${from.title}`,
    target: `phase:${phase.title}`,
    type: 'straight',
    focusable: false,
    className: `flow-edge${phase.beganAt === null ? ' ahead' : ''}${tone}`,
    domAttributes: { 'aria-hidden': true },
  };
}
