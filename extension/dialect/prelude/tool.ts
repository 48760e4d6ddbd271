import type { Json } from '../../protocol/json.ts';
import { issueCall } from './calls.ts';
import { caller, errorFromHost } from './errors.ts';
import { jsonObject, nameOfType } from './json-copy.ts';
import { currentPhase } from './scope.ts';

const LONGEST_NAME = 200;

/**
 * The global `tool()`: one call of a tool without a model, under the same permissions as an agent's. Resolves to what
 * an agent would be told. Rejects with a TypeError for a name or an input that can never work, and with a ToolError
 * where the tool refuses or fails.
 */
export function tool(name: unknown, input: unknown = {}): Promise<Json> {
  const from = caller();
  return new Promise((resolve, reject) => {
    if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME) {
      const found = typeof name === 'string' ? 'one of this length' : nameOfType(name);
      throw new TypeError(`tool() expects the name of a tool as a string, not ${found}.`);
    }
    const copy = jsonObject(input, `tool() expects the input of ${name} as an object`);
    issueCall({ kind: 'tool', name, input: copy }, currentPhase(from.scope), from, (outcome) => {
      if (outcome.ok) resolve(outcome.value);
      else reject(errorFromHost(outcome.error, from.at));
    });
  });
}
