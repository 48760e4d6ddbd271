import { UserError } from '../protocol/errors.ts';
import { type PermissionRules, PROFILES, type Profile } from '../protocol/permissions.ts';
import type { RoleModels } from '../protocol/run-events.ts';

// VS Code hands settings over as they were written, whatever their schema says. What guards something is refused where it
// is not what it should be: read as if it were not there, a rule that denies would deny nothing.

/** The settings that name the model of a role. */
const MODEL_SETTINGS: Record<keyof RoleModels, string> = {
  agent: 'finderModel',
  challenger: 'challengerModel',
  judge: 'judgeModel',
};

/** @param setting Reads a setting. @returns Undefined where no role has one. */
export function modelsIn(setting: (name: string) => unknown): RoleModels | undefined {
  const models: RoleModels = {};
  for (const [role, name] of Object.entries(MODEL_SETTINGS) as [keyof RoleModels, string][]) {
    const model = setting(name);
    if (typeof model === 'string' && model.trim() !== '') models[role] = model.trim();
  }
  return Object.keys(models).length > 0 ? models : undefined;
}

/** @throws UserError `bad-arguments` that names the profiles. */
export function profileIn(value: unknown): Profile {
  const profile = PROFILES.find((known) => known === (value ?? 'read-only'));
  if (profile) return profile;
  throw new UserError('bad-arguments', `The setting counterpoint.profile must be one of: ${PROFILES.join(', ')}.`);
}

/** @returns Undefined where there are none. @throws UserError `bad-arguments` that says what they must be. */
export function rulesIn(value: unknown): PermissionRules | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) return refuse();
  const { allow = [], ask = [], deny = [], ...others } = value;
  if (Object.keys(others).length > 0) return refuse();
  const rules = { allow: listIn(allow), ask: listIn(ask), deny: listIn(deny) };
  return Object.values(rules).some((list) => list.length > 0) ? rules : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listIn(value: unknown): string[] {
  return Array.isArray(value) && value.every((rule) => typeof rule === 'string') ? value : refuse();
}

function refuse(): never {
  throw new UserError(
    'bad-arguments',
    'The setting counterpoint.permissions must have the lists allow, ask and deny and nothing else, each of rules such as "bash(npm test)".',
  );
}
