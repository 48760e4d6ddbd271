import { Icon, StateIcon } from '../icon.tsx';
import { type CellState, LOOKS } from '../states.ts';
import { useQuestions } from '../store.ts';
import type { Mode } from './sight.ts';
import type { Timeline } from './use-timeline.ts';

const ORDER = ['succeeded', 'reused', 'working', 'waiting', 'failed', 'skipped', 'stopped'] as const;
export const ZOOM_STEP = 1.5;

interface Props {
  timeline: Timeline;
  mode: Mode;
  skipIdle: boolean;
  zoom(factor: number): void;
  look(mode: Mode): void;
  skip(skip: boolean): void;
}

/** What the colours mean, with how many agents of each there are; and how the picture is moved. */
export function Tools({ timeline, mode, skipIdle, zoom, look, skip }: Props) {
  const { tree, live, hasIdle } = timeline;
  const questions = useQuestions().length;
  return (
    <div className="timeline-tools">
      <div className="timeline-legend">
        {ORDER.filter((state) => tree.counts[state] > 0).map((state) => (
          <Entry key={state} state={state} count={tree.counts[state]} />
        ))}
        {questions > 0 && <Entry state="asks" count={questions} />}
      </div>
      {hasIdle && (
        <Button
          icon="fold"
          label="Skip stretches in which nothing is at work"
          pressed={skipIdle}
          onClick={() => skip(!skipIdle)}
        />
      )}
      {live && (
        <Button
          icon="target"
          label="Follow the present"
          pressed={mode === 'now'}
          onClick={() => look(mode === 'now' ? 'free' : 'now')}
        />
      )}
      <Button icon="zoom-in" label="Zoom in" onClick={() => zoom(ZOOM_STEP)} />
      <Button icon="zoom-out" label="Zoom out" onClick={() => zoom(1 / ZOOM_STEP)} />
      <Button icon="screen-full" label="Show all of it" pressed={mode === 'fit'} onClick={() => look('fit')} />
    </div>
  );
}

function Entry({ state, count }: { state: CellState; count: number }) {
  return (
    <span className="legend-entry">
      <StateIcon state={state} word="" />
      {LOOKS[state].word} <b>{count}</b>
    </span>
  );
}

interface ButtonProps {
  icon: string;
  label: string;
  pressed?: boolean;
  onClick(): void;
}

function Button({ icon, label, pressed, onClick }: ButtonProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
