import {
  type Expression,
  type Node,
  type ObjectExpression,
  type PrivateIdentifier,
  parse,
  type SpreadElement,
} from 'acorn';
import type { Json } from '../../protocol/json.ts';

/** JSON that says where its parts stand. */
export interface PlacedJson {
  value: Json;
  /** Line of the property at that path, counted from 1; that of the nearest one around it where it is not there. */
  lineOf(...path: string[]): number;
}

/** Why a text is no JSON, and where. */
export class ConfigTextError extends Error {
  override name = 'ConfigTextError';
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/**
 * Reads JSON as editors take it, with comments and commas at the end. Such a text is an expression of JavaScript, so that the parser
 * that reads scripts reads it and knows its places; nothing of it is run.
 * @throws ConfigTextError
 */
export function readConfigText(text: string): PlacedJson {
  try {
    const root = expressionOf(text);
    return { value: jsonOf(root), lineOf: (...path) => lineOf(root, path) };
  } catch (error) {
    if (error instanceof RangeError) throw new ConfigTextError('it is nested too deeply', 1);
    throw error;
  }
}

function expressionOf(text: string): Expression {
  try {
    const { body } = parse(`(${text}\n)`, { ecmaVersion: 'latest', locations: true });
    const [only, further] = body;
    if (only?.type === 'ExpressionStatement' && !further) return only.expression;
    throw new ConfigTextError('something stands behind its end', further?.loc?.start.line ?? 1);
  } catch (error) {
    if (!(error instanceof SyntaxError && 'loc' in error)) throw error;
    const { line } = error.loc as { line: number };
    // The bracket that we have put at its end may be what nobody expected.
    const last = text.trimEnd().split('\n').length;
    throw new ConfigTextError(error.message.replace(/ \(\d+:\d+\)$/, '').toLowerCase(), Math.min(line, last));
  }
}

function lineOf(root: Node, path: readonly string[]): number {
  let node = root;
  for (const name of path) {
    const property = isObject(node) ? propertyOf(node, name) : undefined;
    if (!property) break;
    node = property;
  }
  return node.loc?.start.line ?? 1;
}

function jsonOf(node: Expression | SpreadElement): Json {
  switch (node.type) {
    case 'Literal':
      if (node.value === null ? node.raw === 'null' : ['string', 'number', 'boolean'].includes(typeof node.value))
        return node.value as Json;
      break;
    case 'UnaryExpression':
      if (node.operator === '-' && node.argument.type === 'Literal' && typeof node.argument.value === 'number')
        return -node.argument.value;
      break;
    case 'ArrayExpression':
      return node.elements.map((element) => {
        if (element) return jsonOf(element);
        throw new ConfigTextError('a value is missing', node.loc?.start.line ?? 1);
      });
    case 'ObjectExpression':
      // Own properties, whatever they are called.
      return Object.fromEntries(entriesOf(node));
  }
  throw new ConfigTextError('it is no JSON', node.loc?.start.line ?? 1);
}

function entriesOf(node: ObjectExpression): [string, Json][] {
  const seen = new Set<string>();
  return node.properties.map((property) => {
    const line = property.loc?.start.line ?? 1;
    if (property.type !== 'Property' || property.kind !== 'init' || property.computed || property.method)
      throw new ConfigTextError('it is no JSON', line);
    const name = nameOf(property.key);
    if (name === undefined || property.shorthand) throw new ConfigTextError('a name has to stand in quotes', line);
    // Who reads the first of two must not be given the second.
    if (seen.has(name)) throw new ConfigTextError(`${JSON.stringify(name)} is there twice`, line);
    seen.add(name);
    return [name, jsonOf(property.value)];
  });
}

function nameOf(key: Expression | PrivateIdentifier): string | undefined {
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined;
}

function isObject(node: Node): node is ObjectExpression {
  return node.type === 'ObjectExpression';
}

function propertyOf(node: ObjectExpression, name: string): Node | undefined {
  for (const property of node.properties)
    if (property.type === 'Property' && nameOf(property.key) === name) return located(property.value, property);
  return undefined;
}

/** A value that begins where its name does. */
function located(value: Node, { loc }: Node): Node {
  return { ...value, loc: loc ?? null };
}
