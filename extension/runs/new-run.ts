import { createHash, randomBytes } from 'node:crypto';
import type { WorkflowMeta } from '../dialect/read-script.ts';
import type { StoredRun } from '../journal/journal.ts';
import type { Provider } from '../models/provider.ts';
import { plain } from '../protocol/plain-text.ts';
import { type RunChange, type RunInfo, type RunLimits, workflowNameOf } from '../protocol/run-events.ts';
import { refuseUnpriced, resolvedModels } from './model-choice.ts';
import { mergedRules } from './run-rules.ts';
import type { ResumeChange, StartRequest } from './run-service.ts';
import type { LocatedScript } from './workflow-catalogue.ts';

export const DEFAULT_LIMITS: RunLimits = {
  concurrency: 16,
  maxAgents: 1_000,
  budget: null,
  maxCostUsd: null,
  agentTimeoutMs: null,
  runTimeoutMs: null,
};

/** Characters of a run's own name. */
const LONGEST_NAME = 80;

/** A run as it is before its first event. */
export interface NewRun {
  run: StoredRun;
  info: RunInfo;
}

/** @throws UserError where a limit cannot hold. */
export function newRun(located: LocatedScript, request: StartRequest, provider: Provider): NewRun {
  const { name, description } = located.script.meta;
  const own = plain(request.name ?? '', LONGEST_NAME);
  const id = newRunId(name);
  const createdAt = Date.now();
  const info: RunInfo = {
    id,
    ...(own === '' || own === name ? { name } : { name: own, workflow: name }),
    description,
    ...scriptFacts(located),
    provider: provider.id,
    providerTitle: provider.title,
    model: request.model ? provider.resolveModel(request.model) : provider.defaultModel,
    ...(request.models && { models: resolvedModels(request.models, provider) }),
    limits: { ...DEFAULT_LIMITS, ...request.limits },
    ...(request.profile && { profile: request.profile }),
    ...(request.permissions && { permissions: mergedRules(request.permissions) }),
  };
  refuseUnpriced(info, provider);
  const seed = randomBytes(8).toString('hex');
  return { run: { id, createdAt, clock: createdAt, script: located.text, args: request.args, seed }, info };
}

/** A run that begins where another was at some event. Its clock and its dice are that one's, or nothing would be found again. */
export function forkedRun(
  past: { run: StoredRun; info: RunInfo; forkedFrom: NonNullable<RunInfo['forkedFrom']> },
  change: RunChange,
  script: string,
): NewRun {
  const id = newRunId(workflowNameOf(past.info));
  const info = { ...past.info, ...change, id, forkedFrom: past.forkedFrom };
  return { run: { ...past.run, id, createdAt: Date.now(), script }, info };
}

/** What a resume or a fork changes of a run; undefined where nothing is. */
export function changeOf(
  info: RunInfo,
  { model, models, limits, profile, permissions }: ResumeChange,
  located: LocatedScript | null,
  provider: Provider,
): RunChange | undefined {
  const change: RunChange = {
    ...(located && { ...scriptFacts(located), edition: (info.edition ?? 0) + 1 }),
    ...(model !== undefined && { model: provider.resolveModel(model) }),
    ...(models && { models: { ...info.models, ...resolvedModels(models, provider) } }),
    ...(limits && { limits: { ...info.limits, ...limits } }),
    ...(profile && { profile }),
    ...(permissions && { permissions: mergedRules(permissions, info.permissions) }),
  };
  if (Object.keys(change).length === 0) return undefined;
  refuseUnpriced({ ...info, ...change }, provider);
  return change;
}

function scriptFacts({ title, text, script }: LocatedScript): Pick<RunInfo, 'script' | 'digest' | 'phases'> {
  return { script: title, digest: digestOf(text), phases: phasesOf(script.meta) };
}

/** SHA-256 of a script's text, hex. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function phasesOf({ phases }: WorkflowMeta): RunInfo['phases'] {
  return phases.map(({ title, detail, model }) => ({ title, ...(detail && { detail }), ...(model && { model }) }));
}

/** The workflow's name, and enough chance that two runs never meet. */
function newRunId(name: string): string {
  const slug =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 32) || 'run';
  return `${slug}-${randomBytes(4).toString('hex')}`;
}
