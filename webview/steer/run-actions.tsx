import type { RunAction } from '../../extension/protocol/panel-messages.ts';
import type { RunStatus } from '../../extension/protocol/run-events.ts';
import { Icon } from '../icon.tsx';
import { useRun, useStore } from '../store.ts';
import { Problem } from './agent-actions.tsx';
import { Menu, type MenuItem } from './menu.tsx';
import { useAsk } from './use-ask.ts';

interface Look {
  action: RunAction;
  icon: string;
  word: string;
  hint: string;
  primary?: boolean;
}

const PAUSE: Look = {
  action: 'pause',
  icon: 'debug-pause',
  word: 'Pause',
  hint: 'Begin nothing new; what is under way comes to its next stop',
};
const CONTINUE: Look = { action: 'unpause', icon: 'debug-continue', word: 'Continue', hint: 'Go on', primary: true };
const STOP: Look = {
  action: 'stop',
  icon: 'debug-stop',
  word: 'Stop',
  hint: 'End the run; what is finished is kept, and it can be resumed',
};
const RESUME: Look = {
  action: 'resume',
  icon: 'play',
  word: 'Resume',
  hint: 'Go on from there; finished agents are not asked again',
  primary: true,
};
const ASK_AGAIN: Look = {
  ...RESUME,
  hint: 'Asks again what failed; finished agents are not asked again',
  primary: false,
};

function buttonsFor(status: RunStatus, paused: boolean): Look[] {
  switch (status) {
    case 'running':
      return [paused ? CONTINUE : PAUSE, STOP];
    case 'interrupted':
    case 'failed':
    case 'stopped':
      return [RESUME];
    case 'completed_with_failures':
      return [ASK_AGAIN];
    default:
      return [];
  }
}

/** What a person may do to the run as a whole, as it stands; a saved page offers nothing. */
export function RunActions() {
  const { host } = useStore();
  const status = useRun((store) => store.status());
  const paused = useRun((store) => store.tree.paused);
  const asking = useAsk();
  if (host.kind === 'page') return null;
  const act = (action: RunAction) => void asking.ask({ method: 'act', action });
  const more: MenuItem[] = [
    { label: 'Set Concurrency…', icon: 'settings', run: () => act('set-concurrency') },
    { label: 'Set Caps…', icon: 'shield', run: () => act('set-caps') },
    { label: 'Replace Script…', icon: 'replace-all', run: () => act('replace-script') },
    { label: 'Fork…', icon: 'repo-forked', run: () => act('fork') },
  ];
  return (
    <>
      <Problem asking={asking} />
      {buttonsFor(status, paused).map(({ action, icon, word, hint, primary }) => (
        <button
          key={action}
          type="button"
          className={`button${primary ? ' primary' : ''}`}
          title={hint}
          aria-disabled={asking.busy}
          onClick={() => act(action)}
        >
          <Icon name={icon} /> {word}
        </button>
      ))}
      <Menu
        label="More actions"
        icon="ellipsis"
        // All but the last are of a run that goes.
        items={status === 'running' ? more : more.slice(-1)}
      />
    </>
  );
}
