import { useEffect, useRef, useState } from 'react';
import type { AgentAction } from '../../extension/protocol/panel-messages.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { line } from '../format.ts';
import { Icon } from '../icon.tsx';
import { fullLabel, LOOKS } from '../states.ts';
import { actionsFor } from '../steer/agent-actions.tsx';
import { useAsk } from '../steer/use-ask.ts';
import { type RunStore, useStore } from '../store.ts';
import { useView, type ViewStore } from '../view-state.ts';
import { takesKeys } from './focus.ts';

const ACTIONS: Record<string, AgentAction> = { r: 'retry', s: 'skip', x: 'stop', delete: 'stop', m: 'message' };

/** Single keys on the agent that has the focus or is selected, and why one of them did nothing. */
export function Keys({ help }: { help: () => void }) {
  const store = useStore();
  const view = useView();
  const asking = useAsk();
  const [note, setNote] = useState('');
  const latest = useRef(asking);
  latest.current = asking;
  useEffect(() => {
    const act = (action: AgentAction) => {
      const call = agentInHand(store, view);
      if (!call || store.host.kind === 'page' || store.preview) return;
      if (!actionsFor(call, store.status()).includes(action)) return setNote(whyNot(store, call, action));
      void latest.current.ask({ method: 'act-on-agent', action, on: { call: call.info.id, key: call.info.key } });
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target)) return;
      setNote('');
      const key = event.key.toLowerCase();
      if (key === '?') help();
      else if (!isInView(event.target)) return;
      else if (key === 'f') press('F');
      else if (Object.hasOwn(ACTIONS, key)) act(ACTIONS[key]!);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [store, view, help]);
  const text = note || (asking.problem ?? '');
  if (!text) return null;
  return (
    <p className="key-note" role="alert">
      <Icon name="info" /> {line(text, 300)}
    </p>
  );
}

/** Single letters do something only where an agent may be in hand, never on the buttons above. */
function isInView(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.closest('.main') !== null);
}

/** A button that says this key of itself. */
function press(key: string): void {
  document.querySelector<HTMLElement>(`button[aria-keyshortcuts="${key}"]`)?.click();
}

/** The agent that has the focus, as its native menu knows it, else the selected one. */
function agentInHand(store: RunStore, view: ViewStore): CallNode | undefined {
  const { selected } = view.state;
  const id = focusedAgent() ?? (selected?.type === 'call' ? selected.id : null);
  const call = id === null ? undefined : store.tree.calls.get(id);
  return call?.info.kind === 'agent' ? call : undefined;
}

function focusedAgent(): number | null {
  const focused = document.activeElement;
  const active = document.getElementById(focused?.getAttribute('aria-activedescendant') ?? '');
  for (const element of [active, focused]) {
    const context = element?.closest('[data-vscode-context]')?.getAttribute('data-vscode-context');
    const { callId } = JSON.parse(context ?? '{}') as { callId?: unknown };
    if (typeof callId === 'number') return callId;
  }
  return null;
}

const WORDS: Record<AgentAction, string> = { retry: 'retried', skip: 'skipped', stop: 'stopped', message: 'spoken to' };

function whyNot({ tree }: RunStore, call: CallNode, action: AgentAction): string {
  const why =
    tree.status === 'running' ? `it is ${LOOKS[call.state].word}` : `the run is ${tree.status.replaceAll('_', ' ')}`;
  return `${fullLabel(tree, call)} cannot be ${WORDS[action]}: ${why}.`;
}
