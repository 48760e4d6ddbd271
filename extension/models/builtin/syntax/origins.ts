import {
  argumentsOf,
  calleeOf,
  functionAround,
  insertionsIn,
  isCall,
  isFunction,
  isString,
  lastName,
  literalText,
  madeAnewBy,
  nameOfFunction,
  parametersOf,
  unwrap,
} from './code.ts';
import { callsOf, isModuleName, isOffered, valuesOf } from './names.ts';
import type { SyntaxNode } from './node.ts';
import { isNumeric, isRequest, isSanitizer, isTrusted } from './trust.ts';

/** Where a value comes from, as far as the file tells. */
export interface Origin {
  kind: 'constant' | 'number' | 'cleaned' | 'trusted' | 'parameter' | 'request' | 'unknown';
  text: string;
  row: number;
}

const DEEPEST = 12;

const MOST_ORIGINS = 60;

/**
 * Follows an expression backwards to where its parts come from: through names to their assignments, through private functions
 * to the arguments of their calls. A value that several assignments may give has the origins of them all.
 */
export function originsOf(expression: SyntaxNode, root: SyntaxNode): Origin[] {
  const search = new Search(root);
  search.follow(expression, DEEPEST);
  return search.origins;
}

export const isHarmless = (origin: Origin): boolean => !['parameter', 'request', 'unknown'].includes(origin.kind);

class Search {
  readonly origins: Origin[] = [];
  readonly #root: SyntaxNode;
  readonly #seen = new Set<SyntaxNode>();

  constructor(root: SyntaxNode) {
    this.#root = root;
  }

  follow(expression: SyntaxNode, depth: number): void {
    const node = unwrap(expression);
    if (this.#seen.has(node)) return;
    this.#seen.add(node);
    if (depth === 0 || this.origins.length >= MOST_ORIGINS) return this.#add('unknown', node);
    if (literalText(node) !== undefined) return this.#add('constant', node);
    if (isString(node)) return this.#all(insertionsIn(node), depth, node);
    if (isCall(node)) return this.#call(node, depth);
    switch (node.type) {
      case 'number':
      case 'integer':
      case 'float':
      case 'true':
      case 'false':
      case 'null':
      case 'none':
      case 'undefined':
      case 'regex':
      case 'unary_operator':
      case 'not_operator':
      case 'comparison_operator':
      case 'update_expression':
      case 'arrow_function':
      case 'function_expression':
      case 'lambda':
      case 'object_type':
        return this.#add('constant', node);
      case 'identifier':
      case 'shorthand_property_identifier':
        return this.#name(node, depth);
      case 'member_expression':
      case 'attribute':
        return this.#member(node, depth);
      case 'subscript_expression':
      case 'subscript':
        return this.#subscript(node, depth);
      case 'binary_expression':
        if (/^([<>]=?|[!=]==?|in|instanceof|[-*/%])$/.test(node.at('operator')?.text ?? ''))
          return this.#add('number', node);
        return this.#all(node.named, depth, node);
      case 'ternary_expression':
        return this.#all([node.at('consequence')!, node.at('alternative')!], depth, node);
      case 'conditional_expression':
        return this.#all([node.named[0]!, node.named[2]!], depth, node);
      case 'pair':
        return this.follow(node.at('value') ?? node, depth - 1);
      case 'list_comprehension':
      case 'generator_expression':
      case 'set_comprehension':
        return this.follow(node.at('body') ?? node, depth - 1);
      case 'unary_expression':
        return this.#add('constant', node);
      default:
        return this.#all(node.named, depth, node);
    }
  }

  #add(kind: Origin['kind'], node: SyntaxNode): void {
    this.origins.push({ kind, text: node.text.replace(/\s+/g, ' ').slice(0, 60), row: node.row });
  }

  #all(parts: SyntaxNode[], depth: number, whole: SyntaxNode): void {
    if (parts.length === 0) return this.#add('constant', whole);
    for (const part of parts) this.follow(part, depth - 1);
  }

  #call(node: SyntaxNode, depth: number): void {
    const callee = calleeOf(node);
    if (isSanitizer(callee)) return this.#add('cleaned', node);
    if (isNumeric(callee)) return this.#add('number', node);
    if (isTrusted(callee)) return this.#add('trusted', node);
    if (isRequest(node.text)) return this.#add('request', node);
    const anew = madeAnewBy(node);
    if (anew) return this.follow(anew, depth - 1);
    const target = node.at('function') ?? node.at('constructor');
    const receiver = target?.at('object');
    const args = argumentsOf(node).filter((argument) => !isFunction(argument));
    const local = target?.type === 'identifier' ? this.#functionNamed(callee) : undefined;
    if (local) return this.#returns(local, depth, node);
    // A method or a function that is only imported gives back what it was given, for all we know.
    const parts = receiver && !isModuleName(receiver, this.#root) ? [receiver, ...args] : args;
    if (parts.length === 0) return this.#add('unknown', node);
    if (!receiver && !isPassing(callee)) this.#add('unknown', node);
    this.#all(parts, depth, node);
  }

  #returns(fn: SyntaxNode, depth: number, call: SyntaxNode): void {
    const body = fn.at('body');
    if (body && !/block$/.test(body.type)) return this.follow(body, depth - 1);
    const values = [...fn.walk()]
      .filter((node) => node.type === 'return_statement' && functionAround(node) === fn)
      .flatMap((node) => node.named.slice(0, 1));
    if (values.length === 0) return this.#add('unknown', call);
    for (const value of values) this.follow(value, depth - 1);
  }

  #member(node: SyntaxNode, depth: number): void {
    const text = node.text.replace(/\?\./g, '.').replace(/\s+/g, '');
    if (isTrusted(text)) return this.#add('trusted', node);
    if (/\.(length|size)$/.test(text)) return this.#add('number', node);
    if (isRequest(text)) return this.#add('request', node);
    const object = unwrap(node.at('object') ?? node);
    if (object.type === 'this' || object.text === 'self' || object.text === 'cls') return this.#field(node, depth);
    // A constant of an imported module or a class, by its spelling.
    if (/\.[A-Z][A-Z0-9_]+$/.test(text)) return this.#add('trusted', node);
    this.follow(object, depth - 1);
  }

  /** `this.x`, `self.x`: every assignment to it in the file. */
  #field(node: SyntaxNode, depth: number): void {
    const wanted = lastName(node.text);
    const values: SyntaxNode[] = [];
    for (const other of this.#root.walk()) {
      const left = other.at('left');
      const right = other.at('right');
      if (left && right && /^(this|self|cls)\./.test(left.text) && lastName(left.text) === wanted) values.push(right);
      if (/field_definition$/.test(other.type) && (other.at('name') ?? other.at('property'))?.text === wanted) {
        const value = other.at('value');
        if (value) values.push(value);
      }
    }
    if (values.length === 0) return this.#add('unknown', node);
    for (const value of values) this.follow(value, depth - 1);
  }

  /** What is looked up in a table of constants is one of them, whatever the key. */
  #subscript(node: SyntaxNode, depth: number): void {
    const text = node.text.replace(/\s+/g, '');
    if (isTrusted(text)) return this.#add('trusted', node);
    if (isRequest(text)) return this.#add('request', node);
    const object = node.at('object') ?? node.at('value');
    if (!object) return this.#add('unknown', node);
    this.follow(object, depth - 1);
  }

  #name(node: SyntaxNode, depth: number): void {
    if (isRequest(node.text)) return this.#add('request', node);
    const name = node.text;
    for (let scope = functionAround(node); ; scope = functionAround(scope)) {
      const values = valuesOf(name, scope ?? this.#root, scope);
      if (values.length > 0) {
        for (const value of values) this.#value(value, depth);
        return;
      }
      const parameter = scope && parametersOf(scope).find((candidate) => candidate.name === name);
      if (parameter) return this.#parameter(scope!, parameter.index, node, depth);
      if (!scope) break;
    }
    if (/^[A-Z][A-Z0-9_]*$/.test(name)) return this.#add('trusted', node);
    this.#add('unknown', node);
  }

  #value(value: SyntaxNode, depth: number): void {
    if (isRequest(value.text) && /pattern$/.test(value.parent?.at('name')?.type ?? ''))
      return this.#add('request', value);
    this.follow(value, depth - 1);
  }

  /** A private function's parameter is what its callers in the file give it; anybody may call any other. */
  #parameter(fn: SyntaxNode, index: number, node: SyntaxNode, depth: number): void {
    const name = nameOfFunction(fn);
    const calls = name === '' || isOffered(fn, name, this.#root) ? [] : callsOf(name, this.#root);
    const values = calls.map((call) => argumentsOf(call)[index]).filter((value) => value !== undefined);
    if (values.length === 0 || values.length < calls.length) return this.#add('parameter', node);
    for (const value of values) this.follow(value, depth - 1);
  }

  #functionNamed(name: string): SyntaxNode | undefined {
    for (const node of this.#root.walk()) if (isFunction(node) && nameOfFunction(node) === name) return node;
    return undefined;
  }
}

/** Functions that only change the form of what they are given. */
function isPassing(callee: string): boolean {
  return /^(str|bytes|list|tuple|set|sorted|reversed|dict|String|Array|join|format|repr|Path|Buffer|URL|enumerate|zip|map|filter|iter|next|decodeURIComponent|encodeURI|open|fdopen|BytesIO|StringIO)$/.test(
    callee,
  );
}
