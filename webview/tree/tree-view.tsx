import {
  Background,
  BackgroundVariant,
  type Edge,
  Handle,
  MiniMap,
  type Node,
  Position,
  ReactFlow,
  ReactFlowProvider,
} from '@xyflow/react';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { NodeRef, RunTree } from '../../extension/protocol/run-tree.ts';
import { runMenu } from '../steer/native-menu.ts';
import { useStore, useTree } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';
import { Walk } from '../walk/walk.tsx';
import { AgentBox, AheadBox, MoreBox } from './agent-box.tsx';
import { CheckpointBox, MeasureProvider } from './checkpoint-box.tsx';
import { ClaimBox } from './claim-box.tsx';
import { Controls } from './controls.tsx';
import { useFollow } from './follow.ts';
import { FrameBox } from './frame-box.tsx';
import { ConvergeBox, FoldBox, MatrixBox, WaffleBox } from './group-boxes.tsx';
import { JudgeBox } from './judge-box.tsx';
import { type Box, type Layout, layoutRun, type Measured } from './layout.ts';
import { Legend } from './legend.tsx';
import { isLit, type Light, lightOf, lightsGroup } from './light.ts';
import { MiniBox } from './mini-box.tsx';
import { PhaseBox } from './phase-box.tsx';
import { useRoom } from './room.ts';
import type { Memory } from './sections.ts';
import { ToolBox } from './tool-box.tsx';

export type BoxNode = Node<{ box: Box; lit: ((ref: NodeRef) => boolean) | undefined }, 'box'>;

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
  const tree = useTree();
  const store = useStore();
  const view = useView();
  const unfolded = useViewState((state) => state.unfolded);
  const selected = useViewState((state) => state.selected);
  const memory = useRef<{ runId: string; memory: Memory }>({ runId: '', memory: new Map() });
  if (memory.current.runId !== store.runId) memory.current = { runId: store.runId, memory: new Map() };
  const room = useRoom();
  const { measured, measure } = useMeasured();
  const layout = layoutRun(tree, memory.current.memory, new Set(unfolded), room, measured);
  const light = useLight(tree, selected);
  const nodes = useNodes(tree, layout, light);
  const edges = useEdges(tree, light);
  const follow = useFollow(layout, tree);
  return (
    <MeasureProvider value={measure}>
      <ReactFlow
        className="tree"
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
        maxZoom={2}
        onlyRenderVisibleElements={nodes.length > MANY_BOXES}
        proOptions={{ hideAttribution: true }}
        onMove={(event) => event && follow.on && follow.release()}
        onMoveEnd={(event, viewport) => event && view.change({ viewport })}
        onPaneClick={() => view.select(null)}
        aria-label="Tree of the run"
        {...runMenu(store.runId)}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1} />
        <MiniMap
          nodeComponent={MiniBox}
          pannable
          zoomable
          className="minimap"
          ariaLabel="Overview of the run"
          offsetScale={2}
        />
        <Legend />
        <Controls follow={follow} />
      </ReactFlow>
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
      return <WaffleBox item={item} phase={box.phase} lit={lit} />;
    case 'matrix':
      return <MatrixBox item={item} lit={lit} />;
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
      return <FoldBox item={item} lit={lit} />;
    case 'ahead':
      return <AheadBox title={item.title} />;
    case 'more':
      return <MoreBox working={item.working} failed={item.failed} />;
  }
}

/** The light changes when the selection does, or when the run grows. */
function useLight(
  tree: RunTree,
  selected: Parameters<typeof lightOf>[1],
): { light: Light; lit: (ref: NodeRef) => boolean } | null {
  const size = tree.calls.size + tree.groups.size;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tree changes in place; what lights only grows with it.
  return useMemo(() => {
    const light = lightOf(tree, selected);
    return light && { light, lit: (ref: NodeRef) => isLit(light, ref) };
  }, [tree, selected, size]);
}

/** A box that has not moved keeps its node, so that React Flow and React pass over it. */
function useNodes(tree: RunTree, layout: Layout, light: ReturnType<typeof useLight>): BoxNode[] {
  const before = useRef<{ nodes: BoxNode[]; byId: Map<string, BoxNode> }>({ nodes: [], byId: new Map() });
  const nodes = layout.boxes.map((box) => {
    const dim = light !== null && !boxLit(tree, box, light.light);
    const old = before.current.byId.get(box.id);
    if (old && old.data.lit === light?.lit && old.className === classOf(box, dim) && sameBox(old.data.box, box))
      return old;
    return nodeOf(box, dim, light?.lit);
  });
  const same =
    nodes.length === before.current.nodes.length && nodes.every((node, index) => node === before.current.nodes[index]);
  if (!same) before.current = { nodes, byId: new Map(nodes.map((node) => [node.id, node])) };
  return before.current.nodes;
}

function sameBox(a: Box, b: Box): boolean {
  if (a.x !== b.x || a.y !== b.y || a.width !== b.width || a.height !== b.height) return false;
  return JSON.stringify(a.item) === JSON.stringify(b.item);
}

function nodeOf(box: Box, dim: boolean, lit: ((ref: NodeRef) => boolean) | undefined): BoxNode {
  return {
    id: box.id,
    type: 'box',
    position: { x: box.x, y: box.y },
    width: box.width,
    height: box.height,
    measured: { width: box.width, height: box.height },
    data: { box, lit },
    className: classOf(box, dim),
    style: { pointerEvents: 'all' },
    domAttributes: { 'aria-roledescription': undefined },
  };
}

function classOf({ item }: Box, dim: boolean): string {
  return `${item.kind === 'frame' ? 'behind ' : ''}${dim ? 'dimmed' : ''}`;
}

function boxLit(tree: RunTree, box: Box, light: Light): boolean {
  const item = box.item;
  switch (item.kind) {
    case 'phase':
      return light.phases.has(item.title);
    case 'agent':
    case 'checkpoint':
    case 'tool':
      return light.calls.has(item.call);
    case 'claim':
    case 'judge':
      return light.groups.has(item.group);
    case 'fold':
      return item.refs.some((ref) => isLit(light, ref));
    case 'ahead':
    case 'more':
      return false;
    default:
      return lightsGroup(tree, light, item.group, box.phase);
  }
}

function useEdges(tree: RunTree, light: ReturnType<typeof useLight>): Edge[] {
  const key = tree.phases
    .map((phase) => `${phase.title}\u0000${phase.beganAt !== null}\u0000${light?.light.phases.has(phase.title) ?? ''}`)
    .join('\u0001');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that an edge shows.
  return useMemo(
    () =>
      tree.phases.slice(1).map((phase, index): Edge => {
        const from = tree.phases[index]!;
        const lit = light?.light.phases.has(from.title) && light.light.phases.has(phase.title);
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
      }),
    [key],
  );
}
