import { isJsonObject, type Json, type JsonObject } from '../../extension/protocol/json.ts';

export interface Edit {
  before: string;
  after: string;
}

/** As tools that change files name what goes and what comes in its place. */
const NAMES: [before: string, after: string][] = [
  ['old_string', 'new_string'],
  ['old_str', 'new_str'],
  ['oldString', 'newString'],
  ['oldText', 'newText'],
  ['old_text', 'new_text'],
  ['search', 'replace'],
];
const LISTS = ['edits', 'changes', 'replacements'];

/** What the input of a tool would change, in order; null where it is not of that kind. */
export function editsIn(input: Json): Edit[] | null {
  if (!isJsonObject(input)) return null;
  const one = editIn(input);
  if (one) return [one];
  for (const name of LISTS) {
    const list = input[name];
    if (!Array.isArray(list) || list.length === 0) continue;
    const edits = list.map((item) => (isJsonObject(item) ? editIn(item) : null));
    if (edits.every((edit) => edit !== null)) return edits;
  }
  return null;
}

function editIn(input: JsonObject): Edit | null {
  for (const [old, fresh] of NAMES) {
    const [before, after] = [input[old], input[fresh]];
    if (typeof before === 'string' && typeof after === 'string') return { before, after };
  }
  return null;
}
