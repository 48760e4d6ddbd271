import type { PermissionRules, Profile } from '../../extension/protocol/permissions.ts';
import { Icon } from '../icon.tsx';
import { ExactText } from '../permission/exact-text.tsx';
import { PROFILE_LOOKS } from '../states.ts';
import { Section } from './parts.tsx';

/** So many rules of a kind are shown; whoever wrote more has them in a file. */
const MOST = 100;

/** What wins comes first. */
const KINDS = [
  { kind: 'deny', title: 'Denied' },
  { kind: 'ask', title: 'Asked' },
  { kind: 'allow', title: 'Allowed' },
] as const;

/** What the run's agents may do: by its profile, and by the rules that a person gave it beside that. */
export function MayDoSection({ profile, rules }: { profile: Profile; rules: PermissionRules | undefined }) {
  const { icon, word, hint } = PROFILE_LOOKS[profile];
  const given = KINDS.filter(({ kind }) => rules && rules[kind].length > 0);
  return (
    <Section title="What its agents may do">
      <p className="may-do">
        <Icon name={icon} /> <b>{word}</b> <span className="quiet">· {hint}.</span>
      </p>
      {given.length > 0 && (
        <dl className="rows">
          {given.map(({ kind, title }) => (
            <div key={kind}>
              <dt>{title}</dt>
              <dd>
                <Rules rules={rules?.[kind] ?? []} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Section>
  );
}

function Rules({ rules }: { rules: readonly string[] }) {
  return (
    <ul className="plain">
      {rules.slice(0, MOST).map((rule, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same rule may be given twice.
        <li key={index}>
          <ExactText text={rule} />
        </li>
      ))}
      {rules.length > MOST && <li className="quiet">and {rules.length - MOST} more</li>}
    </ul>
  );
}
