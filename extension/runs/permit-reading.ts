import { boundsOf } from '../permissions/bounds.ts';
import { decide, type PermissionCall } from '../permissions/decide.ts';
import type { Permit } from '../permissions/permissions.ts';
import type { PermissionRules } from '../protocol/permissions.ts';
import { TOOL_NAMES } from './offered-tools.ts';
import type { AskedCall } from './run-permissions.ts';
import { rulesOf } from './run-rules.ts';

/** Decides about the tool calls of what belongs to no run, such as a planner. */
export type PermitReading = (call: Omit<AskedCall, 'onWait'>) => Promise<Permit>;

const NOBODY = (): boolean => false;

/**
 * Outside of any run there is nobody to be asked, nothing but reading, and no event that could tell of a no: what a person's rules deny or
 * want asked is not done. @throws UserError for a rule that cannot be read.
 */
export function permitReading(permissions: PermissionRules | undefined): PermitReading {
  const rules = rulesOf(permissions ? { permissions } : {}, TOOL_NAMES);
  return async ({ tool, input, context }) => {
    const targets = (await tool.targets?.(input, context)) ?? [];
    const { name, access } = tool;
    const call: PermissionCall = { tool: name, access, input, targets, confined: false };
    const { outcome, why } = decide(call, rules, 'read-only', NOBODY);
    if (outcome === 'allow') return { allowed: true, bounds: boundsOf(call, rules, NOBODY) };
    const asked = outcome === 'ask' ? ', for nobody is asked outside of a run' : '';
    return { allowed: false, why: `Not allowed${asked}. ${why}.` };
  };
}
