import type { Node } from 'acorn';
import { type ScriptPosition, ScriptRefusedError } from '../protocol/errors.ts';

/** Where a node begins, both counted from 1; the parser must have been asked for locations. */
export function positionOf(node: Node): ScriptPosition {
  const start = node.loc?.start;
  return start ? { line: start.line, column: start.column + 1 } : { line: 1, column: 1 };
}

/** @throws ScriptRefusedError at the node, always. */
export function refuse(message: string, node: Node): never {
  throw new ScriptRefusedError(message, positionOf(node));
}
