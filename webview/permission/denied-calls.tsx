import { useState } from 'react';
import type { PermissionDecision } from '../../extension/protocol/permissions.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { Section } from '../details/parts.tsx';
import { Icon } from '../icon.tsx';
import { ExactText } from './exact-text.tsx';

/** So many are shown at first, the latest of them. */
const SHORT = 10;

const BY: Record<PermissionDecision['by'], string> = {
  rule: 'by a rule',
  person: 'by a person',
  timeout: 'for nobody answered in time',
  unattended: 'for nobody is there to be asked',
};

/** The tool calls of an agent that were not allowed, and why. */
export function DeniedCalls({ call: { denied } }: { call: CallNode }) {
  const [all, setAll] = useState(false);
  if (denied.length === 0) return null;
  const hidden = all ? 0 : Math.max(0, denied.length - SHORT);
  return (
    <Section title={`Denied (${denied.length})`}>
      <ul className="census-list">
        {denied.slice(hidden).map(({ what, why, by }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was denied stays in its place.
          <li key={hidden + index}>
            <span className="state-icon">
              <Icon name="circle-slash" />
            </span>
            <span>
              <ExactText text={what} />
              <span className="vote-reason">
                {BY[by]}: <ExactText text={why} />
              </span>
            </span>
          </li>
        ))}
      </ul>
      {hidden > 0 && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          Show {hidden} that came before
        </button>
      )}
    </Section>
  );
}
