import type { Expression, Node, ObjectExpression, Program, Property } from 'acorn';
import type { WorkflowArgs } from '../protocol/workflow-args.ts';
import type { ScriptWarning } from './read-script.ts';
import { positionOf, refuse } from './refuse.ts';
import { readArgs } from './script-args.ts';

/** What a script says of itself. */
export interface WorkflowMeta {
  name: string;
  description: string;
  whenToUse?: string;
  phases: WorkflowPhase[];
  /** What it takes as `args`. */
  args?: WorkflowArgs;
  /** Ids of providers that are no models, but do what its prompts ask: they go by its task headers (docs/task-header.md). */
  servedBy?: string[];
}

export interface WorkflowPhase {
  title: string;
  detail?: string;
  model?: string;
}

interface MetaStatement extends Node {
  object: ObjectExpression;
}

type Literal = string | number | boolean | null | Literal[] | { [key: string]: Literal };

const EXAMPLE = "`export const meta = { name: '...', description: '...' }`";

/** Whether a statement exports something called meta, in whatever form. */
export function isMetaExport(statement: Node): boolean {
  return metaDeclarator(statement, true) !== undefined;
}

function metaDeclarator(statement: Node, exported: boolean) {
  const node = statement as Program['body'][number];
  const declaration = exported && node.type === 'ExportNamedDeclaration' ? node.declaration : exported ? null : node;
  if (declaration?.type !== 'VariableDeclaration') return undefined;
  return declaration.declarations.find(({ id }) => id.type === 'Identifier' && id.name === 'meta');
}

/** The statement that declares the meta. @throws ScriptRefusedError where it is missing, not first, or no constant object. */
export function findMeta(program: Program): MetaStatement {
  const [first] = program.body;
  if (!first) return refuse(`The script is empty. Begin it with ${EXAMPLE}.`, { ...program, loc: null });
  if (!isMetaExport(first)) return refuse(missingMessage(program, first), first);
  const declaration = first.type === 'ExportNamedDeclaration' ? first.declaration : null;
  if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== 'const') {
    return refuse('Write `export const meta`: meta must be a constant.', first);
  }
  const [, second] = declaration.declarations;
  if (second) return refuse('Declare meta alone: give every other constant a statement of its own.', second);
  const object = metaDeclarator(first, true)?.init;
  if (object?.type !== 'ObjectExpression') {
    return refuse(`meta must be an object literal, as in ${EXAMPLE}.`, object ?? first);
  }
  return Object.assign(first, { object });
}

function missingMessage(program: Program, first: Node): string {
  if ('directive' in first && typeof first.directive === 'string') {
    return `Remove '${first.directive}': ${EXAMPLE} must come first, and a workflow runs in strict mode anyway.`;
  }
  if (metaDeclarator(first, false)) return 'Write `export const meta`: the word `export` is missing.';
  if (program.body.some(isMetaExport)) {
    return 'Move `export const meta` above this: it must be the first statement of the file.';
  }
  return `The script has no meta. Begin it with ${EXAMPLE}.`;
}

/** Reads the meta without running it. @throws ScriptRefusedError at the very part that is wrong. */
export function readMeta(statement: MetaStatement, warnings: ScriptWarning[]): WorkflowMeta {
  const { object } = statement;
  const values = literalOf(object) as { [key: string]: Literal };
  const optional = (owner: ObjectExpression, from: { [key: string]: Literal }, key: string): string | undefined => {
    const value = from[key];
    if (value === undefined || typeof value === 'string') return value;
    const at = positionOf(partOf(owner, key) ?? owner);
    warnings.push({ message: `${key} must be a string; it is ignored.`, ...at });
    return undefined;
  };
  const whenToUse = optional(object, values, 'whenToUse');
  const takes = partOf(object, 'args');
  // A plain copy: what is read here has no prototype, which the check of a schema cannot do without.
  const args = takes && readArgs(JSON.parse(JSON.stringify(values.args)), positionOf(takes), warnings);
  return {
    name: requiredText(object, values, 'name', 'meta.name'),
    description: requiredText(object, values, 'description', 'meta.description'),
    ...(whenToUse === undefined ? {} : { whenToUse }),
    phases: readPhases(object, optional),
    ...(args && { args }),
    ...(isStrings(values.servedBy) && { servedBy: values.servedBy }),
  };
}

function isStrings(value: Literal | undefined): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function readPhases(
  object: ObjectExpression,
  optional: (owner: ObjectExpression, from: { [key: string]: Literal }, key: string) => string | undefined,
): WorkflowPhase[] {
  const node = partOf(object, 'phases');
  if (!node) return [];
  if (node.type !== 'ArrayExpression')
    return refuse('meta.phases must be an array, such as [{ title: "Find" }].', node);
  return node.elements.map((element): WorkflowPhase => {
    const entry = element as Expression;
    const value = literalOf(entry);
    if (typeof value === 'string' && value.trim() !== '') return { title: value };
    if (entry.type !== 'ObjectExpression') {
      return refuse('Each entry of meta.phases must be an object with a title, or a non-empty string.', entry);
    }
    const values = value as { [key: string]: Literal };
    const detail = optional(entry, values, 'detail');
    const model = optional(entry, values, 'model');
    return {
      title: requiredText(entry, values, 'title', 'The title of a phase'),
      ...(detail === undefined ? {} : { detail }),
      ...(model === undefined ? {} : { model }),
    };
  });
}

function requiredText(owner: ObjectExpression, values: { [key: string]: Literal }, key: string, what: string): string {
  const value = values[key];
  if (typeof value === 'string' && value.trim() !== '') return value;
  const wrong = value === undefined ? 'is missing: it' : typeof value === 'string' ? 'is empty: it' : 'is not text: it';
  return refuse(`${what} ${wrong} must be a non-empty string.`, partOf(owner, key) ?? owner);
}

/** The value of the last property of that name, as JavaScript would take it. */
function partOf(object: ObjectExpression, key: string): Expression | undefined {
  return object.properties.findLast((part): part is Property => part.type === 'Property' && keyOf(part) === key)?.value;
}

function keyOf(property: Property): string {
  const { key } = property;
  if (!property.computed && key.type === 'Identifier') return key.name;
  if (key.type === 'Literal' && (typeof key.value === 'string' || typeof key.value === 'number'))
    return String(key.value);
  return refuse('meta must be a pure literal: write its keys as plain names.', key);
}

/** The value of a literal. @throws ScriptRefusedError at whatever would have to be run to know it. */
function literalOf(node: Node): Literal {
  const expression = node as Expression;
  switch (expression.type) {
    case 'Literal':
      if ('regex' in expression && expression.regex) break;
      if (typeof expression.value === 'bigint') break;
      return expression.value as Literal;
    case 'TemplateLiteral': {
      const [only] = expression.quasis;
      if (expression.expressions.length > 0 || !only) break;
      return only.value.cooked ?? only.value.raw;
    }
    case 'ArrayExpression':
      return expression.elements.map((element) =>
        element === null
          ? refuse('meta must be a pure literal: this array has a hole.', expression)
          : literalOf(element),
      );
    case 'ObjectExpression':
      return objectOf(expression);
  }
  return refuse(
    'meta must be a pure literal: no variables, calls, operators or substitutions. It is read without running the script.',
    expression,
  );
}

function objectOf(expression: ObjectExpression): { [key: string]: Literal } {
  const values: { [key: string]: Literal } = Object.create(null);
  for (const part of expression.properties) {
    if (part.type === 'SpreadElement') return refuse('meta must be a pure literal: no spread.', part);
    if (part.kind !== 'init' || part.method || part.shorthand) {
      return refuse('meta must be a pure literal: write every property as key: value.', part);
    }
    values[keyOf(part)] = literalOf(part.value);
  }
  return values;
}
