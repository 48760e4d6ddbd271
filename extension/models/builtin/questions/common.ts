import { calleeOf, functionAround, isCall, isString, nameOfFunction, nodesOnRow } from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import type { Source } from '../syntax/parser.ts';
import { isProbablyExample, isProbablyTest } from '../syntax/place.ts';
import { liveRows, whyNeverCalled, whyUnreachable } from '../syntax/reach.ts';

const TEST_CALLS =
  /^(describe|it|test|suite|context|beforeEach|afterEach|beforeAll|afterAll|before|after|bench)(\.\w+)*$/;
const TEST_MODULES =
  /(from\s+|require\(|import\s+)['"]?(vitest|jest|@jest\/globals|mocha|chai|ava|tape|node:test|pytest|unittest|@playwright\/test|@testing-library[\w/-]*|supertest|sinon)\b/;

const LONG_LINE = 500;
const PACKED_LINE = 250;

/** Why nothing on a row is code: it is all comment, or the inside of a string that is no part of an expression. */
export function insideText(source: Source, row: number): string | null {
  const nodes = nodesOnRow(source.root, row).filter(
    (node) => node.children.length === 0 || isString(node) || node.type === 'comment',
  );
  const code = nodes.filter(
    (node) =>
      node.isNamed &&
      !/^(comment|html_comment|hash_bang_line|string_content|string_fragment|escape_sequence)$/.test(node.type),
  );
  if (nodes.some((node) => node.type === 'comment') && code.length === 0) return `Line ${row + 1} is a comment.`;
  const covering = [...source.root.walk()].find(
    (node) =>
      (node.type === 'comment' || isDocstring(node)) &&
      node.row <= row &&
      node.endRow >= row &&
      (node.row < row || isDocstring(node)),
  );
  if (!covering) return null;
  return covering.type === 'comment' ? `Line ${row + 1} lies in a comment.` : `Line ${row + 1} lies in a docstring.`;
}

function isDocstring(node: SyntaxNode): boolean {
  return (
    (node.type === 'string' || node.type === 'concatenated_string') && node.parent?.type === 'expression_statement'
  );
}

/** Minified and generated code is mended where it comes from. */
function isMachineMade(source: Source): boolean {
  return source.text.length / source.lines.length > 160 || source.lines.some((line) => line.length > 10 * LONG_LINE);
}

/** Many statements in one line. A long key in one literal is none of that. */
function isPacked(line: string): boolean {
  return line.length > PACKED_LINE && (line.match(/[;{}]/g) ?? []).length > 12;
}

/** By what stands around a node: a test, or a place that is never reached. Null where it is live. */
export function deadFromAround(source: Source, node: SyntaxNode): string | null {
  if (isProbablyTest(source.path)) return `${source.path} is a test, or serves tests.`;
  if (isMachineMade(source)) return `${source.path} is made by a program: its lines are too long for people.`;
  for (const outer of [node, ...node.around()]) {
    if (isCall(outer) && TEST_CALLS.test(calleeOf(outer)) && outer !== node && TEST_MODULES.test(source.text))
      return `It stands inside the test \`${calleeOf(outer)}\`.`;
    if (
      outer.type === 'class_definition' &&
      /^Test[A-Z]|\b(unittest\.)?TestCase\b/.test(outer.text.split('\n')[0] ?? '')
    )
      return 'It stands in a class of tests.';
    if (outer.type === 'function_definition' && /^test_/.test(nameOfFunction(outer)))
      return 'It stands in a test function.';
  }
  const why = whyUnreachable(node) ?? whyNeverCalled(node, source.root);
  return why && `It never runs: ${why}.`;
}

const live = new WeakMap<SyntaxNode, Set<number>>();

/** By going through the file from the top: whether a row is ever reached, and whether the file ships at all. */
export function deadFromTop(source: Source, row: number): string | null {
  const rows = live.get(source.root) ?? liveRows(source.root);
  live.set(source.root, rows);
  if (!rows.has(row)) return 'Going through the file from its top, nothing ever reaches this line.';
  if (isPacked(source.lines[row] ?? '')) return 'Nobody writes lines of this length: the source of it is elsewhere.';
  if (isProbablyTest(source.path) || TEST_MODULES.test(source.text.slice(0, 5_000)))
    return 'It serves tests only, and never runs for a user.';
  if (isProbablyExample(source.path)) return 'It is an example: nobody runs it for others.';
  return null;
}

/** The names that tell what a piece of code is for: of what it is assigned to, of the keys and functions around it. */
export function namesAround(node: SyntaxNode): string[] {
  const names: string[] = [];
  for (const outer of node.around()) {
    if (/declarator$|^assignment|^keyword_argument$|field_definition$|^augmented_assignment/.test(outer.type)) {
      const target = outer.at('name') ?? outer.at('left') ?? outer.at('property');
      if (target) names.push(target.text.slice(0, 80));
    }
    if (outer.type === 'pair') names.push((outer.at('key')?.text ?? '').slice(0, 80));
    if (/^class_(declaration|definition)$/.test(outer.type)) names.push(outer.at('name')?.text ?? '');
  }
  for (let fn = functionAround(node); fn; fn = functionAround(fn)) names.push(nameOfFunction(fn));
  return names.filter((name) => name !== '');
}
