import type { CallDetails } from '../protocol/call-details.ts';
import type { Json } from '../protocol/json.ts';
import type { PermissionRules } from '../protocol/permissions.ts';
import type { Preview } from '../protocol/preview.ts';
import type { RoleModels, RunEvent, RunLimits } from '../protocol/run-events.ts';

/** What is to be previewed; as a run would be started, but that the text may be one that is still being edited. */
export interface PreviewRequest {
  /** A path (absolute, or relative to the workspace) or the name of a workflow. */
  script: string;
  /** In place of what lies at that path. */
  text?: string;
  args?: Json;
  provider: string;
  model?: string;
  models?: RoleModels;
  limits?: Partial<RunLimits>;
  /** False: no tool reads the workspace, not even for the script itself; all of them are answered with made-up values. */
  mayRead: boolean;
  /** The person's rules: tools read no more of the workspace than those of a run would. */
  permissions?: PermissionRules;
  signal?: AbortSignal;
}

/** A preview with the tree of its likeliest dry run, as events of a run that was never started. */
export interface PreviewedRun {
  preview: Preview;
  /** The script's text. */
  text: string;
  runId: string;
  events: RunEvent[];
  /** Prompt and options of a call in that tree. @throws UserError where there is none. */
  details(call: number): CallDetails;
}
