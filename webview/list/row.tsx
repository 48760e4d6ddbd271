// biome-ignore-all lint/a11y/useSemanticElements: a table cannot be drawn in part.
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active row.
import { memo } from 'react';
import type { RunStatus, Usage } from '../../extension/protocol/run-events.ts';
import type { CallNode, RunTree } from '../../extension/protocol/run-tree.ts';
import { modelOf } from '../find/filter.ts';
import { cost, count, duration, line, totalTokens } from '../format.ts';
import { Icon, StateIcon } from '../icon.tsx';
import { LOOKS, stateOfCall } from '../states.ts';
import { agentMenu, checkpointMenu } from '../steer/native-menu.ts';
import { phaseOf } from '../tree/cells.ts';
import { elapsedIn, nameOf, nowOf } from './rows.ts';

export const ROW_HEIGHT = 26;

interface Props {
  call: CallNode;
  tree: RunTree;
  /** Of the run: what can still be answered is an open question. */
  status: RunStatus;
  runId: string;
  /** Its place among all rows. */
  at: number;
  active: boolean;
  selected: boolean;
  dim: boolean;
  /** 0 where no time of it goes on, so that a tick of the clock does not touch it. */
  now: number;
  open(id: number): void;
}

/** One call; drawn anew when the call is another object or its time goes on. */
export const Row = memo(
  (props: Props) => {
    const { call, tree, runId, at, active, selected, dim, now, open } = props;
    const { info } = call;
    const state = stateOfCall(tree, call);
    const elapsed = elapsedIn(call, now);
    const tokens = totalTokens(call.usage);
    const name = nameOf(tree, call);
    const doing = nowOf(tree, call, now);
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it takes the keys.
      <div
        id={`row-${info.id}`}
        role="row"
        tabIndex={-1}
        aria-rowindex={at + 2}
        aria-selected={selected}
        className={`table-row is-${info.kind}${active ? ' active' : ''}${selected ? ' selected' : ''}${dim ? ' dimmed' : ''}${state === 'asks' ? ' is-asks' : ''}`}
        style={{ top: at * ROW_HEIGHT }}
        {...menuOf(runId, call)}
        onClick={() => open(info.id)}
      >
        <span role="gridcell" aria-colindex={1} className="cell-state">
          <StateIcon state={state} word="" />
          <span className="state-word">{LOOKS[state].word}</span>
        </span>
        <span role="gridcell" aria-colindex={2} className="cell-name" title={name}>
          <Kind kind={info.kind} />
          {name}
        </span>
        <span role="gridcell" aria-colindex={3} className="cell-phase">
          {line(phaseOf(info), 40)}
        </span>
        <span role="gridcell" aria-colindex={4} className="cell-now" title={doing}>
          {doing}
        </span>
        <span role="gridcell" aria-colindex={5} className="cell-model">
          {line(modelOf(tree, call), 60)}
        </span>
        <span role="gridcell" aria-colindex={6} className="cell-elapsed">
          {elapsed === null ? '' : duration(elapsed)}
        </span>
        <span role="gridcell" aria-colindex={7} className="cell-tokens">
          {tokens > 0 && <Used usage={call.usage}>{count(tokens)}</Used>}
        </span>
        <span role="gridcell" aria-colindex={8} className="cell-cost">
          {call.usage.costUsd ? <Used usage={call.usage}>{cost(call.usage.costUsd)}</Used> : ''}
        </span>
      </div>
    );
  },
  // The handlers are made anew each time, and do the same.
  (a, b) =>
    a.call === b.call &&
    a.status === b.status &&
    a.runId === b.runId &&
    a.at === b.at &&
    a.active === b.active &&
    a.selected === b.selected &&
    a.dim === b.dim &&
    a.now === b.now,
);

/** A number that the provider did not count says so in the room that there is, and in words to who hears it. */
function Used({ usage, children }: { usage: Usage; children: string }) {
  if (!usage.estimated) return children;
  return (
    <>
      <span aria-hidden="true" title="about: the provider did not count all of it">
        ≈&nbsp;
      </span>
      <span className="unseen">about </span>
      {children}
    </>
  );
}

/** What is no agent says so. */
function Kind({ kind }: { kind: CallNode['info']['kind'] }) {
  if (kind === 'agent') return null;
  return (
    <>
      <Icon name={kind === 'tool' ? 'tools' : 'comment-discussion'} className="kind-sign" />
      <span className="unseen">{kind === 'tool' ? 'tool ' : 'question '}</span>
    </>
  );
}

function menuOf(runId: string, call: CallNode) {
  if (call.info.kind === 'agent') return agentMenu(runId, call);
  return call.info.kind === 'checkpoint' ? checkpointMenu(runId, call) : undefined;
}
