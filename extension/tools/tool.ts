import type { JsonObject } from '../protocol/json.ts';
import type { Access, Target } from '../protocol/permissions.ts';

/** One thing an agent may do. What it returns goes to the model as text. */
export interface Tool {
  name: string;
  description: string;
  inputSchema: JsonObject;
  /** What it can do at most. */
  access: Access;
  /** What this call would touch, for the rules to go by; absent: nothing that they could tell apart. @throws ToolError as `run`. */
  targets?(input: JsonObject, context: ToolContext): Promise<Target[]>;
  /** What it does now, in a few words, for the agent's node: `reading auth/session.ts`. */
  describe(input: JsonObject): string;
  /** @throws ToolError with a message for the model; anything else thrown is a defect of ours. */
  run(input: JsonObject, context: ToolContext): Promise<string>;
}

export interface ToolContext {
  /** Real path of the workspace; nothing outside it is read, whatever links say. */
  workspace: string;
  /** Path of the ripgrep binary. */
  ripgrep: string;
  signal: AbortSignal;
}

/** A refusal or failure that the model should read and act on. */
export class ToolError extends Error {
  override name = 'ToolError';
}
