import { errorInfo, type ScriptPosition } from '../protocol/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';
import { objectRooted, schemaValidator } from '../protocol/schema-validator.ts';
import type { WorkflowArgs } from '../protocol/workflow-args.ts';
import type { ScriptWarning } from './read-script.ts';

/**
 * What `meta.args` says: a text is a line for a person, an object is a JSON Schema with an object at its root. Whatever else
 * it is, is ignored with a warning, for other runtimes know no such key and a script may have one of its own.
 */
export function readArgs(value: Json, at: ScriptPosition, warnings: ScriptWarning[]): WorkflowArgs | undefined {
  if (typeof value === 'string' && value.trim() !== '') return { line: value.trim().replace(/\s+/g, ' ') };
  const problem = isJsonObject(value) ? schemaProblem(value) : 'it is neither a text nor an object';
  if (problem === null) return { schema: value as JsonObject };
  const right = 'Write the JSON Schema of an object, or one line of text that says what to give';
  warnings.push({ message: `meta.args is ignored: ${problem}. ${right}.`, ...at });
  return undefined;
}

function schemaProblem(schema: JsonObject): string | null {
  const rooted = objectRooted(schema);
  if (!rooted) return 'it has no "type": "object" at its root, as the schema of an object has';
  try {
    schemaValidator(rooted, typeof schema.$schema === 'string' ? schema.$schema : '');
    return null;
  } catch (error) {
    return `it is no valid JSON Schema (${errorInfo(error).message})`;
  }
}
