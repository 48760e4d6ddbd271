import { functionAround, isFunction, unwrap } from './code.ts';
import type { SyntaxNode } from './node.ts';

const ENDS = new Set([
  'return_statement',
  'throw_statement',
  'raise_statement',
  'break_statement',
  'continue_statement',
]);
const BLOCKS = new Set(['statement_block', 'block', 'program', 'module', 'switch_case', 'switch_default']);

/**
 * Looks from a node outwards for what keeps it from running: a statement before it that leaves the block, or a condition
 * that is a constant. Gives the cause in words, null where there is none.
 */
export function whyUnreachable(node: SyntaxNode): string | null {
  let inner = node;
  for (const outer of node.around()) {
    if (BLOCKS.has(outer.type)) {
      const leaving = outer.named.find((statement) => statement.end <= inner.start && ENDS.has(statement.type));
      // A function declaration is hoisted: it may be called from before the return.
      if (leaving && !isFunction(inner))
        return `it comes after the ${leaving.type.replace('_statement', '')} in line ${leaving.row + 1}`;
    }
    const condition = constantCondition(outer, inner);
    if (condition !== null) return `it stands under \`${condition}\`, which never holds`;
    inner = outer;
  }
  return null;
}

function constantCondition(outer: SyntaxNode, inner: SyntaxNode): string | null {
  if (!/^(if_statement|while_statement|elif_clause)$/.test(outer.type)) return null;
  const condition = outer.at('condition');
  if (!condition) return null;
  const truth = constantTruth(unwrap(condition));
  const inThen = inner.field === 'consequence' || inner.field === 'body';
  const inElse = inner.field === 'alternative';
  if (truth === false && inThen) return `if ${unwrap(condition).text}`;
  if (truth === true && inElse) return `else of if ${unwrap(condition).text}`;
  return null;
}

function constantTruth(condition: SyntaxNode): boolean | undefined {
  if (/^(false|False|0|TYPE_CHECKING|typing\.TYPE_CHECKING)$/.test(condition.text)) return false;
  if (/^(true|True|1)$/.test(condition.text)) return true;
  if (condition.type === 'binary_expression' || condition.type === 'boolean_operator') {
    const and = /^(&&|and)$/.test(condition.at('operator')?.text ?? '');
    const sides = [condition.at('left'), condition.at('right')].map((side) => side && constantTruth(unwrap(side)));
    if (and && sides.includes(false)) return false;
  }
  return undefined;
}

/**
 * The rows that can run at all, by following the code forwards from the top: what stands after a jump is left out, and so
 * are functions that nothing in the file names and that it neither exports nor decorates.
 */
export function liveRows(root: SyntaxNode): Set<number> {
  const rows = new Set<number>();
  const names = namesUsed(root);
  const follow = [root];
  for (let node = follow.pop(); node; node = follow.pop()) {
    for (const row of [node.row, node.endRow]) rows.add(row);
    let left = false;
    for (const child of node.children) {
      if (left && !isFunction(child) && child.isNamed && BLOCKS.has(node.type)) continue;
      if (isFunction(child) && isForgotten(child, names)) continue;
      const skipped = constantCondition(node, child) !== null;
      if (!skipped) follow.push(child);
      if (ENDS.has(child.type)) left = true;
    }
  }
  return rows;
}

/** Why nobody can call the function around a node; null where somebody may. */
export function whyNeverCalled(node: SyntaxNode, root: SyntaxNode): string | null {
  let fn = functionAround(node);
  const names = namesUsed(root);
  for (; fn; fn = functionAround(fn)) {
    if (isForgotten(fn, names)) return `nothing calls the private function ${fn.at('name')?.text}`;
  }
  return null;
}

/** How often each name occurs in a file. */
function namesUsed(root: SyntaxNode): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of root.walk()) {
    if (
      !/^(identifier|property_identifier|shorthand_property_identifier|type_identifier|jsx_identifier)$/.test(node.type)
    )
      continue;
    counts.set(node.text, (counts.get(node.text) ?? 0) + 1);
  }
  return counts;
}

/** Python has no private functions but by the underscore; a JavaScript file that exports nothing may be a script of a page. */
function isForgotten(fn: SyntaxNode, names: Map<string, number>): boolean {
  const name = fn.at('name')?.text;
  if (name === undefined || (names.get(name) ?? 0) > 1) return false;
  if (fn.type === 'function_definition') return /^_[a-z]/.test(name) && fn.parent?.type !== 'decorated_definition';
  if (fn.type !== 'function_declaration') return false;
  if (fn.parent?.type === 'export_statement') return false;
  return (
    names.has('exports') ||
    names.has('module') ||
    [...(fn.parent?.children ?? [])].some((sibling) => sibling.type === 'export_statement')
  );
}
