import { functionAround } from './code.ts';
import type { SyntaxNode } from './node.ts';

/** Tests that let only known values through. */
const ALLOWS =
  /\.(includes|has|test|match|fullmatch|isdigit|isalnum|isidentifier|hasOwnProperty|hasOwn)\b|\b(not\s+)?in\s+[A-Za-z_.]+|\b(isInteger|isSafeInteger|isNaN|isinstance|fullmatch|match|hasOwn)\(|Object\.keys|[!=]==?\s*['"]\w/;
/** What holds a path below a folder says nothing of the rest of any other text. */
const ALLOWS_PATH = /\.(startsWith|startswith|indexOf|is_relative_to)\b|commonpath|relative\(/;
const LEAVES = /^(return_statement|throw_statement|raise_statement|continue_statement|break_statement)$/;

/**
 * Looks for a check of one of the names in the statements before a node, and in the conditions around it. Gives the check's text
 * and line, null where there is none.
 */
export function guardAround(node: SyntaxNode, names: ReadonlySet<string>, kind: string): string | null {
  let inner = node;
  for (const outer of node.around()) {
    if (outer.type === 'if_statement' && inner.field === 'consequence') {
      const check = allowing(outer, names, kind);
      if (check) return check;
    }
    if (/block$|^program$|^module$/.test(outer.type)) {
      for (const statement of outer.named) {
        if (statement.end > inner.start || statement.type !== 'if_statement') continue;
        const body = statement.at('consequence');
        const leaves =
          body &&
          [...body.walk()].some(
            (part) => LEAVES.test(part.type) || /^(res|reply|abort|process\.exit|sys\.exit)/.test(part.text),
          );
        const check = leaves && allowing(statement, names, kind);
        if (check) return check;
      }
    }
    if (functionAround(node) === outer) return null;
    inner = outer;
  }
  return null;
}

function allowing(statement: SyntaxNode, names: ReadonlySet<string>, kind: string): string | null {
  const condition = statement.at('condition');
  if (!condition || !allows(condition.text, kind)) return null;
  const mentions = [...condition.walk()].some((part) => part.type === 'identifier' && names.has(part.text));
  return mentions ? `\`${condition.text.slice(0, 80)}\` in line ${condition.row + 1}` : null;
}

function allows(condition: string, kind: string): boolean {
  return ALLOWS.test(condition) || (/^(path|archive|redirect)$/.test(kind) && ALLOWS_PATH.test(condition));
}

/** The same question asked of the text alone: a line above, in the same function, that checks a name and leaves. */
export function guardInText(
  lines: string[],
  node: SyntaxNode,
  names: ReadonlySet<string>,
  kind: string,
): string | null {
  const first = functionAround(node)?.row ?? Math.max(0, node.row - 40);
  for (let row = node.row - 1; row >= first; row--) {
    const line = lines[row] ?? '';
    if (!/^\s*(\}\s*)?(el)?(else\s+)?if\b|^\s*assert\b/.test(line) || !allows(line, kind)) continue;
    const named = [...names].some((name) =>
      new RegExp(`(^|[^\\w$])${name.replace(/[$]/g, '\\$')}($|[^\\w$])`).test(line),
    );
    if (
      named &&
      /\b(return|throw|raise|continue|break|abort|exit|assert)\b|status\(4/.test(lines.slice(row, row + 4).join(' '))
    )
      return `line ${row + 1}`;
    if (named && indentOf(line) < indentOf(lines[node.row] ?? '') && !/\bnot\b|!/.test(line)) return `line ${row + 1}`;
  }
  return null;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** The names in some expressions, and those that these were set from in the function. */
export function namesIn(expressions: readonly SyntaxNode[]): Set<string> {
  const names = new Set<string>();
  for (const expression of expressions)
    for (const node of expression.walk())
      if (/^(identifier|shorthand_property_identifier)$/.test(node.type)) names.add(node.text);
  return names;
}
