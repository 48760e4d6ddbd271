import type { CallExpression, Node, Program } from 'acorn';
import { ancestor } from 'acorn-walk';

/** Functions of the dialect that send out agents by themselves. */
export const SENDING: ReadonlySet<string> = new Set(['agent', 'challenge', 'judge', 'workflow']);

/** What a script looks like, without it having run. */
export interface ScriptShape {
  /** Loops that may go on as long as what agents answer makes them: `while`, `for (;;)`, functions that call themselves. */
  ownLoops: boolean;
  /** Lines on which an agent may be sent out, whether they are ever reached or not. */
  sendingLines: Set<number>;
}

export function shapeOf(program: Program): ScriptShape {
  const sendingLines = new Set<number>();
  let ownLoops = false;
  ancestor(program, {
    CallExpression(node, _state, around) {
      const name = calledName(node);
      if (name === null) return;
      if (SENDING.has(name)) sendingLines.add(node.loc?.start.line ?? 0);
      if (around.some((outer) => functionName(outer, around) === name)) ownLoops = true;
    },
    WhileStatement() {
      ownLoops = true;
    },
    DoWhileStatement() {
      ownLoops = true;
    },
    ForStatement(node) {
      if (!node.test) ownLoops = true;
    },
  });
  return { ownLoops, sendingLines };
}

/** The name of a function that is called by it; null for methods and whatever else is called. */
export function calledName({ callee }: CallExpression): string | null {
  return callee.type === 'Identifier' ? callee.name : null;
}

/** The name that a function goes by, be it declared or put into a constant. */
function functionName(node: Node, around: Node[]): string | null {
  const inner = node as
    | Program['body'][number]
    | { type: 'ArrowFunctionExpression' | 'FunctionExpression'; id?: { name: string } | null };
  if (inner.type === 'FunctionDeclaration') return inner.id?.name ?? null;
  if (inner.type !== 'ArrowFunctionExpression' && inner.type !== 'FunctionExpression') return null;
  const outer = around[around.indexOf(node) - 1] as { type: string; id?: { type: string; name?: string } } | undefined;
  return outer?.type === 'VariableDeclarator' && outer.id?.type === 'Identifier' ? (outer.id.name ?? null) : null;
}
