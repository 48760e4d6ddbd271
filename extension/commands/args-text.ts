import type { Json } from '../protocol/json.ts';

export type ArgsText = { ok: true; args: Json | undefined; means: string } | { ok: false; problem: string };

/**
 * Reads what a person typed for `args`: nothing, JSON, or plain text. Text that begins like JSON and is none is a mistake,
 * for a script would get a string where it expects an object.
 */
export function parseArgsText(typed: string): ArgsText {
  const text = typed.trim();
  if (text === '') return { ok: true, args: undefined, means: 'no args' };
  try {
    const args = JSON.parse(text) as Json;
    return { ok: true, args, means: `args is ${kindOf(args)}` };
  } catch (error) {
    if (!/^[[{"]/.test(text)) return { ok: true, args: text, means: 'args is this text' };
    return { ok: false, problem: `This is not JSON yet: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return `an object with ${Object.keys(value).join(', ') || 'nothing in it'}`;
  return `a ${typeof value}`;
}
