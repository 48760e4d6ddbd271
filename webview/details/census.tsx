import type { RunCensus } from '../../extension/protocol/run-census.ts';
import { runCensus } from '../../extension/protocol/run-census.ts';
import { line, plural } from '../format.ts';
import { Icon, StateIcon } from '../icon.tsx';
import { useTree } from '../store.ts';
import { Section } from './parts.tsx';

/** How a run that is over came out: what failed and why, what was dropped and where, what nobody could decide. */
export function Census({ level = 3 }: { level?: 2 | 3 }) {
  const tree = useTree();
  if (tree.endedAt === null) return null;
  const census = runCensus(tree);
  const { failed, skipped, denied, dropped, verdicts } = census;
  const lost = failed + skipped + denied.length + dropped.length + verdicts.unverified > 0;
  return (
    <section className="census">
      <Section title="How the run came out" level={level}>
        <Outcome census={census} />
        {lost ? <Lost census={census} /> : <p className="quiet">Nothing failed, nothing was dropped.</p>}
      </Section>
    </section>
  );
}

function Outcome({ census }: { census: RunCensus }) {
  const { started, succeeded, reused, skipped, verdicts } = census;
  const decided = verdicts.upheld + verdicts.refuted + verdicts.unverified;
  const words = [
    `Of ${plural(started, 'agent')} that were asked ${succeeded} answered`,
    reused > 0 && `${reused} more were reused`,
    skipped > 0 && `${skipped} skipped or stopped`,
  ];
  return (
    <>
      <p>{words.filter(Boolean).join(', ')}.</p>
      {decided > 0 && (
        <p>
          {plural(decided, 'claim')}: {verdicts.upheld} upheld, {verdicts.refuted} refuted, {verdicts.unverified}{' '}
          unverified.
        </p>
      )}
    </>
  );
}

function Lost({ census }: { census: RunCensus }) {
  const { failures, denied, dropped, unverified, verdicts } = census;
  const unnamed = verdicts.unverified - unverified.length;
  return (
    <ul className="census-list">
      {failures.map(({ cause, agents, example }) => (
        <li key={cause}>
          <StateIcon state="failed" />
          <span>
            <b>{plural(agents, 'agent')}</b> failed: {cause.replaceAll('-', ' ')}
            <span className="vote-reason">such as: {line(example, 300)}</span>
          </span>
        </li>
      ))}
      {denied.map(({ what, why, calls }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list of a run that is over does not change.
        <li key={index}>
          <span className="state-icon">
            <Icon name="circle-slash" />
          </span>
          <span>
            <b>{plural(calls, 'tool call')}</b> denied: {line(what, 200)}
            <span className="vote-reason">{line(why, 300)}</span>
          </span>
        </li>
      ))}
      {dropped.map(({ where, items }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two groups of one place are two lines.
        <li key={index}>
          <span className="state-icon">
            <Icon name="trash" />
          </span>
          <span>
            <b>{plural(items, 'item')}</b> dropped by {line(where, 200)}
          </span>
        </li>
      ))}
      {unverified.length > 0 && (
        <li>
          <StateIcon state="unverified" />
          <span>
            <b>{plural(verdicts.unverified, 'claim')}</b> without a verdict
            {unverified.map((claim, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: claims may be alike.
              <span key={index} className="vote-reason">
                {line(claim, 200) || 'a claim without a name'}
              </span>
            ))}
            {unnamed > 0 && <span className="vote-reason">and {unnamed} more</span>}
          </span>
        </li>
      )}
    </ul>
  );
}
