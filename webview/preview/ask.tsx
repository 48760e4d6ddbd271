import { useEffect, useId, useRef, useState } from 'react';
import type { PreviewMessage } from '../../extension/protocol/panel-messages.ts';
import { type Approval, DECISIONS, type Decision } from '../../extension/protocol/preview.ts';
import { line } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useAsk } from '../steer/use-ask.ts';
import { LOOKS_OF, NO_DIGEST, whyNot } from './decisions.ts';

/** The only command that a link of the panel may lead to. */
const TRUST = 'command:workbench.trust.manage';

const RUN_KEYS = navigator.userAgent.includes('Mac') ? '⌘Enter' : 'Ctrl+Enter';

/** May it run? A question to a person, with why it is asked and what each answer means. */
export function Ask({ message, approval }: { message: PreviewMessage; approval: Approval }) {
  const asking = useAsk();
  const id = useId();
  const [looked, setLooked] = useState<Decision>('run');
  const decide = (decision: Decision) => {
    setLooked(decision);
    if (whyNot(decision, message) !== null) return;
    const digest = message.preview?.script.digest ?? NO_DIGEST;
    void asking.ask({ method: 'decide', decision, digest });
  };
  useRunKey(() => decide('run'));
  const { restricted, reasons } = approval;
  return (
    <section className="ask" aria-labelledby={`${id}-title`}>
      <h2 className="ask-title" id={`${id}-title`}>
        <Icon name={restricted ? 'workspace-untrusted' : 'shield'} />
        {restricted ? 'It may not run here' : 'May it run?'}
      </h2>
      {reasons.length > 0 && (
        <ul className="ask-reasons">
          {reasons.map((reason, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a reason is its place.
            <li key={index}>{line(reason, 300)}</li>
          ))}
        </ul>
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only hears that the pointer left what is in it. */}
      <div className="ask-decisions" onMouseLeave={() => setLooked('run')}>
        {DECISIONS.map((decision) => (
          <Choice
            key={decision}
            decision={decision}
            blocked={whyNot(decision, message)}
            busy={asking.busy}
            look={() => setLooked(decision)}
            decide={() => decide(decision)}
          />
        ))}
      </div>
      <p className="ask-means" aria-hidden="true">
        <b>{LOOKS_OF[looked].label}:</b> {whyNot(looked, message) ?? LOOKS_OF[looked].means}
      </p>
      {restricted && (
        <p>
          <a className="link" href={TRUST}>
            Manage Workspace Trust
          </a>
        </p>
      )}
      {asking.problem !== null && (
        <p className="form-problem" role="alert">
          <Icon name="error" /> {line(asking.problem, 500)}
        </p>
      )}
    </section>
  );
}

interface ChoiceProps {
  decision: Decision;
  /** Why it is not open now. */
  blocked: string | null;
  busy: boolean;
  look: () => void;
  decide: () => void;
}

/** One that is not open keeps the focus, and says why; a button that is disabled would do neither. */
function Choice({ decision, blocked, busy, look, decide }: ChoiceProps) {
  const id = useId();
  const { label, icon, means } = LOOKS_OF[decision];
  const primary = decision === 'run';
  return (
    <>
      <button
        type="button"
        className={`button${primary ? ' primary' : ''}`}
        title={`${blocked ?? means}${primary ? ` (${RUN_KEYS})` : ''}`}
        aria-describedby={id}
        aria-disabled={busy || blocked !== null}
        aria-keyshortcuts={primary ? 'Control+Enter Meta+Enter' : undefined}
        onMouseEnter={look}
        onFocus={look}
        onClick={decide}
      >
        {primary && <Icon name={icon} />} {label}
      </button>
      <span id={id} className="unseen">
        {blocked ?? means}
      </span>
    </>
  );
}

/** Ctrl+Enter, or Cmd+Enter, from wherever the focus is but where something is typed. */
function useRunKey(run: () => void): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented || event.repeat) return;
      if (event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
