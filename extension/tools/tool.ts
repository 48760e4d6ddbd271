import type { JsonObject } from '../protocol/json.ts';

/** One thing an agent may do. What it returns goes to the model as text. */
export interface Tool {
  name: string;
  description: string;
  inputSchema: JsonObject;
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
