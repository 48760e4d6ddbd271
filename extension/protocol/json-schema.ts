import { isJsonObject, type Json, type JsonObject } from './json.ts';

/** A property of a schema as a person is asked for it: one that refers to a definition of the same schema is that one. */
export function resolvedProperty(root: JsonObject, property: Json, depth = 0): JsonObject {
  if (!isJsonObject(property)) return {};
  const { $ref, ...rest } = property;
  if (typeof $ref !== 'string' || !$ref.startsWith('#/') || depth > 8) return property;
  let target: Json | undefined = root;
  for (const part of $ref.slice(2).split('/')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    target = isJsonObject(target) && Object.hasOwn(target, name) ? target[name] : undefined;
  }
  return target === undefined ? property : { ...resolvedProperty(root, target, depth + 1), ...rest };
}
