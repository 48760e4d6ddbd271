import { argumentsOf, calleeOf, functionAround, isCall, isFunction, lastName, unwrap } from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import { holds, type LensQuestions, type Opinion, refutes } from './lens-questions.ts';
import { isHeldByUsing, isSingleton, type Resource, resourceOn } from './resources.ts';

const CLOSERS =
  'close|end|destroy|release|disconnect|quit|terminate|kill|wait|communicate|shutdown|join|cleanup|stop|dispose|logout|closeSync|putconn|aclose|unref|endSession|abort|detach|finish';
const BORROWS =
  /^(load|loads|reader|DictReader|writer|DictWriter|dump|len|print|str|list|iter|next|enumerate|readSync|read|writeSync|write|fstatSync|fstat|ftruncateSync|fsyncSync|log|isinstance|fileno|select|parse|safe_load|copyfileobj|map|sorted|tuple|readlines|input|sum|max|min|bool|repr|type|getattr|hasattr|setattr|json|query|execute|read_csv|sendmail|flock|zip)$/;

export const resourceLeaks: LensQuestions<Resource> = {
  noun: 'place where something is opened that must be closed',
  suspectOn: resourceOn,

  liveCode({ suspect }): Opinion {
    const manager = [...suspect.node.around()].find((outer) => /^(with_item|with_clause)$/.test(outer.type));
    if (manager) return refutes('A `with` closes it.');
    if (isHeldByUsing(suspect.node)) return refutes('A `using` declaration closes it.');
    if (isSingleton(suspect))
      return refutes('It is opened once, when the module loads, for as long as the program runs.');
    const where = closedInStructure(suspect);
    if (where) return refutes(where);
    return holds('No `with` and no `finally` around it closes it.');
  },

  dataFlow({ suspect }): Opinion {
    if ([...suspect.node.around()].some((outer) => outer.type === 'with_item') || isHeldByUsing(suspect.node))
      return refutes('Its block ends its life.');
    const away = goesAway(suspect);
    if (away) return refutes(away);
    const closers = closingNodes(suspect);
    const [first] = closers;
    if (!first)
      return holds(
        suspect.holder
          ? `Nothing closes \`${suspect.holder}\`, and it goes nowhere else.`
          : 'It is used on the spot, and nothing can close it.',
      );
    if (suspect.holder && closers.some(isInFinally))
      return refutes(`A \`finally\` closes \`${suspect.holder}\` (line ${first.row + 1}).`);
    const exit = exitBetween(suspect, first);
    if (exit) return holds(`Line ${exit.row + 1} leaves before line ${first.row + 1} closes it.`);
    return refutes(`It is closed in line ${first.row + 1}.`);
  },

  realImpact({ suspect, source }): Opinion {
    if (isSingleton(suspect))
      return refutes('There is one of it in the whole program, and the system takes it back at the end.');
    const away = goesAway(suspect);
    if (away) return refutes(`Somebody else answers for it: ${away}`);
    if (/createReadStream$/.test(calleeOf(suspect.node)))
      return refutes('A read stream closes itself at its end, and on an error.');
    const fn = functionAround(suspect.node);
    if (
      fn &&
      /^(main|run|cli)$/.test(fn.at('name')?.text ?? '') &&
      /__main__|process\.argv|process\.exit/.test(source.text)
    )
      return refutes('The program ends soon after, and the system takes it back.');
    if ([...suspect.node.around()].some((outer) => outer.type === 'with_item'))
      return refutes('It is closed at the end of the block.');
    return holds('Each run of this code may leave one more open, until there are no more to be had.');
  },
};

/** It is returned, kept in an object, or handed to somebody: then it is theirs to close. */
function goesAway({ node, holder, scope }: Resource): string | null {
  const direct = node.parent && unwrapUp(node);
  if (direct?.parent && /^(return_statement|yield|yield_expression)$/.test(direct.parent.type))
    return 'it is returned to the caller.';
  if (direct?.parent && isFunction(direct.parent) && direct.field === 'body') return 'it is returned to the caller.';
  const taker =
    direct?.parent && /^(arguments|argument_list)$/.test(direct.parent.type) ? direct.parent.parent : undefined;
  if (taker && isCall(taker) && !BORROWS.test(lastName(calleeOf(taker))))
    return `\`${calleeOf(taker).slice(0, 40)}\` takes it over.`;
  if (direct?.field === 'object' && /\.(pipe|on|once)$/.test(direct.parent?.text ?? ''))
    return 'it is piped on, and closes with the pipe.';
  if (direct?.parent?.type === 'for_in_statement' && /^for\s+await/.test(direct.parent.text))
    return 'the loop reads it to its end.';
  if (direct?.parent?.type === 'pair') return 'it becomes a part of an object.';
  if (!holder) return null;
  if (/[.[]/.test(holder)) return `it is kept in \`${holder}\`.`;
  for (const use of scope.walk()) {
    if (use.start <= node.end || !/^(identifier|shorthand_property_identifier)$/.test(use.type) || use.text !== holder)
      continue;
    const why = passedOn(use);
    if (why) return why;
  }
  const isGlobal =
    new RegExp(`\\b(global|nonlocal)\\s+[^\\n]*\\b${holder.replace(/[^\w]/g, '')}\\b`).test(scope.text) ||
    isSetOutside(holder, scope);
  return isGlobal ? `\`${holder}\` lives longer than the function.` : null;
}

function unwrapUp(node: SyntaxNode): SyntaxNode {
  let outer = node;
  while (
    outer.parent &&
    /^(await|await_expression|parenthesized_expression|as_expression|ternary_expression|conditional_expression)$/.test(
      outer.parent.type,
    )
  )
    outer = outer.parent;
  return outer;
}

function passedOn(use: SyntaxNode): string | null {
  const top = unwrapUp(use);
  const parent = top.parent;
  if (!parent) return null;
  if (/^(return_statement|yield|yield_expression)$/.test(parent.type)) return `it is returned in line ${use.row + 1}.`;
  if (
    /^(tuple|expression_list|list|array|object|pair|shorthand_property_identifier|dictionary)$/.test(parent.type) ||
    use.type === 'shorthand_property_identifier'
  )
    return `it becomes a part of something larger in line ${use.row + 1}.`;
  if (/^(arguments|argument_list)$/.test(parent.type) || parent.type === 'keyword_argument') {
    const call = parent.type === 'keyword_argument' ? parent.parent?.parent : parent.parent;
    if (call && isCall(call)) {
      const name = lastName(calleeOf(call));
      if (!BORROWS.test(name) && !new RegExp(`^(${CLOSERS})$`).test(name))
        return `\`${calleeOf(call).slice(0, 40)}\` takes it over in line ${use.row + 1}.`;
    }
  }
  if (/^assignment/.test(parent.type) && top.field === 'right' && /[.[]/.test(parent.at('left')?.text ?? ''))
    return `it is kept in \`${parent.at('left')!.text}\`.`;
  if (top.field === 'object' && /^member_expression$/.test(parent.type) && parent.at('property')?.text === 'pipe')
    return 'it is piped on, and closes with the pipe.';
  if (parent.type === 'with_item') return `a \`with\` in line ${use.row + 1} closes it.`;
  return null;
}

function isSetOutside(holder: string, scope: SyntaxNode): boolean {
  if (!scope.parent) return false;
  const declared = [...scope.walk()].some((node) => /declarator$/.test(node.type) && node.at('name')?.text === holder);
  const assigned = [...scope.walk()].some(
    (node) => node.type === 'assignment_expression' && node.at('left')?.text === holder,
  );
  return assigned && !declared;
}

/** Calls in the scope that close it, in the order of the text. */
function closingNodes({ holder, node, scope }: Resource): SyntaxNode[] {
  if (!holder) return [];
  const method = new RegExp(`^${holder.replace(/[.$[\]()]/g, '\\$&')}[?!]?\\.(${CLOSERS})$`);
  const given = new RegExp(`(^|\\.)(${CLOSERS})$`);
  return [...scope.walk()].filter((call) => {
    if (!isCall(call) || call.start <= node.end) return false;
    const callee = calleeOf(call);
    return (
      method.test(callee) ||
      (given.test(callee) && argumentsOf(call).some((argument) => unwrap(argument).text === holder))
    );
  });
}

function isInFinally(node: SyntaxNode): boolean {
  return [...node.around()].some((outer) => outer.type === 'finally_clause');
}

/** A way out of the function after the opening and before the closing, but for one that asks whether it was opened at all. */
function exitBetween({ node, scope, holder }: Resource, closing: SyntaxNode): SyntaxNode | undefined {
  const own = (candidate: SyntaxNode): SyntaxNode | undefined => functionAround(candidate);
  return [...scope.walk()].find((exit) => {
    if (
      !/^(return_statement|throw_statement|raise_statement)$/.test(exit.type) ||
      exit.start < node.end ||
      exit.end > closing.start
    )
      return false;
    if (own(exit) !== own(node) || exit.contains(closing)) return false;
    const condition = [...exit.around()].find((outer) => outer.type === 'if_statement')?.at('condition');
    const asksWhetherOpen =
      condition &&
      [...condition.walk()].some((part) => part.type === 'identifier' && part.text === holder) &&
      !/\./.test(condition.text);
    const inHandler = [...exit.around()].some(
      (outer) =>
        /^(except_clause|catch_clause)$/.test(outer.type) &&
        outer.row > node.row &&
        outer.parent!.at('body')!.contains(node),
    );
    return !asksWhetherOpen && !inHandler;
  });
}

/** The close stands in a `finally`, or straight below in the same block. */
function closedInStructure(suspect: Resource): string | null {
  for (const closing of closingNodes(suspect)) {
    if (isInFinally(closing)) return `The \`finally\` in line ${closing.row + 1} closes it.`;
    const block = [...closing.around()].find((outer) => /block$|^program$|^module$/.test(outer.type));
    if (block?.contains(suspect.node) && !exitBetween(suspect, closing))
      return `The same block closes it in line ${closing.row + 1}.`;
    if (isFunction(functionAround(closing) ?? suspect.node) && functionAround(closing) !== functionAround(suspect.node))
      return `A callback closes it in line ${closing.row + 1}.`;
  }
  return null;
}
