import type { GroupNode } from '../../extension/protocol/run-tree.ts';
import { line, usageText } from '../format.ts';
import { Icon } from '../icon.tsx';
import { challengersOf, LOOKS, markOf, standingOf } from '../states.ts';
import { useStore, useTree } from '../store.ts';
import { doingOf } from '../tree/agent-box.tsx';
import { useView } from '../view-state.ts';
import { VoteMark } from './agent-details.tsx';
import { Fact, Facts, Section } from './parts.tsx';

const MEANING = {
  upheld: 'Most challengers could not refute it.',
  refuted: 'Most challengers refuted it.',
  unverified: 'Too few votes to decide: neither upheld nor refuted.',
};

/** A claim, how it stands, and what each challenger said. */
export function ClaimDetails({ group }: { group: GroupNode }) {
  const tree = useTree();
  const standing = standingOf(tree, group);
  const { verdict } = group.change;
  const used = usageText(group.usage);
  return (
    <>
      <h2 className={standing.state === 'refuted' ? 'struck' : ''}>{line(group.info.label, 2000) || 'Claim'}</h2>
      {group.info.detail && <Place detail={group.info.detail} />}
      <Facts>
        <span className={`pill is-${standing.state}`}>
          <Icon name={LOOKS[standing.state].icon} />
          {standing.words}
        </span>
        {verdict && verdict.failed > 0 && <Fact value={String(verdict.failed)} unit="failed" />}
        {used && <span>{used}</span>}
      </Facts>
      {verdict && <p>{MEANING[verdict.verdict]}</p>}
      <Section title="Challengers">
        <Votes group={group} />
      </Section>
    </>
  );
}

function Votes({ group }: { group: GroupNode }) {
  const tree = useTree();
  const view = useView();
  const calls = challengersOf(tree, group);
  if (calls.length === 0) return <p className="quiet">None asked yet.</p>;
  return (
    <ul className="votes">
      {calls.map((call) => {
        const place = call.info.slot[0] ?? 0;
        const reason = group.change.verdict?.reasons[place];
        return (
          <li key={call.info.id}>
            <button type="button" className="vote" onClick={() => view.select({ type: 'call', id: call.info.id })}>
              <VoteMark call={call} />
              <span>
                <b>{line(group.info.labels[place] || call.info.label, 80)}</b> {markOf(call).word}
                <span className="vote-reason">
                  {reason ? line(reason, 600) : call.settled?.vote ? '' : doingOf(call)}
                </span>
              </span>
              <Icon name="chevron-right" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** `db/report.ts:88` opens the file where there is an editor. */
function Place({ detail }: { detail: string }) {
  const { host } = useStore();
  const place = /^(.+):(\d+)(?::\d+)?$/.exec(detail);
  if (!place || host.kind === 'page') return <p className="quiet mono">{line(detail, 500)}</p>;
  const [, path = '', row = '1'] = place;
  return (
    <p>
      <button
        type="button"
        className="link mono"
        onClick={() => void host.request({ method: 'open-file', path, line: Number(row) })}
      >
        {line(detail, 500)}
      </button>
    </p>
  );
}
