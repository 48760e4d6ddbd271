import type { JsonObject } from '../protocol/json.ts';
import { ToolError } from './tool.ts';

/** The string under `key`; `fallback` where it is absent. @throws ToolError for another type, or where it is absent without a fallback. */
export function stringInput(input: JsonObject, key: string, fallback?: string): string {
  const value = input[key] ?? fallback;
  if (typeof value !== 'string') throw new ToolError(`"${key}" must be a string.`);
  if (value.includes('\0')) throw new ToolError(`"${key}" must not contain a NUL character.`);
  return value;
}

/** The whole number under `key`, brought into `min` to `max`; `fallback` where it is absent. @throws ToolError for anything else. */
export function integerInput(
  input: JsonObject,
  key: string,
  range: { fallback: number; min: number; max: number },
): number {
  const value = input[key] ?? range.fallback;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new ToolError(`"${key}" must be a whole number.`);
  return Math.min(Math.max(value, range.min), range.max);
}

/** The list of strings under `key`; empty where it is absent. @throws ToolError for anything else. */
export function stringListInput(input: JsonObject, key: string): string[] {
  const value = input[key] ?? [];
  if (!Array.isArray(value)) throw new ToolError(`"${key}" must be a list of strings.`);
  return value.map((item) => {
    if (typeof item !== 'string' || item.includes('\0')) throw new ToolError(`"${key}" must be a list of strings.`);
    return item;
  });
}
