import type { Node, Tree } from '@vscode/tree-sitter-wasm';
import type { Target } from '../../protocol/permissions.ts';
import { tellRuns, tellSetting } from './command-runs.ts';
import { isWholeHeredoc } from './heredoc.ts';
import { readRedirection } from './redirection.ts';
import { childrenOf, loadShellParser, type ShellParser } from './shell-grammar.ts';
import { readWord, type ShellWord } from './shell-words.ts';

const MAX_LINE = 100_000;
/** Lines within lines (`sh -c`, `eval`), and statements within statements. */
const MAX_LINES_DEEP = 5;
const MAX_NESTING = 100;
/** Characters of a part as it is shown. */
const MAX_TEXT = 500;

/**
 * What a shell line touches, read as bash would: every simple command that it may run, also those within substitutions, functions,
 * `sh -c` and the like; the files that redirections name, relative to where the line starts, by their names alone; and an `unclear`
 * for each part of which the line alone does not say what it runs. Whatever is not understood is unclear, and of what is unclear those
 * commands that can be told are still there, so that a rule may deny them. What only steers the line (`true`, `exit 1`, `set -e`,
 * `[ -f x ]`) touches nothing.
 */
export async function parseCommand(line: string): Promise<Target[]> {
  const reader = new LineReader(await loadShellParser());
  reader.read(line);
  return reader.targets();
}

/** Nodes that only hold others together. */
const HOLDERS = new Set(
  `program list pipeline subshell compound_statement do_group if_statement elif_clause else_clause while_statement negated_command`.split(
    ' ',
  ),
);
/** What may stand between the statements of a holder. */
const TOKENS = new Set(
  '; & && || | |& \n ( ) { } ! if then elif else fi while until do done for in select case esac ;; ;& ;;& function'.split(
    ' ',
  ),
);
const STATEMENTS = new Set([
  ...HOLDERS,
  'command',
  'redirected_statement',
  'for_statement',
  'c_style_for_statement',
  'case_statement',
  'function_definition',
  'test_command',
  'declaration_command',
  'unset_command',
]);
const REDIRECTIONS = new Set(['file_redirect', 'heredoc_redirect', 'herestring_redirect']);
/** Letters and digits alone: no variable that a program or bash itself looks at is called like that. */
const LOOP_VARIABLE = /^[a-z][a-z0-9]*$/;

class LineReader {
  readonly #parse: ShellParser;
  readonly #targets = new Map<string, Target>();
  #deep = 0;
  #nesting = 0;
  #moved = false;
  /** The line that is being read. */
  #line = '';

  constructor(parse: ShellParser) {
    this.#parse = parse;
  }

  targets(): Target[] {
    return [...this.#targets.values()].map((target) => this.#placed(target));
  }

  read(line: string): void {
    if (line.length > MAX_LINE) return this.#unclear(line, 'it is too long to be read');
    if (this.#deep >= MAX_LINES_DEEP) return this.#unclear(line, 'it holds too many lines within lines');
    if (hidesSomething(line)) this.#unclear(line, 'it holds characters that cannot be seen');
    const outer = this.#line;
    const tree = this.#parse(line);
    if (!tree) return this.#unclear(line, 'it is too tangled to be read');
    this.#deep += 1;
    this.#line = line;
    try {
      this.#readTree(tree);
    } finally {
      tree.delete();
      this.#deep -= 1;
      this.#line = outer || line;
    }
  }

  #readTree({ rootNode }: Tree): void {
    if (rootNode.hasError) this.#unclear(this.#line, 'it is no shell line that can be read');
    const { startIndex, endIndex } = rootNode;
    if (!isBlank(this.#line.slice(0, startIndex)) || !isBlank(this.#line.slice(endIndex)))
      this.#unclear(this.#line, 'it is no shell line that can be read');
    this.#statement(rootNode);
  }

  #statement(node: Node): void {
    if (this.#nesting >= MAX_NESTING) return this.#unclear(node.text, 'it is nested too deep to be read');
    this.#nesting += 1;
    this.#statementWithin(node);
    this.#nesting -= 1;
  }

  #statementWithin(node: Node): void {
    if (HOLDERS.has(node.type)) return this.#holder(node);
    switch (node.type) {
      case 'command':
        return this.#command(node);
      case 'redirected_statement':
        return this.#redirected(node);
      case 'for_statement':
        return this.#loop(node);
      case 'case_statement':
        return this.#case(node);
      case 'function_definition':
        return this.#function(node);
      case 'test_command':
        return this.#test(node);
      case 'variable_assignment':
        this.#assignment(node);
        return this.#within(node);
      case 'comment':
        return this.#comment(node);
      default:
        this.#unclear(node.text, 'what it does is known only when it runs');
        return this.#within(node);
    }
  }

  /** Statements in a row, with what stands between them. */
  #holder(node: Node, isOther: (child: Node) => boolean = () => false): void {
    this.#checkGaps(node, /^[ \t\n]*$/);
    for (const child of childrenOf(node)) {
      if (REDIRECTIONS.has(child.type)) this.#redirection(child);
      else if (child.isNamed && !isOther(child)) this.#statement(child);
      else if (!child.isNamed && !TOKENS.has(child.type)) this.#unclear(child.text, 'it is not understood');
    }
  }

  #function(node: Node): void {
    const name = node.childForFieldName('name');
    if (!/^[\w.:-]+$/.test(name?.text ?? '')) this.#unclear(node.text, 'it is not understood');
    this.#holder(node, (child) => child.id === name?.id);
  }

  #command(node: Node): void {
    const words: ShellWord[] = [];
    for (const child of childrenOf(node)) {
      if (child.type === 'variable_assignment') this.#assignment(child);
      else if (REDIRECTIONS.has(child.type)) this.#redirection(child);
      else words.push(readWord(child.text));
    }
    this.#checkGaps(node, /^[ \t]*$/);
    this.#checkEnd(node);
    this.#within(node, (child) => REDIRECTIONS.has(child.type));
    const text = cut(node.text);
    tellRuns(words, text, {
      command: (run) => this.#add({ kind: 'command', words: run.map((word) => word.text), text }),
      unclear: (part, why) => this.#unclear(part, why),
      line: (line) => this.read(line),
      moved: () => {
        this.#moved = true;
      },
    });
  }

  #redirected(node: Node): void {
    this.#checkGaps(node, /^[ \t]*$/);
    for (const child of childrenOf(node)) {
      if (REDIRECTIONS.has(child.type)) this.#redirection(child);
      else this.#statement(child);
    }
  }

  #redirection(node: Node): void {
    if (node.type === 'heredoc_redirect') return this.#heredoc(node);
    this.#within(node);
    if (node.type === 'herestring_redirect') return this.#checkValue(node, node.text.replace(/^\d*<<<[ \t]*/, ''));
    this.#checkGaps(node, /^[ \t]*$/);
    const { paths, unclear } = readRedirection(node);
    if (unclear !== null) this.#unclear(node.text, unclear);
    for (const path of paths) this.#add({ kind: 'path', ...path });
  }

  /** Where the line moves to another folder, nobody knows in which its files lie; a loop may come there before it opens them. */
  #placed(target: Target): Target {
    if (target.kind !== 'path' || !this.#moved || target.path.startsWith('/')) return target;
    return { kind: 'unclear', text: target.path, why: 'where it lies depends on the folder that the line moves to' };
  }

  #heredoc(node: Node): void {
    if (!isWholeHeredoc(node, this.#line)) this.#unclear(node.text, 'nobody can say for sure where its text ends');
    for (const child of childrenOf(node)) {
      if (REDIRECTIONS.has(child.type)) this.#redirection(child);
      else if (STATEMENTS.has(child.type)) this.#statement(child);
      else this.#within(child);
      if (!isOfHeredoc(child)) this.#unclear(child.text, 'it is not understood');
    }
  }

  #loop(node: Node): void {
    const variable = node.childForFieldName('variable')?.text ?? '';
    if (!LOOP_VARIABLE.test(variable)) this.#unclear(node.text, `${variable} may change what runs`);
    for (const value of node.childrenForFieldName('value')) if (value) this.#checkValue(value, value.text);
    this.#parts(node, (child) => child.type === 'do_group' || child.type === 'compound_statement');
  }

  #case(node: Node): void {
    const value = node.childForFieldName('value');
    if (value) this.#checkValue(value, value.text);
    for (const item of childrenOf(node).filter(({ type }) => type === 'case_item')) {
      const patterns = item.childrenForFieldName('value').filter((pattern) => pattern !== null);
      for (const pattern of patterns) this.#checkValue(pattern, pattern.text.replace(/[*?]/g, ''));
      this.#parts(item, (part) => part.isNamed && !patterns.some(({ id }) => id === part.id));
    }
    this.#checkGaps(node, /^[ \t\n]*$/);
    this.#within(node, (child) => child.type === 'case_item');
  }

  /** Children that are statements; the others are looked through for substitutions. */
  #parts(node: Node, isStatement: (child: Node) => boolean): void {
    this.#checkGaps(node, /^[ \t\n]*$/);
    for (const child of childrenOf(node)) {
      if (isStatement(child)) this.#statement(child);
      else this.#within(child);
    }
  }

  /** A value outside of a command: what it becomes matters little, but expanding it may run something. */
  #checkValue(node: Node, text: string): void {
    const { unknown } = readWord(text);
    if (unknown !== null) this.#unclear(node.text, unknown);
  }

  /** Only the plainest: in others, words are evaluated, and with `[` an operator of the shell ends the test and begins a command. */
  #test(node: Node): void {
    const [, asked = '$'] = /^\[\[? (.*) \]\]?$/.exec(node.text) ?? [];
    const harmless = /^[\w./@:=!, '"-]*$/.test(asked) && !/-["']*(v|R|eq|ne|lt|le|gt|ge)\b/.test(asked);
    if (!harmless) this.#unclear(node.text, 'it may evaluate its words');
    this.#within(node);
  }

  #assignment(node: Node): void {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(node.text) ?? [];
    const word = readWord(value);
    if (name === '' || word.unknown !== null) this.#unclear(node.text, 'what it sets may change what runs');
    else tellSetting(`${name}=${word.text}`, cut(node.text), { unclear: (text, why) => this.#unclear(text, why) });
  }

  #comment(node: Node): void {
    const before = node.startIndex === 0 ? '\n' : this.#line[node.startIndex - 1]!;
    if (!' \t\n;&|()'.includes(before) || node.text.includes('\n')) this.#unclear(node.text, 'it is not understood');
  }

  /** Statements anywhere below a node: in its substitutions, and where the node itself is not understood. */
  #within(node: Node, skip: (child: Node) => boolean = () => false): void {
    if (this.#nesting >= MAX_NESTING) return this.#unclear(node.text, 'it is nested too deep to be read');
    this.#nesting += 1;
    for (const child of childrenOf(node)) {
      if (skip(child)) continue;
      if (STATEMENTS.has(child.type)) this.#statement(child);
      else if (child.type === 'file_redirect' && node.type === 'command_substitution') this.#redirection(child);
      else this.#within(child);
    }
    this.#nesting -= 1;
  }

  /**
   * Between what the grammar understood, there is nothing else: where bash saw a word, there would be one. And no token has more in it
   * than itself, nor begins in the middle of what is a word to bash.
   */
  #checkGaps(node: Node, blank: RegExp): void {
    let end = node.startIndex;
    for (const child of [...childrenOf(node), null]) {
      const start = child?.startIndex ?? node.endIndex;
      const gap = this.#line.slice(end, start);
      const joined = gap.replaceAll('\\\n', '');
      const isApart = gap !== '' || end === node.startIndex || /[\s;&|()<>]/.test(this.#line.slice(end - 1, start + 1));
      if (
        !blank.test(joined) ||
        (joined === '' && gap !== '') ||
        (child && !isApart) ||
        (child && !isWholeToken(child))
      )
        this.#unclear(node.text, 'it is not understood');
      end = child?.endIndex ?? end;
    }
  }

  /** What goes on right behind a command belongs to its last word. */
  #checkEnd(node: Node): void {
    if (!/^[\s;&|()<>`]?$/.test(this.#line.slice(node.endIndex, node.endIndex + 1)))
      this.#unclear(node.text, 'it is not understood');
  }

  #unclear(text: string, why: string): void {
    this.#add({ kind: 'unclear', text: cut(text), why });
  }

  #add(target: Target): void {
    this.#targets.set(JSON.stringify(target), target);
  }
}

/** Whether a node may stand in a heredoc: parts of its own, or what goes on behind it in its first line. */
function isOfHeredoc({ type, isNamed, text }: Node): boolean {
  if (!isNamed) return text === type && (TOKENS.has(type) || /^<<-?$/.test(type));
  if (type === 'file_descriptor') return /^\d+$/.test(text);
  return REDIRECTIONS.has(type) || STATEMENTS.has(type) || type.startsWith('heredoc_');
}

/** The grammar's scanner may skip something before a token and take it for a part of that. */
function isWholeToken({ type, isNamed, text }: Node): boolean {
  return isNamed || text === type || (type === '\n' && text.trim() === '');
}

function isBlank(text: string): boolean {
  return /^[ \t\n]*$/.test(text.replaceAll('\\\n', ''));
}

/** Control characters, blanks that are none to bash, and marks that turn the direction of writing round. */
function hidesSomething(line: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Cf}|\p{Cs}|[\p{Z}--\u0020]/v.test(line);
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}
