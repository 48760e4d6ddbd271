import type { Provider } from '../../models/provider.ts';
import type { Preview, Range } from '../../protocol/preview.ts';
import type { Figures } from './agent-figures.ts';
import type { DryRun } from './dry-run.ts';
import type { Leaning } from './leaning.ts';

/** The dry runs that the figures are taken from; `lean` and `rich` may be the likely one again, where all do the same. */
export type DryRuns = Record<Leaning, DryRun>;

type Measured = Pick<
  Preview,
  'agents' | 'inputTokens' | 'outputTokens' | 'costUsd' | 'durationMs' | 'phases' | 'models' | 'capped'
>;

/** What the dry runs come to, together. */
export function measure(runs: DryRuns, provider: Provider): Measured {
  const sum = (key: 'inputTokens' | 'outputTokens'): Range =>
    rangeOf(runs, (run, leaning) => Math.round(total(run, leaning, (figures) => figures[key])));
  const unpriced =
    !provider.free &&
    LEANINGS.some((leaning) => runs[leaning].agents.some(({ figures }) => figures.likely.costUsd === null));
  return {
    agents: rangeOf(runs, (run) => run.agents.length),
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    costUsd: unpriced ? null : rangeOf(runs, (run, leaning) => total(run, leaning, (figures) => figures.costUsd ?? 0)),
    durationMs: rangeOf(runs, durationOf),
    phases: shares(runs, ({ phase }) => phase).map(([title, agents]) => ({ title, agents })),
    models: shares(runs, ({ model }) => model).map(([model, agents]) => ({ model, agents })),
    capped: LEANINGS.map((leaning) => runs[leaning]).reduce((a, b) => (b.agents.length >= a.agents.length ? b : a))
      .capped,
  };
}

const LEANINGS: readonly Leaning[] = ['lean', 'likely', 'rich'];

function rangeOf(runs: DryRuns, of: (run: DryRun, leaning: Leaning) => number): Range {
  const [lean, likely, rich] = LEANINGS.map((leaning) => of(runs[leaning], leaning)) as [number, number, number];
  return { low: Math.min(lean, likely, rich), likely, high: Math.max(lean, likely, rich) };
}

function total(run: DryRun, leaning: Leaning, of: (figures: Figures) => number): number {
  return run.agents.reduce((sum, { figures }) => sum + of(figures[leaning]), 0);
}

/** Where one dry run stands for another, its time is that of agents which are so much faster or slower. */
function durationOf(run: DryRun, leaning: Leaning): number {
  if (run.leaning === leaning) return Math.round(run.durationMs);
  const own = total(run, run.leaning, ({ ms }) => ms);
  const wanted = total(run, leaning, ({ ms }) => ms);
  return Math.round(own === 0 ? run.durationMs : (run.durationMs * wanted) / own);
}

type Agent = DryRun['agents'][number];

/** Agents by what they have in common, in the order of the likely run's first. */
function shares(runs: DryRuns, keyOf: (agent: Agent) => string): [string, Range][] {
  const counts = (run: DryRun): Map<string, number> => {
    const counted = new Map<string, number>();
    for (const agent of run.agents) counted.set(keyOf(agent), (counted.get(keyOf(agent)) ?? 0) + 1);
    return counted;
  };
  const counted = { lean: counts(runs.lean), likely: counts(runs.likely), rich: counts(runs.rich) };
  const keys = new Set([...counted.likely.keys(), ...counted.rich.keys(), ...counted.lean.keys()]);
  return [...keys].map((key) => [key, rangeOf(runs, (_, leaning) => counted[leaning].get(key) ?? 0)]);
}
