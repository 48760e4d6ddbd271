import { useState } from 'react';
import { aboutOf, verbOf } from '../../extension/protocol/permission-words.ts';
import type { PermissionQuestion, Target, WholeCall } from '../../extension/protocol/permissions.ts';
import { Icon } from '../icon.tsx';
import { ExactText } from './exact-text.tsx';

const ICONS: Record<Target['kind'], string> = {
  path: 'file',
  command: 'terminal',
  unclear: 'warning',
  address: 'globe',
  server: 'plug',
};

/** So many are shown at first. */
const SHORT = 20;

interface Props {
  question: PermissionQuestion;
  /** The call that it is about; null where only what the question has room for is known. */
  whole: WholeCall | 'asking' | null;
}

/** All that a tool call touches, one below the other, as it is; the call itself where it says nothing of that. */
export function TargetList({ question, whole }: Props) {
  const [all, setAll] = useState(false);
  const known = whole === null || whole === 'asking' ? question.targets : whole.targets;
  const targets = all ? known : known.slice(0, SHORT);
  const { what } = question;
  return (
    <>
      <ul className="wanted-list" aria-label="What it would do">
        {targets.length === 0 && (
          <li className="wanted">
            <Icon name="tools" />
            <div>
              <ExactText text={what} />
            </div>
          </li>
        )}
        {targets.map((target, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the targets of a question do not change.
          <li key={index} className={`wanted wanted-${target.kind}`}>
            <Icon name={ICONS[target.kind]} />
            <div>
              <span className="wanted-verb">{verbOf(target)}</span>
              <ExactText text={aboutOf(target)} />
              <More target={target} cut={isCut(target) ? whole : undefined} />
            </div>
          </li>
        ))}
      </ul>
      {targets.length < known.length && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          Show all {known.length.toLocaleString('en')} of them
        </button>
      )}
    </>
  );
}

/** What is to be known of a target beside itself. */
function More({ target, cut }: { target: Target; cut: Props['whole'] | undefined }) {
  return (
    <>
      {target.kind === 'command' && target.text !== aboutOf(target) && (
        <p className="quiet">
          written as <ExactText text={target.text} />
        </p>
      )}
      {target.kind === 'unclear' && (
        <p className="wanted-note">
          Nobody can tell beforehand what this does: <ExactText text={target.why} />
        </p>
      )}
      {target.kind === 'path' && /^(\.\.(\/|$)|\/|[a-z]:)/i.test(target.path) && (
        <p className="wanted-note">It lies outside the workspace.</p>
      )}
      {cut === 'asking' && <p className="wanted-note">It is longer: the rest is being fetched.</p>}
      {cut === null && (
        <p className="wanted-note">
          It is longer, and only its beginning is known here. Deny it if you cannot tell the rest.
        </p>
      )}
    </>
  );
}

/** A run tells of each target so much that a question stays small, and ends it with an ellipsis where there is more. */
const MOST_TOLD = 500;

function isCut(target: Target): boolean {
  if (target.kind === 'server') return false;
  const text = target.kind === 'command' ? target.text : aboutOf(target);
  const cutWords = target.kind === 'command' && target.words.at(-1) === '…';
  return cutWords || (text.length >= MOST_TOLD && text.endsWith('…'));
}
