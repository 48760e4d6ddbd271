import type { AgentAction } from '../../extension/protocol/panel-messages.ts';
import type { RunStatus } from '../../extension/protocol/run-events.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { line } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useRun, useStore } from '../store.ts';
import type { Asking } from './use-ask.ts';

/** `key`: what does the same while the agent has the focus or is selected. */
const LOOK: Record<AgentAction, { icon: string; word: string; hint: string; key: string }> = {
  message: {
    icon: 'comment',
    word: 'Message…',
    hint: 'Say something to it; it hears it before its next turn',
    key: 'M',
  },
  retry: { icon: 'debug-restart', word: 'Retry', hint: 'Begin it anew', key: 'R' },
  skip: { icon: 'debug-step-over', word: 'Skip…', hint: 'Go on without it, or with an answer of yours', key: 'S' },
  stop: { icon: 'debug-stop', word: 'Stop', hint: 'End it; it has no answer then', key: 'X' },
};

/** What can be done to an agent as it is; nothing where the run does not go. */
export function actionsFor(call: CallNode, status: RunStatus): AgentAction[] {
  if (call.info.kind !== 'agent' || status !== 'running') return [];
  switch (call.state) {
    case 'working':
      return ['message', 'retry', 'skip', 'stop'];
    case 'waiting':
      return ['skip', 'stop'];
    case 'failed':
    case 'skipped':
    case 'stopped':
      return ['retry'];
    default:
      return [];
  }
}

/** `compact`: icons for a card, which name the agent to those who do not see where they stand. */
export function AgentActions({ call, asking, compact = false }: { call: CallNode; asking: Asking; compact?: boolean }) {
  const { host } = useStore();
  const status = useRun((store) => store.status());
  const actions = host.kind === 'page' ? [] : actionsFor(call, status);
  if (actions.length === 0) return null;
  const { id, key: callKey, label } = call.info;
  return (
    <span className={compact ? 'card-actions' : 'side-actions'}>
      {actions.map((action) => {
        const { icon, word, hint, key } = LOOK[action];
        return (
          <button
            key={action}
            type="button"
            className={compact ? 'icon-button' : 'button'}
            title={`${compact ? `${word}: ` : ''}${hint} (${key})`}
            aria-keyshortcuts={key}
            aria-label={compact ? `${word} ${line(label, 80)}` : undefined}
            aria-disabled={asking.busy}
            onClick={() => void asking.ask({ method: 'act-on-agent', action, on: { call: id, key: callKey } })}
          >
            <Icon name={icon} /> {!compact && word}
          </button>
        );
      })}
    </span>
  );
}

/** Why the host refused, where it was asked. */
export function Problem({ asking, className = 'problem' }: { asking: Asking; className?: string }) {
  if (asking.problem === null) return null;
  return (
    <span className={className} role="alert" title={line(asking.problem, 1000)}>
      {line(asking.problem, 300)}
    </span>
  );
}
