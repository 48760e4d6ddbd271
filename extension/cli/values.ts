import { PROVIDERS } from '../models/providers.ts';
import { PLAN_SIZES, type PlanSize } from '../planner/plan-request.ts';
import { callNumberOf } from '../protocol/call-number.ts';
import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';
import {
  PERMISSION_ANSWERS,
  type PermissionAnswer,
  type PermissionRules,
  PROFILES,
  type Profile,
} from '../protocol/permissions.ts';
import type { RoleModels, RunLimits } from '../protocol/run-events.ts';
import type { EngineChoice } from '../protocol/sandbox-wire.ts';

/** A wrong command line: exit code 2, and the text says what is right. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Options as they were given. */
export type Given = Record<string, string | boolean | string[] | undefined>;

export function text(value: Given[string]): string | null {
  return typeof value === 'string' ? value : null;
}

/** Undefined where it was not given. @throws UsageError */
export function readJson(option: string, given: string | null): Json | undefined {
  if (given === null) return undefined;
  try {
    return JSON.parse(given) as Json;
  } catch (error) {
    throw new UsageError(
      `${option} is no JSON (${error instanceof Error ? error.message : error}); a text needs its quotes: ${option} '"text"'`,
    );
  }
}

/** @throws UsageError */
export function readObject(option: string, given: string | null): JsonObject | undefined {
  const value = readJson(option, given);
  if (value === undefined || isJsonObject(value)) return value;
  throw new UsageError(`${option} takes a JSON object, such as ${option} '{"days":3}', not ${given}`);
}

/** @throws UsageError */
export function readProvider(given: string | null): string | null {
  const ids = PROVIDERS.map(({ id }) => id);
  if (given === null || ids.some((id) => id === given)) return given;
  throw new UsageError(`--provider is ${ids.slice(0, -1).join(', ')} or ${ids.at(-1)}, not ${JSON.stringify(given)}`);
}

const ROLES = [
  ['agent', 'finder-model'],
  ['challenger', 'challenger-model'],
  ['judge', 'judge-model'],
] as const;

/** Only those that were given. @throws UsageError */
export function readRoleModels(values: Given): RoleModels {
  const models: RoleModels = {};
  for (const [role, option] of ROLES) {
    const model = text(values[option]);
    if (model === null) continue;
    if (model.trim() === '') throw new UsageError(`--${option} takes the name of a model, such as haiku`);
    models[role] = model;
  }
  return models;
}

/** @throws UsageError */
export function readEngine(given: string | null): EngineChoice | null {
  if (given === null || given === 'auto' || given === 'isolated-vm' || given === 'quickjs') return given;
  throw new UsageError(`--engine is auto, isolated-vm or quickjs, not ${JSON.stringify(given)}`);
}

/** @throws UsageError */
export function readSize(given: string | null): PlanSize {
  const size = PLAN_SIZES.find((known) => known === (given ?? 'auto'));
  if (size) return size;
  throw new UsageError(`--size is auto, small, medium or large, not ${JSON.stringify(given)}`);
}

/** @throws UsageError */
export function readProfile(given: string | null): Profile | null {
  const profile = PROFILES.find((known) => known === given);
  if (given === null || profile) return profile ?? null;
  throw new UsageError(`--profile is read-only, edit-in-worktrees or trusted, not ${JSON.stringify(given)}`);
}

/** Null where none was given. What is wrong with a rule is told by those who read it. */
export function readPermissions({ allow, ask, deny }: Given): PermissionRules | null {
  const [allowed, asked, denied] = [allow, ask, deny].map((rules) => (Array.isArray(rules) ? rules : []));
  const rules = { allow: allowed ?? [], ask: asked ?? [], deny: denied ?? [] };
  return rules.allow.length + rules.ask.length + rules.deny.length === 0 ? null : rules;
}

/** @throws UsageError */
export function readPermissionAnswer(given: string | null): PermissionAnswer | null {
  const answer = PERMISSION_ANSWERS.find((known) => known === given);
  if (given === null || answer) return answer ?? null;
  throw new UsageError(`--answer is once, run, always or deny, not ${JSON.stringify(given)}`);
}

/** Milliseconds. @throws UsageError */
export function readPermissionTimeout(given: string | null): number | null {
  const seconds = readNumber('--permission-timeout', given, MAX_SECONDS);
  return seconds === null ? null : seconds * 1_000;
}

/** The longest that a timer takes: 24 days. */
const MAX_SECONDS = 2_000_000;

/** Only those that were given. @throws UsageError */
export function readLimits(values: Given): Partial<RunLimits> {
  const concurrency = readNumber('--concurrency', text(values.concurrency), 256);
  const maxAgents = readNumber('--max-agents', text(values['max-agents']), 10_000);
  const budget = readCap(text(values.budget), (given) => readNumber('--budget', given));
  const maxCostUsd = readCap(text(values['max-cost']), readAmount);
  const agentTimeout = readNumber('--agent-timeout', text(values['agent-timeout']), MAX_SECONDS);
  const agentTurns = readNumber('--agent-turns', text(values['agent-turns']));
  const agentTokens = readNumber('--agent-tokens', text(values['agent-tokens']));
  const runTimeout = readNumber('--timeout', text(values.timeout), MAX_SECONDS);
  return {
    ...(concurrency !== null && { concurrency }),
    ...(maxAgents !== null && { maxAgents }),
    ...(budget !== undefined && { budget }),
    ...(maxCostUsd !== undefined && { maxCostUsd }),
    ...(agentTimeout !== null && { agentTimeoutMs: agentTimeout * 1_000 }),
    ...(agentTurns !== null && { agentTurns }),
    ...(agentTokens !== null && { agentTokens }),
    ...(runTimeout !== null && { runTimeoutMs: runTimeout * 1_000 }),
  };
}

/** Undefined where it was not given, null for `none`. */
function readCap(given: string | null, read: (given: string) => number | null): number | null | undefined {
  if (given === null) return undefined;
  return given === 'none' ? null : read(given);
}

function readAmount(given: string): number {
  const value = Number(given);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(
    `--max-cost takes an amount of US dollars over 0, such as 2.50, or none, not ${JSON.stringify(given)}`,
  );
}

/** The number of a call, also as people write that of an agent that they added. @throws UsageError */
export function readAgent(what: string, given: string | null): number | null {
  const number = given === null ? null : callNumberOf(given);
  if (given === null || number !== null) return number;
  throw new UsageError(
    `${what} takes a whole number from 1, or added-1 for an agent that was added, not ${JSON.stringify(given)}`,
  );
}

/** @throws UsageError */
export function readNumber(what: string, given: string | null, max = Number.MAX_SAFE_INTEGER): number | null {
  if (given === null) return null;
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new UsageError(
    `${what} takes a whole number from 1${max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ''}, not ${JSON.stringify(given)}`,
  );
}
