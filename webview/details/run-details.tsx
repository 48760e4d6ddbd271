import type { RoleModels, RunLimits } from '../../extension/protocol/run-events.ts';
import { cost, count, duration, line, plural, usageText } from '../format.ts';
import { useStore, useTree } from '../store.ts';
import { Census } from './census.tsx';
import { MayDoSection } from './may-do.tsx';
import { Rows, Section } from './parts.tsx';
import { States } from './summary-details.tsx';

/** The run as a whole: what it is, by what it goes, how it came out. */
export function RunDetails() {
  const { run, counts, usage, engine } = useTree();
  if (!run) return null;
  const from = run.forkedFrom;
  const rows: [name: string, value: string][] = [
    ['Model', line([run.model, run.providerTitle].filter(Boolean).join(' · '), 200)],
    ...modelsOf(run.models),
    ['At a time', plural(run.limits.concurrency, 'agent')],
    ...capsOf(run.limits),
  ];
  if (!run.preview) rows.push(['Used', usageText(usage) || 'nothing'], ['Runs on', engine ?? 'not begun']);
  if (from) rows.push(['Forked from', `${line(from.run, 100)}, as it was at event ${from.seq}`]);
  return (
    <>
      <h2>{line(run.name)}</h2>
      {run.description && <p>{line(run.description, 2000)}</p>}
      <Script path={run.script} edition={run.edition ?? 0} />
      <Census />
      <States counts={counts} />
      <Section title="What it goes by">
        <Rows rows={rows} />
      </Section>
      <MayDoSection profile={run.profile ?? 'read-only'} rules={run.permissions} />
    </>
  );
}

/** Where the script names none, by what agents are there for. */
function modelsOf(models: RoleModels = {}): [string, string][] {
  const roles: [keyof RoleModels, string][] = [
    ['agent', '… of agents'],
    ['challenger', '… of challengers'],
    ['judge', '… of judges'],
  ];
  return roles.flatMap(([role, name]) =>
    models[role] ? [[name, line(models[role], 200)] satisfies [string, string]] : [],
  );
}

/** What an agent may take where nobody says otherwise, as `RunLimits` tells it. */
const USUAL_TURNS = 50;

function capsOf(limits: RunLimits): [string, string][] {
  return [
    ['Agents', `at most ${limits.maxAgents.toLocaleString('en')}`],
    ['Output tokens', limits.budget === null ? 'no cap' : `at most ${count(limits.budget)}`],
    ['Cost', limits.maxCostUsd === null ? 'no cap' : `at most ${cost(limits.maxCostUsd)}`],
    [
      'Agent’s replies',
      limits.agentTurns == null ? `at most ${USUAL_TURNS}` : `at most ${limits.agentTurns.toLocaleString('en')}`,
    ],
    ['Agent’s output', limits.agentTokens == null ? 'no limit' : `at most ${count(limits.agentTokens)} tokens`],
    ['Time of an agent', limits.agentTimeoutMs === null ? 'no limit' : `at most ${duration(limits.agentTimeoutMs)}`],
    ['Time of the run', limits.runTimeoutMs === null ? 'no limit' : `at most ${duration(limits.runTimeoutMs)}`],
  ];
}

function Script({ path, edition }: { path: string; edition: number }) {
  const { host } = useStore();
  const replaced = edition > 0 ? `, replaced ${edition === 1 ? 'once' : `${edition} times`}` : '';
  return (
    <p className="quiet side-who">
      {host.kind === 'page' ? (
        <span className="mono">{line(path, 200)}</span>
      ) : (
        <button
          type="button"
          className="link mono"
          onClick={() => void host.request({ method: 'open-script', line: 1, column: 1 })}
        >
          {line(path, 200)}
        </button>
      )}
      {replaced}
    </p>
  );
}
