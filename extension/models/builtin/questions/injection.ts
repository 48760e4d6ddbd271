import { calleeOf, functionAround, isCall, isString, nodesOnRow, unwrap } from '../syntax/code.ts';
import { guardAround, guardInText, namesIn } from '../syntax/guards.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import { isHarmless, type Origin, originsOf } from '../syntax/origins.ts';
import type { Source } from '../syntax/parser.ts';
import { isTainted, taintedNames } from '../syntax/taint.ts';
import { type Case, holds, type LensQuestions, type Opinion, refutes, type Suspect } from './lens-questions.ts';
import { builtSql, SINKS } from './sinks.ts';

/** What is ordinary with a value of unknown origin, and a hole only with one that a request brings. */
const ONLY_FROM_REQUESTS = new Set(['path', 'redirect', 'address', 'reply', 'filter']);

export const injection: LensQuestions = {
  noun: 'place where text becomes a query, a command, a page, a path or an address',

  suspectOn(source: Source, row: number): Suspect | null {
    const nodes = nodesOnRow(source.root, row);
    for (const node of nodes) {
      const suspect = sqlAt(node) ?? whereAt(node) ?? pageAt(node) ?? sinkAt(node, source);
      if (suspect) return suspect;
    }
    return sqlAcross(source.root, row);
  },

  liveCode({ suspect }): Opinion {
    const guard = guardAround(suspect.node, namesIn(suspect.inputs), suspect.kind);
    if (guard) return refutes(`Only checked values get this far: ${guard}.`);
    const fn = functionAround(suspect.node);
    if (suspect.inputs.length === 0)
      return refutes('The call keeps the value apart: no shell takes it to pieces, and no path leads out of the root.');
    return holds(
      `It is live code${fn?.at('name') ? ` in \`${fn.at('name')!.text}\`` : ''}, and nothing before it checks the value.`,
    );
  },

  dataFlow({ suspect, root }): Opinion {
    if (suspect.inputs.length === 0) return refutes('The value stays one argument, whatever is in it.');
    if (suspect.kind === 'template' && suspect.inputs.some(isReadFromFile))
      return refutes('The template is read from a file.');
    const start = fixedStart(suspect);
    if (start) return refutes(`The address begins with \`${start}\`, whatever follows.`);
    const origins = suspect.inputs.flatMap((input) => originsOf(input, root));
    const open = origins.filter((origin) => !isHarmless(origin));
    if (open.length === 0) return refutes(`Every part is ${describe(origins)}.`);
    if (ONLY_FROM_REQUESTS.has(suspect.kind) && !open.some((origin) => isFromRequest(origin, suspect.node))) {
      return refutes(`\`${open[0]!.text}\` does not come from a request.`);
    }
    const worst =
      open.find((origin) => origin.kind === 'request') ??
      open.find((origin) => origin.kind === 'parameter') ??
      open[0]!;
    return holds(
      `\`${worst.text}\` ${worst.kind === 'request' ? 'comes from outside' : worst.kind === 'parameter' ? 'is whatever the caller gives' : 'is not known to be safe'} (line ${worst.row + 1}).`,
    );
  },

  realImpact({ suspect, root, source }: Case): Opinion {
    const tainted = taintedNames(suspect.node, root);
    if (!suspect.inputs.some((input) => isTainted(input, tainted)))
      return refutes('Nobody outside can choose any part of this text.');
    if (suspect.kind === 'template' && /readFile|read_text|\.read\(/.test(suspect.node.text))
      return refutes('Its files are the own of the program.');
    if (/^(redirect|address)$/.test(suspect.kind) && staysOnHost(suspect.inputs.map((input) => input.text).join(' ')))
      return refutes('The value cannot lead to another host.');
    const guard = guardInText(source.lines, suspect.node, namesIn(suspect.inputs), suspect.kind);
    if (guard) return refutes(`${guard} stops every value that could do harm.`);
    if (ONLY_FROM_REQUESTS.has(suspect.kind) && !reachesFromRequest(suspect, root))
      return refutes('No request reaches this function in this file.');
    return holds(`Whoever chooses the value decides what the ${suspect.kind === 'sql' ? 'query' : suspect.kind} does.`);
  },
};

function isReadFromFile(input: SyntaxNode): boolean {
  return [...input.walk()].some(
    (node) => isCall(node) && /(^|\.)(readFile|readFileSync|read_text|read)$/.test(calleeOf(node)),
  );
}

/** The literal that an address begins with, where it settles the host. */
function fixedStart({ kind, inputs }: Suspect): string | null {
  if (!/^(redirect|address)$/.test(kind) || !inputs[0]) return null;
  if (/Referr?er/i.test(inputs[0].text)) return 'the page the request came from';
  let first = unwrap(inputs[0]);
  while (/^binary_(expression|operator)$/.test(first.type)) first = unwrap(first.at('left')!);
  if (!isString(first)) return null;
  const [start = ''] = first.text.replace(/^[a-z]*['"`]+/i, '').split(/[`'"{]|\$\{/);
  return /^\/[\w-]|^https?:\/\/[\w.:-]+\/|^[?#]/.test(start) ? start : null;
}

/** The same by the text alone. A page that the request came from is where the user was. */
function staysOnHost(text: string): boolean {
  return /^[(\s]*f?['"`](\/[\w-]|https?:\/\/[\w.:-]+\/|[?#])/.test(text) || /Referr?er|\bback\b/i.test(text);
}

function sqlAt(node: SyntaxNode): Suspect | null {
  const built = builtSql(node);
  return built && { kind: 'sql', node: built.whole, inputs: built.parts };
}

/** A text of several lines: what counts is what is put in on this one. */
function sqlAcross(root: SyntaxNode, row: number): Suspect | null {
  for (const node of root.walk()) {
    if (node.row > row || node.endRow < row || !isString(node)) continue;
    const built = builtSql(node);
    const here = built?.parts.filter((part) => part.row === row) ?? [];
    if (built && here.length > 0) return { kind: 'sql', node: built.whole, inputs: here };
  }
  return null;
}

/** Text that a database runs as code. */
function whereAt(node: SyntaxNode): Suspect | null {
  if (node.type !== 'pair' || !/^['"]?\$where['"]?$/.test(node.at('key')?.text ?? '')) return null;
  return { kind: 'query', node, inputs: [node.at('value')!] };
}

function pageAt(node: SyntaxNode): Suspect | null {
  if (
    /^(augmented_)?assignment_expression$/.test(node.type) &&
    /\.(innerHTML|outerHTML)$/.test(node.at('left')?.text ?? '')
  ) {
    return { kind: 'page', node, inputs: [node.at('right')!] };
  }
  if (node.type === 'jsx_attribute' && node.text.startsWith('dangerouslySetInnerHTML')) {
    const html = [...node.walk()].find((part) => part.type === 'pair' && part.at('key')?.text === '__html');
    return { kind: 'page', node, inputs: [html?.at('value') ?? node] };
  }
  if (node.type === 'return_statement' && node.named[0] && /^f?['"]{1,3}\s*</.test(unwrap(node.named[0]).text)) {
    const route = functionAround(node)?.parent;
    const isRoute = route?.type === 'decorated_definition' && /@\w+\.(route|get|post)\(/.test(route.text);
    return isRoute ? { kind: 'reply', node, inputs: [node.named[0]] } : null;
  }
  return null;
}

function sinkAt(node: SyntaxNode, source: Source): Suspect | null {
  if (node.type === 'keyword_argument' && node.text.replace(/\s/g, '') === 'autoescape=False')
    return { kind: 'page', node, inputs: [node] };
  if (!isCall(node)) return null;
  const callee = calleeOf(node);
  // `pattern.exec(text)` runs a regular expression, no command.
  if (
    /(^|\.)exec$/.test(callee) &&
    source.language === 'js' &&
    /\.exec$/.test(callee) &&
    !/^(child_process|childProcess|cp|shell|shelljs|proc|util)\./.test(callee)
  )
    return null;
  for (const sink of SINKS) {
    if (sink.language && sink.language !== source.language) continue;
    if (!sink.callee.test(callee)) continue;
    const inputs = sink.inputs(node);
    if (inputs) return { kind: sink.kind, node, inputs };
  }
  return null;
}

function isFromRequest(origin: Origin, node: SyntaxNode): boolean {
  return origin.kind === 'request' || (origin.kind === 'parameter' && isRouteHandler(functionAround(node)));
}

/** Flask, FastAPI and Django hand over parts of the address as parameters. */
function isRouteHandler(fn: SyntaxNode | undefined): boolean {
  const decorated = fn?.parent?.type === 'decorated_definition' ? fn.parent.text.slice(0, 400) : '';
  return (
    /@[\w.]+\.(route|get|post|put|delete|patch)\(/.test(decorated) ||
    /^def \w+\(\s*(self,\s*)?request\b/.test(fn?.text ?? '')
  );
}

function reachesFromRequest({ node, inputs }: Suspect, root: SyntaxNode): boolean {
  const fn = functionAround(node);
  const around = fn?.text ?? root.text;
  return (
    isRouteHandler(fn) ||
    /\b(req|request|ctx|event)\b[\w.]*\.(body|query|params|args|form|GET|POST|url|headers|cookies|files?|values|json)|location\.(search|hash)|searchParams|\binput\(/.test(
      `${around} ${inputs.map((input) => input.text).join(' ')}`,
    )
  );
}

function describe(origins: Origin[]): string {
  const kinds = new Set(origins.map((origin) => origin.kind));
  if (kinds.size === 0 || (kinds.size === 1 && kinds.has('constant'))) return 'a constant';
  const words = {
    constant: 'constant',
    number: 'a number',
    cleaned: 'escaped or checked',
    trusted: 'chosen by those who run the program',
  };
  return Object.entries(words)
    .filter(([kind]) => kinds.has(kind as Origin['kind']))
    .map(([, word]) => word)
    .join(' or ');
}
