import { isJsonObject, type Json } from '../../extension/protocol/json.ts';
import type { WholeCall } from '../../extension/protocol/permissions.ts';
import { Icon } from '../icon.tsx';
import { ExactText } from './exact-text.tsx';

/** What a tool call would be given, name by name, for who wants to read all of it before they decide. */
export function AllOfIt({ whole: { input } }: { whole: WholeCall }) {
  const values: [name: string, value: Json][] = isJsonObject(input) ? Object.entries(input) : [['', input]];
  return (
    <details className="all-of-it">
      <summary>
        <Icon name="chevron-right" className="twistie" />
        Show all of the call
      </summary>
      <dl>
        {values.map(([name, value]) => (
          <div key={name}>
            <dt>
              <ExactText text={name} />
            </dt>
            <dd>
              <ExactText text={typeof value === 'string' ? value : JSON.stringify(value, null, 2)} inLines />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
