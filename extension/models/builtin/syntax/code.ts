import type { SyntaxNode } from './node.ts';

/** Names for what both grammars have in common. */
const FUNCTIONS = new Set([
  'function_declaration',
  'function_expression',
  'generator_function_declaration',
  'generator_function',
  'arrow_function',
  'method_definition',
  'function_definition',
  'lambda',
]);
const CALLS = new Set(['call_expression', 'new_expression', 'call']);
const STRINGS = new Set(['string', 'template_string', 'concatenated_string']);
const WRAPPERS = new Set([
  'parenthesized_expression',
  'await_expression',
  'await',
  'as_expression',
  'satisfies_expression',
  'non_null_expression',
  'type_assertion',
  'spread_element',
  'list_splat',
  'expression_statement',
]);

export const isFunction = (node: SyntaxNode): boolean => FUNCTIONS.has(node.type);
export const isCall = (node: SyntaxNode): boolean => CALLS.has(node.type);
export const isString = (node: SyntaxNode): boolean => STRINGS.has(node.type);

/** The expression without brackets, `await`, casts and the like around it. */
export function unwrap(node: SyntaxNode): SyntaxNode {
  let inner = node;
  while (WRAPPERS.has(inner.type)) {
    const [first] = inner.named;
    if (!first) return inner;
    inner = first;
  }
  return inner;
}

/** What is called, such as `db.query` or `open`, without blanks; '' for what is no call. */
export function calleeOf(node: SyntaxNode): string {
  const callee = node.at('function') ?? node.at('constructor');
  return callee ? callee.text.slice(0, 300).replace(/\?\./g, '.').replace(/\s+/g, '') : '';
}

/** The last part of a dotted name. */
export function lastName(name: string): string {
  return /([\w$#]+)\W*$/.exec(name)?.[1] ?? '';
}

/** The arguments by position; keyword arguments are not among them. */
export function argumentsOf(call: SyntaxNode): SyntaxNode[] {
  const list = call.at('arguments');
  if (!list) return [];
  if (list.type === 'template_string') return [list];
  if (list.type === 'generator_expression') return [list];
  return list.named.filter((argument) => argument.type !== 'keyword_argument' && argument.type !== 'dictionary_splat');
}

/** The value of a keyword argument, or of that key in an object literal among the arguments. */
export function optionOf(call: SyntaxNode, name: string): SyntaxNode | undefined {
  for (const argument of call.at('arguments')?.named ?? []) {
    if (argument.type === 'keyword_argument' && argument.at('name')?.text === name) return argument.at('value');
    if (argument.type !== 'object') continue;
    const pair = argument.named.find((entry) => entry.type === 'pair' && keyOf(entry) === name);
    if (pair) return pair.at('value');
    if (argument.named.some((entry) => entry.type === 'shorthand_property_identifier' && entry.text === name))
      return argument;
  }
  return undefined;
}

/** The key of a pair in an object or dictionary, without quotes. */
export function keyOf(pair: SyntaxNode): string {
  return pair.at('key')?.text.replace(/^['"`[]+|['"`\]]+$/g, '') ?? '';
}

/**
 * What alone the value of a call is made of, whatever it is called on: `x` in `list.fill(x)` and in `list.map(() => x)`;
 * undefined for every other call.
 */
export function madeAnewBy(call: SyntaxNode): SyntaxNode | undefined {
  const [first] = argumentsOf(call);
  const method = call.at('function')?.at('property')?.text;
  if (method === 'fill') return first;
  const body =
    method === 'map' && first && isFunction(first) && parametersOf(first).length === 0 ? first.at('body') : undefined;
  return body && !/block$/.test(body.type) ? body : undefined;
}

export function functionAround(node: SyntaxNode): SyntaxNode | undefined {
  return [...node.around()].find(isFunction);
}

/** A function's own name, or that of what it is assigned to; '' for one without. */
export function nameOfFunction(fn: SyntaxNode): string {
  const own = fn.at('name')?.text;
  if (own) return own;
  const holder = fn.parent;
  if (!holder) return '';
  if (holder.type === 'variable_declarator') return holder.at('name')?.text ?? '';
  if (holder.type === 'pair') return keyOf(holder);
  if (holder.type === 'assignment_expression' || holder.type === 'assignment')
    return lastName(holder.at('left')?.text ?? '');
  if (holder.type === 'public_field_definition' || holder.type === 'field_definition')
    return holder.at('name')?.text ?? holder.at('property')?.text ?? '';
  return '';
}

/** The names of a function's parameters, in order; a destructured one gives several. */
export function parametersOf(fn: SyntaxNode): { name: string; index: number; node: SyntaxNode }[] {
  const single = fn.at('parameter');
  const list = single ? [single] : (fn.at('parameters')?.named ?? []);
  return list.flatMap((parameter, index) => bindingsIn(parameter).map((node) => ({ name: node.text, index, node })));
}

/** The identifiers that a pattern binds. */
export function bindingsIn(pattern: SyntaxNode): SyntaxNode[] {
  switch (pattern.type) {
    case 'identifier':
    case 'shorthand_property_identifier_pattern':
      return [pattern];
    case 'pair_pattern':
      return bindingsIn(pattern.at('value') ?? pattern);
    case 'assignment_pattern':
    case 'object_assignment_pattern':
      return bindingsIn(pattern.at('left') ?? pattern);
    case 'default_parameter':
    case 'typed_default_parameter':
      return bindingsIn(pattern.at('name') ?? pattern);
    case 'required_parameter':
    case 'optional_parameter':
      return bindingsIn(pattern.at('pattern') ?? pattern);
    case 'typed_parameter':
      return pattern.named.slice(0, 1).flatMap(bindingsIn);
    case 'object_pattern':
    case 'array_pattern':
    case 'rest_pattern':
    case 'pattern_list':
    case 'tuple_pattern':
    case 'list_pattern':
    case 'list_splat_pattern':
    case 'dictionary_splat_pattern':
    case 'as_pattern_target':
      return pattern.named.flatMap(bindingsIn);
    default:
      return [];
  }
}

/** The text of a string literal that has nothing put into it; undefined for every other node. */
export function literalText(node: SyntaxNode): string | undefined {
  if (node.type === 'concatenated_string') {
    const parts = node.named.map(literalText);
    return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
  }
  if (!isString(node) || insertionsIn(node).length > 0) return undefined;
  return node.text.replace(/^[a-zA-Z]*('''|"""|['"`])/, '').replace(/('''|"""|['"`])$/, '');
}

/** The expressions put into a template or an f-string. */
export function insertionsIn(node: SyntaxNode): SyntaxNode[] {
  if (node.type === 'concatenated_string') return node.named.flatMap(insertionsIn);
  return node.named
    .filter((child) => child.type === 'template_substitution' || child.type === 'interpolation')
    .flatMap((child) => child.named.slice(0, 1));
}

/** The outermost expression or statement that begins on this row, and all below it that do. */
export function nodesOnRow(root: SyntaxNode, row: number): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const open = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.row > row || node.endRow < row) continue;
    if (node.row === row) found.push(node);
    for (let index = node.children.length - 1; index >= 0; index--) open.push(node.children[index]!);
  }
  return found;
}

/** The innermost statement around a node, or the node itself where it is one. */
export function statementOf(node: SyntaxNode): SyntaxNode {
  const isStatement = (candidate: SyntaxNode): boolean =>
    /_statement$|_declaration$|^(expression_statement|statement|decorated_definition)$/.test(candidate.type) &&
    candidate.type !== 'assignment_statement';
  if (isStatement(node)) return node;
  for (const outer of node.around()) if (isStatement(outer)) return outer;
  return node;
}
