import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Language as Grammar, Parser, Tree } from '@vscode/tree-sitter-wasm';
import { type Language, languageOf } from '../rules/rule.ts';
import { SyntaxNode } from './node.ts';

/** A file as its syntax tree, in plain objects: nothing of it lies in the parser's memory. */
export interface Source {
  path: string;
  language: Language;
  text: string;
  lines: string[];
  root: SyntaxNode;
}

export interface SourceParser {
  /** Null for a language without a grammar, and for a text that the grammar cannot make anything of. */
  parse(path: string, text: string): Promise<Source | null>;
}

type TreeSitter = typeof import('@vscode/tree-sitter-wasm');

/** Three challengers look at each finding, and findings come by file: a few dozen files are enough. */
const KEPT_SOURCES = 32;
/** A text over this is data or made by a program; a tree of it would take hundreds of megabytes. */
const MAX_TEXT = 600_000;
/** The same for a line; patterns over it could take forever, too. */
const MAX_LINE = 20_000;

/** Parses with tree-sitter; trees are kept by the content of the file. @param dist the folder with `wasm/` */
export function createParser(dist: string): SourceParser {
  const folder = join(dist, 'wasm');
  let loading: Promise<TreeSitter> | undefined;
  const grammars = new Map<string, Promise<Grammar>>();
  const kept = new Map<string, Source | null>();

  async function grammarFor(name: string): Promise<{ treeSitter: TreeSitter; grammar: Grammar }> {
    loading ??= loadTreeSitter(folder);
    const treeSitter = await loading;
    let grammar = grammars.get(name);
    if (!grammar) {
      grammar = treeSitter.Language.load(new Uint8Array(readFileSync(join(folder, `tree-sitter-${name}.wasm`))));
      grammars.set(name, grammar);
    }
    return { treeSitter, grammar: await grammar };
  }

  return {
    async parse(path, text) {
      const language = languageOf(path);
      if (!language || text.length > MAX_TEXT || hasLongLine(text)) return null;
      const name = grammarName(path);
      const key = `${name} ${createHash('sha256').update(`${path}\0${text}`).digest('hex')}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const { treeSitter, grammar } = await grammarFor(name);
      const root = parseOnce(new treeSitter.Parser(), grammar, text);
      const source = root && { path, language, text, lines: text.split('\n'), root };
      kept.set(key, source);
      for (const oldest of kept.keys()) if (kept.size > KEPT_SOURCES) kept.delete(oldest);
      return source;
    },
  };
}

function hasLongLine(text: string): boolean {
  return text.split('\n').some((line) => line.length > MAX_LINE);
}

/** Its loader is CommonJS and finds its files by its own name, which a bundle takes away from it: so it stays a file of its own. */
async function loadTreeSitter(folder: string): Promise<TreeSitter> {
  const treeSitter = createRequire(join(folder, 'tree-sitter.cjs'))('./tree-sitter.cjs') as TreeSitter;
  // The declared type of the options lacks what the loader takes: the module's bytes.
  const options = { wasmBinary: readFileSync(join(folder, 'tree-sitter.wasm')) };
  await treeSitter.Parser.init(options as unknown as Parameters<typeof Parser.init>[0]);
  return treeSitter;
}

function parseOnce(parser: Parser, grammar: Grammar, text: string): SyntaxNode | null {
  let tree: Tree | null = null;
  try {
    parser.setLanguage(grammar);
    tree = parser.parse(text);
    return tree && SyntaxNode.fromTree(tree, text);
  } finally {
    tree?.delete();
    parser.delete();
  }
}

function grammarName(path: string): string {
  if (/\.pyw?$/.test(path)) return 'python';
  if (path.endsWith('.tsx')) return 'tsx';
  return /\.[cm]?ts$/.test(path) ? 'typescript' : 'javascript';
}
