import { bindingsIn, calleeOf, functionAround, isCall } from './code.ts';
import type { SyntaxNode } from './node.ts';

/** Everything that a name is set to within a function or file, not counting the functions inside that shadow it. */
export function valuesOf(name: string, scope: SyntaxNode, fn: SyntaxNode | undefined): SyntaxNode[] {
  const values: SyntaxNode[] = [];
  for (const node of scope.walk()) {
    const target = node.at('name') ?? node.at('left') ?? node.at('alias');
    const value = node.at('value') ?? node.at('right') ?? (node.type === 'as_pattern' ? node.named[0] : undefined);
    if (!target || !value || target === value) continue;
    if (
      !/declarator$|assignment|^for_in_statement$|^for_statement$|^for_in_clause$|^named_expression$|^as_pattern$/.test(
        node.type,
      )
    )
      continue;
    if (functionAround(node) !== fn && !/^for_in_clause$/.test(node.type)) continue;
    if (bindingsIn(target).some((binding) => binding.text === name)) values.push(value);
  }
  return values;
}

/** Whether code outside the file may call a function. */
export function isOffered(fn: SyntaxNode, name: string, root: SyntaxNode): boolean {
  if (fn.type === 'method_definition' || /^(pair|assignment_expression)$/.test(fn.parent?.type ?? '')) return true;
  if (fn.type === 'function_definition') return !name.startsWith('_') || name.startsWith('__');
  const holder = fn.parent?.type === 'variable_declarator' ? fn.parent.parent : fn;
  return holder?.parent?.type === 'export_statement' || exportedNames(root).has(name);
}

/** Names that `export { a }`, `export default a`, `module.exports = a`, `= { a }` or `exports.x = a` give away. */
function exportedNames(root: SyntaxNode): Set<string> {
  const names = new Set<string>();
  const add = (value: SyntaxNode | undefined): void => {
    if (value && /identifier/.test(value.type)) names.add(value.text);
  };
  for (const node of root.walk()) {
    if (node.type === 'export_specifier') add(node.at('name'));
    if (node.type === 'export_statement') add(node.at('value'));
    if (
      node.type !== 'assignment_expression' ||
      !/^(module\.)?exports\b|^(window|globalThis|self)\./.test(node.at('left')?.text ?? '')
    )
      continue;
    const value = node.at('right');
    add(value);
    if (value?.type === 'object') for (const entry of value.named) add(entry.at('value') ?? entry);
  }
  return names;
}

export function callsOf(name: string, root: SyntaxNode): SyntaxNode[] {
  return [...root.walk()].filter((node) => isCall(node) && calleeOf(node) === name);
}

/** `path` in `path.join(a)`: an imported module is no part of the value. */
export function isModuleName(node: SyntaxNode, root: SyntaxNode): boolean {
  if (/^(member_expression|attribute)$/.test(node.type)) return isModuleName(node.at('object') ?? node.named[0]!, root);
  if (node.type !== 'identifier') return false;
  if (/^(path|os|fs|util|JSON|Object|Array|String|Math|Buffer|Promise|re|json|posixpath|process)$/.test(node.text))
    return true;
  const imported = new RegExp(
    `(^|\\n)\\s*(import|from)\\b[^\\n;]{0,300}\\b${node.text.replace(/\$/g, '\\$')}\\b|\\b${node.text.replace(/\$/g, '\\$')}\\b\\s*=\\s*require\\(`,
  );
  return imported.test(root.text);
}
