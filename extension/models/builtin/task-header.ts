import { isJsonObject, type Json, type JsonObject } from '../../protocol/json.ts';

/** The header that tells the built-in analyst what to do; see docs/task-header.md. */
export interface TaskHeader {
  task: string;
  fields: JsonObject;
}

const FIRST = /^Counterpoint-Task: *([a-z-]+) *$/;
const FIELD = /^([A-Z][A-Za-z-]*): (.*)$/;

/** Reads the header at the start of a prompt; null where there is none, or where it is not well-formed. */
export function parseTaskHeader(prompt: string): TaskHeader | null {
  const [first = '', ...rest] = prompt.split(/\r?\n/);
  const task = FIRST.exec(first)?.[1];
  if (task === undefined) return null;
  const fields: JsonObject = {};
  for (const line of rest) {
    if (line.trim() === '') break;
    const field = FIELD.exec(line);
    if (!field) return null;
    const value = parseJson(field[2]!);
    if (value === undefined) return null;
    fields[field[1]!] = value;
  }
  return { task, fields };
}

export function stringField(header: TaskHeader, name: string): string | undefined {
  const value = header.fields[name];
  return typeof value === 'string' ? value : undefined;
}

export function stringListField(header: TaskHeader, name: string): string[] | undefined {
  const value = header.fields[name];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

export function objectField(header: TaskHeader, name: string): JsonObject | undefined {
  const value = header.fields[name];
  return isJsonObject(value) ? value : undefined;
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
