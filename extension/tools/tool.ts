import type { JsonObject } from '../protocol/json.ts';
import type { Access, Target } from '../protocol/permissions.ts';
import type { Bounds } from './bounds.ts';

/** One thing an agent may do. What it returns goes to the model. */
export interface Tool {
  name: string;
  description: string;
  inputSchema: JsonObject;
  /** What it can do at most. */
  access: Access;
  /**
   * What this call would touch, for the rules to go by; absent: nothing that they could tell apart. A folder stands for what lies in it:
   * a tool that may come to any file names the workspace, `.`, beside what it was asked about. @throws ToolError as `run`.
   */
  targets?(input: JsonObject, context: ToolContext): Promise<Target[]>;
  /** What it does now, in a few words, for the agent's node: `reading auth/session.ts`. */
  describe(input: JsonObject): string;
  /** @throws ToolError with a message for the model; anything else thrown is a defect of ours. */
  run(input: JsonObject, context: ToolContext): Promise<string | ToolOutput>;
}

/** A tool that brings nothing but text. */
export interface TextTool extends Tool {
  run(input: JsonObject, context: ToolContext): Promise<string>;
}

/** What a tool brings, where that is more than a text for the model. */
export interface ToolOutput {
  forModel: string;
  /** All of it, where the model gets only a part; at most about a megabyte, and what it lacks is told in it. */
  whole?: string;
  images?: ToolImage[];
}

/** A picture for the model. */
export interface ToolImage {
  mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** Base64. */
  data: string;
}

/** What a tool returned, in one shape. */
export function outputOf(returned: string | ToolOutput): ToolOutput {
  return typeof returned === 'string' ? { forModel: returned } : returned;
}

export interface ToolContext {
  /** Real path of the workspace; nothing outside it is read, whatever links say. */
  workspace: string;
  /** Path of the ripgrep binary. */
  ripgrep: string;
  signal: AbortSignal;
  /** What a person's rules leave to this call; absent: they keep nothing back, and let programs reach nothing. */
  bounds?: Bounds;
  /** Tells what a call that takes long does now, in a few words. */
  onProgress?(doing: string): void;
}

/** A refusal or failure that the model should read and act on. */
export class ToolError extends Error {
  override name = 'ToolError';
}

/** What is not done for whoever asks and whatever rules say: it counts as a call that was denied, and is told to people as such. */
export class ToolRefusal extends ToolError {}
