import { requestPrice } from '../models/prices.ts';
import type { Provider } from '../models/provider.ts';
import { UserError } from '../protocol/errors.ts';
import type { RoleModels, RunInfo } from '../protocol/run-events.ts';
import type { AgentOptions, AgentRole } from '../protocol/sandbox-wire.ts';

/** An agent as far as its model goes. */
export interface AskedAgent {
  options: Pick<AgentOptions, 'model'>;
  role: AgentRole;
  /** The phase it belongs to. */
  phase: string | null;
}

/**
 * The model of an agent: the one it names itself, else that of its phase, else that of its role, else that of the run.
 * What the script says goes before what a person chose for all that it says nothing of.
 */
export function modelOfAgent(
  { options, role, phase }: AskedAgent,
  { phases, models, model }: Pick<RunInfo, 'phases' | 'models' | 'model'>,
  resolveModel: (name: string) => string,
): string {
  const named = options.model || phases.find(({ title }) => title === phase)?.model;
  return named ? resolveModel(named) : (models?.[role] ?? model);
}

/** With the models' own names. */
export function resolvedModels(models: RoleModels, provider: Pick<Provider, 'resolveModel'>): RoleModels {
  const named = Object.entries(models).map(([role, name]) => [role, provider.resolveModel(name)]);
  return Object.fromEntries(named) as RoleModels;
}

/** A cap on cost that cannot be held is none. @throws UserError */
export function refuseUnpriced({ limits, model, models, phases }: RunInfo, provider: Provider): void {
  if (limits.maxCostUsd === null || provider.free) return;
  const ofPhases = phases.flatMap((phase) => (phase.model ? [provider.resolveModel(phase.model)] : []));
  const unknown = [model, ...Object.values(models ?? {}), ...ofPhases].find((name) => !requestPrice(name, 0));
  if (unknown === undefined) return;
  throw new UserError(
    'bad-arguments',
    `No price is known for the model ${JSON.stringify(unknown)}, so a cap on cost cannot hold: cap the output tokens (--budget) instead of the cost (--max-cost), or give its price in a file that COUNTERPOINT_PRICES names.`,
  );
}
