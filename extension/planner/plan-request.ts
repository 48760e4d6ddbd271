import type { Json } from '../protocol/json.ts';
import type { PermissionRules } from '../protocol/permissions.ts';
import type { RoleModels, RunLimits, Usage } from '../protocol/run-events.ts';
import type { PreviewedRun } from './preview-request.ts';

/** How many agents a plan should come to: as the goal asks for, or about 5, 40 or 200. */
export const PLAN_SIZES = ['auto', 'small', 'medium', 'large'] as const;
export type PlanSize = (typeof PLAN_SIZES)[number];

export interface PlanRequest {
  goal: string;
  size: PlanSize;
  provider: string;
  model?: string;
  /** What it will be run with, so that it is planned and previewed for that. */
  models?: RoleModels;
  limits?: Partial<RunLimits>;
  /** The person's rules: the planner reads no more of the workspace than the agents of a run would. */
  permissions?: PermissionRules;
  signal?: AbortSignal;
  /** Hears what the planner does now, in a few words. */
  onProgress?(words: string): void;
}

/** A script that was read, linted and dry-run without an error. */
export interface Plan {
  name: string;
  text: string;
  /** What it is to be run with. */
  args?: Json;
  /** Why it is built so, in a few sentences for a person. */
  why: string;
  /** The path of a bundled workflow that was picked as it is; absent: the text is new. */
  bundled?: string;
  /** Who wrote it, such as `claude-opus-5-5` or `built-in analyst (no AI model)`. */
  by: string;
  /** Scripts that were written until one was good. */
  attempts: number;
  usage: Usage;
  preview: PreviewedRun;
}
