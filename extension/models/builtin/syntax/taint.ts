import { bindingsIn, calleeOf, functionAround, isCall, madeAnewBy, nameOfFunction, parametersOf } from './code.ts';
import { isOffered } from './names.ts';
import type { SyntaxNode } from './node.ts';
import { isNumeric, isRequest, isSanitizer } from './trust.ts';

/** Whether a call that escapes or checks a value ends the taint. A clean file name does not make the file clean. */
export type Cleaning = 'counts' | 'does not count';

/**
 * The names in the function around a node that may hold what somebody outside chose, found by going through the function
 * forwards: its parameters and what is read from a request, then all that is set from such a name, until nothing changes.
 */
export function taintedNames(node: SyntaxNode, root: SyntaxNode, cleaning: Cleaning = 'counts'): Set<string> {
  const tainted = new Set<string>();
  for (let fn = functionAround(node); fn; fn = functionAround(fn)) {
    if (isOffered(fn, nameOfFunction(fn), root) || calledWithTaint(fn, root))
      for (const { name } of parametersOf(fn)) tainted.add(name);
  }
  for (const safe of ['self', 'cls', 'this', 'res', 'response', 'next', 'err', 'error']) tainted.delete(safe);
  let before = -1;
  while (tainted.size !== before) {
    before = tainted.size;
    for (const step of root.walk()) {
      const target = step.at('left') ?? step.at('name') ?? step.at('alias');
      const value = step.at('right') ?? step.at('value');
      if (!target || !value || !/declarator|assignment|^for_|named_expression/.test(step.type)) continue;
      if (functionAround(step) && !functionAround(step)!.contains(node)) continue;
      if (isTainted(value, tainted, cleaning)) for (const binding of bindingsIn(target)) tainted.add(binding.text);
    }
  }
  return tainted;
}

/** Whether an expression holds a tainted name, or reads from a request, outside of a call that cleans it. */
export function isTainted(expression: SyntaxNode, tainted: Set<string>, cleaning: Cleaning = 'counts'): boolean {
  const open = [expression];
  for (let node = open.pop(); node; node = open.pop()) {
    if (isCall(node) && cleaning === 'counts' && (isSanitizer(calleeOf(node)) || isNumeric(calleeOf(node)))) continue;
    const anew = isCall(node) ? madeAnewBy(node) : undefined;
    if (anew) {
      open.push(anew);
      continue;
    }
    if (isRequest(node.text.slice(0, 400).replace(/\s+/g, ''))) return true;
    if (/^(identifier|shorthand_property_identifier)$/.test(node.type) && tainted.has(node.text)) return true;
    for (const child of node.children) {
      // A key chosen by somebody picks from a table, and is no part of what is picked; neither are conditions.
      if (
        child.field === 'index' ||
        child.field === 'subscript' ||
        child.field === 'condition' ||
        child.field === 'attribute'
      )
        continue;
      if (child.field === 'name' && node.type === 'keyword_argument') continue;
      open.push(child);
    }
  }
  return false;
}

/** A private function gets what the file hands to it; a callback gets whatever comes. */
function calledWithTaint(fn: SyntaxNode, root: SyntaxNode): boolean {
  const name = nameOfFunction(fn);
  if (name === '') return true;
  for (const node of root.walk()) {
    if (node.type !== 'identifier' || node.text !== name || node.field === 'name') continue;
    const call = node.parent && isCall(node.parent) && node.field === 'function' ? node.parent : undefined;
    if (!call) return true;
    const caller = functionAround(call);
    const outside = caller ? new Set(parametersOf(caller).map((parameter) => parameter.name)) : new Set<string>();
    const list = call.at('arguments');
    if (list && isTainted(list, outside)) return true;
  }
  return false;
}
