import { type Rule, readRules } from '../permissions/rules.ts';
import { UserError } from '../protocol/errors.ts';
import type { PermissionRules } from '../protocol/permissions.ts';
import type { RunInfo } from '../protocol/run-events.ts';

const NO_RULES: PermissionRules = { allow: [], ask: [], deny: [] };
/** Characters of all rules of a run: they are told in an event, and events are small. */
const MAX_RULES = 50_000;

/** The rules of a run, each once. @throws UserError `bad-arguments` where they are too many. */
export function mergedRules(added: PermissionRules, known: PermissionRules = NO_RULES): PermissionRules {
  const merged = (outcome: keyof PermissionRules): string[] => [...new Set([...known[outcome], ...added[outcome]])];
  const rules = { allow: merged('allow'), ask: merged('ask'), deny: merged('deny') };
  const size = JSON.stringify(rules).length;
  if (size <= MAX_RULES) return rules;
  throw new UserError(
    'bad-arguments',
    `The permission rules of a run may have ${MAX_RULES} characters together, and these have ${size}. Write fewer and wider ones.`,
  );
}

/** @param tools names of all tools that there are. @throws UserError for a rule that cannot be read. */
export function rulesOf({ permissions = NO_RULES }: Pick<RunInfo, 'permissions'>, tools: readonly string[]): Rule[] {
  return readRules(permissions, tools);
}
