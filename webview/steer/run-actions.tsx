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

interface More {
  label: string;
  icon: string;
  action: RunAction;
}

const SET_CAPS: More = { label: 'Set Caps…', icon: 'shield', action: 'set-caps' };
const REPLACE: More = { label: 'Replace Script…', icon: 'replace-all', action: 'replace-script' };
const FORK: More = { label: 'Fork…', icon: 'repo-forked', action: 'fork' };

/** What is wanted less often. A run that does not go is resumed by new caps or another script; one that is complete has no use for them. */
function moreFor(status: RunStatus): More[] {
  switch (status) {
    case 'running':
      return [
        { label: 'Add Agent…', icon: 'add', action: 'add-agent' },
        { label: 'Set Concurrency…', icon: 'settings', action: 'set-concurrency' },
        SET_CAPS,
        REPLACE,
        FORK,
      ];
    case 'completed':
    case 'created':
      return [FORK];
    default:
      return [
        { ...SET_CAPS, label: 'Set Caps and Resume…' },
        { ...REPLACE, label: 'Replace Script and Resume…' },
        FORK,
      ];
  }
}

/** What a person may do to the run as a whole, as it stands; a saved page offers nothing. */
export function RunActions({ help }: { help: () => void }) {
  const { host } = useStore();
  const status = useRun((store) => store.status());
  const paused = useRun((store) => store.tree.paused);
  const asking = useAsk();
  if (host.kind === 'page') return null;
  const act = (action: RunAction) => void asking.ask({ method: 'act', action });
  const items: MenuItem[] = moreFor(status).map(({ label, icon, action }) => ({ label, icon, run: () => act(action) }));
  items.push({ label: 'Keys', icon: 'keyboard', run: help });
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
          <Icon name={icon} /> <span className="word">{word}</span>
        </button>
      ))}
      <Menu label="More actions" icon="ellipsis" items={items} />
    </>
  );
}
