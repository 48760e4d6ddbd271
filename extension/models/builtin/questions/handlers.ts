import {
  argumentsOf,
  bindingsIn,
  calleeOf,
  isCall,
  isFunction,
  literalText,
  nodesOnRow,
  parametersOf,
} from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import type { Source } from '../syntax/parser.ts';
import type { Suspect } from './lens-questions.ts';

/** Code that takes an error, and may drop it. */
export interface Handler extends Suspect {
  /** What runs when the error comes; undefined where the handler is no code, such as `noop` or `null`. */
  body: SyntaxNode | undefined;
  /** What may fail, where it is known. */
  tried: SyntaxNode | undefined;
  /** The name the error has in the handler. */
  error: string | undefined;
  /** Python: the types that are caught; empty for all. */
  types: string[];
}

/** The handler that begins on a row: a `catch`, an `except`, `.catch()`, an error event, or a callback that never looks at its error. */
export function handlerOn(source: Source, row: number): Handler | null {
  for (const node of nodesOnRow(source.root, row)) {
    const found = tryHandler(node) ?? callHandler(node) ?? callbackHandler(node);
    if (found) return found;
  }
  return null;
}

function tryHandler(node: SyntaxNode): Handler | null {
  if (node.type === 'catch_clause') {
    const parameter = node.at('parameter');
    const error = parameter && bindingsIn(parameter)[0]?.text;
    return { kind: 'catch', node, inputs: [], body: node.at('body'), tried: node.parent?.at('body'), error, types: [] };
  }
  if (node.type === 'except_clause') {
    const [first] = node.named;
    const value = first && first.type !== 'block' ? first : undefined;
    const alias = value?.type === 'as_pattern' ? value.at('alias') : undefined;
    const caught = value?.type === 'as_pattern' ? value.named[0] : value;
    const types = caught ? (caught.type === 'tuple' ? caught.named : [caught]).map((type) => type.text) : [];
    return {
      kind: 'except',
      node,
      inputs: [],
      body: node.named.find((child) => child.type === 'block'),
      tried: node.parent?.at('body'),
      error: alias?.text,
      types,
    };
  }
  return null;
}

function callHandler(node: SyntaxNode): Handler | null {
  if (!isCall(node)) return null;
  const callee = calleeOf(node);
  if (/(^|\.)suppress$/.test(callee) && node.type === 'call') {
    const tried = [...node.around()].find((outer) => outer.type === 'with_statement')?.at('body');
    return {
      kind: 'suppress',
      node,
      inputs: [],
      body: undefined,
      tried,
      error: undefined,
      types: argumentsOf(node).map((type) => type.text),
    };
  }
  const isCatch = /\.catch$/.test(node.at('function')?.text ?? '');
  const event = /\.(on|once|addListener)$/.test(callee) ? literalText(argumentsOf(node)[0] ?? node) : undefined;
  if (!isCatch && !/^(error|uncaughtException|unhandledRejection)$/.test(event ?? '')) return null;
  const handler = argumentsOf(node)[isCatch ? 0 : 1];
  if (!handler) return null;
  const tried = isCatch ? node.at('function')?.at('object') : undefined;
  // A handler that is named elsewhere does what its name says; only those that plainly do nothing are meant.
  if (!isFunction(handler))
    return /^(noop|_\.noop|\$\.noop|null|undefined|Function\.prototype|doNothing|ignore)$/.test(handler.text)
      ? { kind: 'reject', node, inputs: [], body: undefined, tried, error: undefined, types: [] }
      : null;
  return {
    kind: 'reject',
    node,
    inputs: [],
    body: handler.at('body'),
    tried,
    error: parametersOf(handler)[0]?.name,
    types: [],
  };
}

function callbackHandler(node: SyntaxNode): Handler | null {
  if (!isFunction(node)) return null;
  const holder = node.parent;
  const call = holder?.type === 'arguments' ? holder.parent : undefined;
  if (!call || argumentsOf(call).at(-1) !== node) return null;
  const [first, second] = parametersOf(node);
  const body = node.at('body');
  if (!first || !/^_?(err|error)\w*$/.test(first.name) || !second || !body || uses(body, first.name)) return null;
  // Express knows its error handlers by their four parameters.
  if (parametersOf(node).length >= 4 || /\.(on|once)$/.test(calleeOf(call))) return null;
  return { kind: 'callback', node, inputs: [], body, tried: undefined, error: first.name, types: [] };
}

export function uses(body: SyntaxNode, name: string): boolean {
  return [...body.walk()].some(
    (node) => /^(identifier|shorthand_property_identifier)$/.test(node.type) && node.text === name,
  );
}
