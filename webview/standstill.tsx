import { governorWords } from '../extension/protocol/governor-words.ts';
import { Icon } from './icon.tsx';
import { useClock, useRun } from './store.ts';

/** Why a run does not go on, above whatever is shown. */
export function StandstillNotice() {
  const error = useRun((store) => store.tree.error);
  const status = useRun((store) => store.status());
  const script = useRun((store) => store.tree.run?.script ?? '');
  const host = useRun((store) => store.host);
  const paused = useRun((store) => store.tree.paused);
  const governor = useRun((store) => store.tree.governor);
  const held = useClock((now) => governorWords(governor, now));
  if (paused) {
    return (
      // The announcer says it to those who do not see it.
      <div className="banner is-paused">
        <Icon name="debug-pause" />
        <span>The run is paused: nothing new is begun, and what is under way comes to its next stop.</span>
      </div>
    );
  }
  if (held) {
    return (
      <div className="banner is-paused" role="status">
        <Icon name="watch" />
        <span>{held}.</span>
      </div>
    );
  }
  if (status === 'interrupted') {
    const hint =
      host.kind === 'editor'
        ? 'Resume goes on from there; finished agents are not asked again.'
        : 'It can be resumed in the editor.';
    return (
      <div className="banner is-unverified" role="status">
        <Icon name="debug-disconnect" />
        <span>The run was interrupted: nothing drives it now. {hint}</span>
      </div>
    );
  }
  if (!error) return null;
  const { line = 0, column = 1 } = error;
  const at = line === 0 ? '' : `${error.script ?? script}:${line}:${column}`;
  const place = { line, column, ...(error.script !== undefined && { script: error.script }) };
  return (
    <div className="banner is-failed" role="alert">
      <Icon name="error" />
      <span>
        <b>{error.name}</b> {error.message}
      </span>
      {at && host.kind === 'editor' ? (
        <button type="button" className="link" onClick={() => void host.request({ method: 'open-script', ...place })}>
          {at}
        </button>
      ) : (
        <span className="quiet">{at}</span>
      )}
    </div>
  );
}
