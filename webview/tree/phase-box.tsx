import { useRef } from 'react';
import { type CallNode, totalOf } from '../../extension/protocol/run-tree.ts';
import { costText, duration, line, plural } from '../format.ts';
import { Icon } from '../icon.tsx';
import { LOOKS } from '../states.ts';
import { useClock, usePhase, usePlanned, useRun } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';
import { phaseOf } from './cells.ts';
import { headlineOf } from './sections.ts';
import { StateBar } from './state-bar.tsx';

/** A phase's header: title, how many, how long and what it cost, over a thin bar of states. */
export function PhaseBox({ title }: { title: string }) {
  const phase = usePhase(title);
  const view = useView();
  const selected = useViewState((state) => state.selected?.type === 'phase' && state.selected.title === title);
  const took = useClock((now) => (phase ? duration((phase.endedAt ?? now) - (phase.beganAt ?? now)) : ''));
  const isHere = ({ info }: CallNode) => phaseOf(info) === title;
  const checkpoints = useRun((store) => store.questions().filter(isHere).length);
  const asking = useRun((store) => store.permissions().filter(isHere).length);
  const askingAgents = useRun(
    (store) => store.permissions().filter((call) => call.info.kind === 'agent' && isHere(call)).length,
  );
  const claims = useClaims(title);
  const over = useRun(({ tree }) => tree.endedAt !== null);
  const planned = usePlanned();
  if (!phase) return null;
  const total = totalOf(phase.counts);
  const questions = checkpoints + asking;
  const working = phase.counts.working - askingAgents;
  const begun = phase.beganAt !== null;
  const words = [total > 0 && !planned ? took : '', costText(phase.usage)];
  return (
    <button
      type="button"
      className={`phase-head${selected ? ' selected' : ''}${begun ? '' : ' ahead'}`}
      aria-pressed={selected}
      title={phase.detail || undefined}
      onClick={() => view.select({ type: 'phase', title })}
    >
      <span className="phase-line">
        <span className="phase-title">{line(title) || 'Agents'}</span>
        <span className="phase-count">
          {claims > 0 ? `${claims} ${claims === 1 ? 'claim' : 'claims'}` : total > 0 ? total : ''}
        </span>
        {questions > 0 && (
          <span className="phase-asks">
            <Icon name={LOOKS.asks.icon} /> {plural(questions, 'question')}
          </span>
        )}
        <span className="phase-facts">
          {begun ? words.filter(Boolean).join(' · ') : planned ? 'not reached' : 'not begun'}
        </span>
      </span>
      <StateBar counts={{ ...phase.counts, working, asks: questions }} whole={begun && over && total === 0} />
    </button>
  );
}

/** How many claims a phase has; counted again only when something in it changed. */
function useClaims(title: string): number {
  const counted = useRef({ at: -1, claims: 0 });
  return useRun(({ tree, changes }) => {
    const at = changes.of(title);
    if (counted.current.at !== at) {
      const phase = tree.phases.find((each) => each.title === title);
      counted.current = { at, claims: phase ? headlineOf(tree, phase).claims : 0 };
    }
    return counted.current.claims;
  });
}
