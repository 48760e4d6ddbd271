import { Panel, useReactFlow } from '@xyflow/react';
import { Icon } from '../icon.tsx';
import { useRun } from '../store.ts';
import type { Follow } from './follow.ts';

export function Controls({ follow }: { follow: Follow }) {
  const flow = useReactFlow();
  const running = useRun((store) => store.status() === 'running');
  return (
    <Panel position="bottom-right" className="controls">
      <Button icon="zoom-in" label="Zoom in" onClick={() => void flow.zoomIn().then(follow.release)} />
      <Button icon="zoom-out" label="Zoom out" onClick={() => void flow.zoomOut().then(follow.release)} />
      <Button icon="screen-full" label="Show all of it" onClick={follow.fit} />
      {running && (
        <Button icon="target" label="Follow what is at work" keys="F" pressed={follow.on} onClick={follow.toggle} />
      )}
    </Panel>
  );
}

function Button({
  icon,
  label,
  keys,
  pressed,
  onClick,
}: {
  icon: string;
  label: string;
  /** The key that presses it. */
  keys?: string;
  pressed?: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={keys ? `${label} (${keys})` : label}
      aria-keyshortcuts={keys}
      aria-pressed={pressed}
      onClick={onClick}
    >
      <Icon name={icon} />
      {/* Not by colour alone. */}
      {pressed && <span className="pressed-word">Following</span>}
    </button>
  );
}
