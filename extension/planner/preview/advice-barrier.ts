import type { CallExpression, Expression, Identifier, Node, Program, VariableDeclarator } from 'acorn';
import { ancestor, full, simple } from 'acorn-walk';
import type { Advice } from '../../protocol/preview.ts';
import { calledName, SENDING } from './script-shape.ts';

/**
 * Where `parallel()` waits for all of its agents, and then each of their answers goes to a next agent by itself. Said only
 * where nothing in between looks at several of them: no count, no sort, nothing but taking out what is missing.
 */
export function barrierAdvice(program: Program): Advice[] {
  const advice: Advice[] = [];
  ancestor(program, {
    VariableDeclarator(node, _state, around) {
      const awaited = node.init?.type === 'AwaitExpression' ? node.init.argument : null;
      if (node.id.type !== 'Identifier' || !isCallOf(awaited, ['parallel']) || !sendsAgents(awaited)) return;
      const next = nextFanOut(node.id.name, node, scopeOf(around));
      if (!next) return;
      advice.push({
        kind: 'barrier',
        message: `Nothing goes on before the slowest of ${node.id.name} has come, and then each of them goes on by itself (line ${next}). Write pipeline(items, first, second) in place of the two: each item goes on as soon as it is ready.`,
        line: node.loc?.start.line ?? null,
      });
    },
  });
  return advice;
}

/** The line of the fan-out that takes the items one by one; null where they are used in any other way before it. */
function nextFanOut(name: string, declared: Node, scope: Node): number | null {
  let found: CallExpression | null = null;
  let otherwise = false;
  const uses = usesOf(name, scope, declared);
  for (const { identifier, around } of uses) {
    const end = endOfChain(identifier, around);
    if (end?.type === 'alias') {
      const further = end.name === name ? null : nextFanOut(end.name, end.node, scope);
      if (further !== null && uses.length === 1) return further;
      otherwise = true;
    } else if (end?.type === 'fan-out') {
      found ??= end.node;
    } else if (!found || identifier.start < found.end) {
      otherwise = true;
    }
  }
  if (!found || otherwise) return null;
  return found.loc?.start.line ?? null;
}

interface Use {
  identifier: Identifier;
  /** From the outermost to the identifier itself. */
  around: Node[];
}

function usesOf(name: string, scope: Node, declared: Node): Use[] {
  const uses: Use[] = [];
  ancestor(scope, {
    Identifier(node, _state, around) {
      if (node.name === name && node.start > declared.end) uses.push({ identifier: node, around: [...around] });
    },
  });
  return uses.sort((a, b) => a.identifier.start - b.identifier.start);
}

type ChainEnd = { type: 'fan-out'; node: CallExpression } | { type: 'alias'; name: string; node: VariableDeclarator };

/** What becomes of a list by calls of methods that look at each item alone; null where something else becomes of it. */
function endOfChain(identifier: Identifier, around: Node[]): ChainEnd | null {
  let node: Node = identifier;
  let at = around.length - 2;
  for (;;) {
    const member = around[at] as Expression | undefined;
    const call = around[at - 1] as CallExpression | undefined;
    if (member?.type !== 'MemberExpression' || member.object !== node || call?.type !== 'CallExpression') break;
    if (call.callee !== member || !looksAtEachAlone(member, call)) return null;
    node = call;
    at -= 2;
  }
  const outer = around[at] as Node | undefined;
  if (outer?.type === 'VariableDeclarator' && node !== identifier) {
    const { id } = outer as VariableDeclarator;
    return id.type === 'Identifier' ? { type: 'alias', name: id.name, node: outer as VariableDeclarator } : null;
  }
  const call = outer as Expression | undefined;
  if (!isCallOf(call, ['parallel', 'pipeline']) || call.arguments[0] !== node || !sendsAgents(call)) return null;
  return { type: 'fan-out', node: call };
}

function looksAtEachAlone(member: Expression, { arguments: [given] }: CallExpression): boolean {
  if (member.type !== 'MemberExpression' || member.property.type !== 'Identifier') return false;
  if (!['map', 'filter', 'flatMap'].includes(member.property.name) || !given) return false;
  if (given.type === 'Identifier') return given.name === 'Boolean';
  // A third parameter is the whole list.
  return given.type === 'ArrowFunctionExpression' && given.params.length <= 2;
}

function isCallOf(node: Node | null | undefined, names: string[]): node is CallExpression {
  if (node?.type !== 'CallExpression') return false;
  return names.includes(calledName(node as CallExpression) ?? '');
}

/** Whether a call hands over functions that ask agents, themselves or through a function of the script's own. */
function sendsAgents(call: CallExpression): boolean {
  let sends = false;
  for (const part of call.arguments) {
    full(part, (node) => {
      if (node.type === 'CallExpression' && SENDING.has(calledName(node as CallExpression) ?? '')) sends = true;
    });
  }
  return sends;
}

/** The function, or the script, that a declaration is in. */
function scopeOf(around: Node[]): Node {
  const outer = around.slice(0, -1).findLast(({ type }) => /Function|Program/.test(type));
  return outer ?? (around[0] as Node);
}

/** Whether a script calls any of these functions by their name. */
export function callsAnyOf(program: Program, names: readonly string[]): boolean {
  let calls = false;
  simple(program, {
    CallExpression(node) {
      if (names.includes(calledName(node) ?? '')) calls = true;
    },
  });
  return calls;
}
