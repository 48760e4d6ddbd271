/** The same agents as ordinary nodes of React Flow, and their states by `setNodes`: what one writes first. */
import '@xyflow/react/dist/style.css';
import { Background, Controls, type Edge, MiniMap, type Node, ReactFlow, useNodesState } from '@xyflow/react';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { EventsMessage } from '../../extension/protocol/panel-messages.ts';

interface AgentData extends Record<string, unknown> {
  label: string;
}

const ROWS = 25;
const WIDTH = 170;
const HEIGHT = 46;

function Plain() {
  const [nodes, setNodes, onNodesChange] = useNodesState<Node<AgentData>>([]);
  const [edges, setEdges] = useState<Edge[]>([]);
  useEffect(() => {
    const hear = ({ data }: MessageEvent<EventsMessage>) => {
      if (data?.type !== 'events') return;
      const issued: Node<AgentData>[] = [];
      const links: Edge[] = [];
      const changed = new Map<string, Partial<Node<AgentData>>>();
      for (const event of data.events) {
        if (event.type === 'call.issued') {
          const { id, label } = event.call;
          const place = id - 1;
          const position = { x: Math.floor(place / ROWS) * (WIDTH + 30), y: (place % ROWS) * (HEIGHT + 14) };
          issued.push({ id: String(id), position, data: { label }, style: { width: WIDTH, height: HEIGHT } });
          if (id > ROWS) links.push({ id: `e${id}`, source: String(id - ROWS), target: String(id) });
        }
        if (event.type === 'call.started') changed.set(String(event.id), { style: styleOf('#4a90e2') });
        if (event.type === 'call.progress') changed.set(String(event.id), { data: { label: event.doing } });
        if (event.type === 'call.settled')
          changed.set(String(event.id), {
            style: styleOf(event.settled.outcome === 'failed' ? '#e24a4a' : '#4ae27a'),
          });
      }
      if (issued.length > 0) setEdges((known) => [...known, ...links]);
      setNodes((known) =>
        [...known, ...issued].map((node) => {
          const change = changed.get(node.id);
          return change ? { ...node, ...change } : node;
        }),
      );
    };
    window.addEventListener('message', hear);
    return () => window.removeEventListener('message', hear);
  }, [setNodes]);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      onNodesChange={onNodesChange}
      panOnScroll
      minZoom={0.02}
      onInit={(flow) => Object.assign(window, { flow })}
    >
      <Background />
      <MiniMap />
      <Controls />
    </ReactFlow>
  );
}

function styleOf(border: string) {
  return { width: WIDTH, height: HEIGHT, borderColor: border };
}

const root = document.getElementById('root');
if (root) createRoot(root).render(<Plain />);
