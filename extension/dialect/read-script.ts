import { type Node, type Options, type Program, parse } from 'acorn';
import { ScriptRefusedError } from '../protocol/errors.ts';
import { checkAgentCalls } from './agent-call-check.ts';
import { checkCharacters, checkUnseen, type ScriptParts } from './hidden-text.ts';
import { checkNames } from './look-alikes.ts';
import { checkModuleSyntax } from './module-syntax.ts';
import { findMeta, readMeta, type WorkflowMeta } from './script-meta.ts';
import { isTypeScript } from './typescript-check.ts';

export type { WorkflowMeta } from './script-meta.ts';

/** A script that may run. */
export interface Script {
  meta: WorkflowMeta;
  /** The text with its meta blanked out by spaces: every line and column of the body is that of the file. */
  source: string;
  /** What will not do what it says, in order of the file. */
  warnings: ScriptWarning[];
}

export interface ScriptWarning {
  message: string;
  line: number;
  column: number;
}

const PARSE_OPTIONS: Options = {
  ecmaVersion: 'latest',
  sourceType: 'module',
  allowReturnOutsideFunction: true,
  allowHashBang: true,
  locations: true,
};

/**
 * Reads the text of a workflow: parses it, takes its meta, and refuses what must not run. Nothing of it is executed.
 * A byte order mark, a `#!` line, comments and CRLF are accepted.
 * @throws ScriptRefusedError with the line and column (from 1) and what to do.
 */
export function readScript(text: string): Script {
  try {
    return read(text);
  } catch (error) {
    // The parser and the walks over its tree recurse as deep as the script nests.
    if (!(error instanceof RangeError)) throw error;
    throw new ScriptRefusedError('The script is nested too deeply to be read. Split it up.', { line: 1, column: 1 });
  }
}

/** The tree of a script that was read, with the lines and columns of its file; meta is not in it. */
export function programOf({ source }: Script): Program {
  return parse(source, PARSE_OPTIONS);
}

function read(text: string): Script {
  const file = text.startsWith('\uFEFF') ? text.slice(1) : text;
  // What shows one thing and runs another is refused first: all other reasons would be read in a text that lies.
  checkCharacters(file);
  const parts: ScriptParts = { tokens: [], comments: [] };
  const program = parseScript(file, parts);
  checkUnseen(file, parts);
  checkNames(file, parts.tokens);
  checkModuleSyntax(program, file);
  const statement = findMeta(program);
  const warnings: ScriptWarning[] = [];
  const meta = readMeta(statement, warnings);
  checkAgentCalls(program, warnings);
  return { meta, source: blank(blankHashBang(file), statement), warnings };
}

function parseScript(file: string, parts: ScriptParts): Program {
  try {
    return parse(file, { ...PARSE_OPTIONS, onToken: parts.tokens, onComment: parts.comments });
  } catch (error) {
    if (!(error instanceof SyntaxError) || !('loc' in error)) throw error;
    const { loc, pos } = error as SyntaxError & { loc: { line: number; column: number }; pos: number };
    checkUnseen(file, parts, pos);
    const position = { line: loc.line, column: loc.column + 1 };
    if (isTypeScript(file, PARSE_OPTIONS)) {
      throw new ScriptRefusedError(
        'This is TypeScript, and a workflow is plain JavaScript. Remove the types, beginning here.',
        position,
      );
    }
    const problem = error.message.replace(/ \(\d+:\d+\)$/, '');
    throw new ScriptRefusedError(`The script does not parse: ${problem}. Correct the syntax here.`, position);
  }
}

function blank(file: string, node: Pick<Node, 'start' | 'end'>): string {
  const gap = file.slice(node.start, node.end).replace(/[^\r\n\u2028\u2029]/g, ' ');
  return file.slice(0, node.start) + gap + file.slice(node.end);
}

function blankHashBang(file: string): string {
  return file.startsWith('#!')
    ? blank(file, { start: 0, end: 2 + file.slice(2).search(/[\r\n\u2028\u2029]|$/) })
    : file;
}
