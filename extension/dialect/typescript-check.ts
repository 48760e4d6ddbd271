import { tsPlugin } from '@sveltejs/acorn-typescript';
import { type Options, Parser } from 'acorn';

const TypeScriptParser = Parser.extend(tsPlugin());

/** Whether a text that is no JavaScript parses as TypeScript, and really has types in it. */
export function isTypeScript(text: string, options: Options): boolean {
  try {
    return hasTypes(TypeScriptParser.parse(text, options));
  } catch {
    // It parses as neither, so what the JavaScript parser said is the better message.
    return false;
  }
}

function hasTypes(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasTypes);
  if (typeof node !== 'object' || node === null) return false;
  const fields = node as Record<string, unknown>;
  if (typeof fields.type === 'string' && fields.type.startsWith('TS')) return true;
  if (fields.importKind === 'type' || fields.exportKind === 'type' || fields.accessibility) return true;
  return Object.entries(fields).some(([key, value]) => key !== 'loc' && hasTypes(value));
}
