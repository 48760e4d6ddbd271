import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Language, Node, Parser, Tree } from '@vscode/tree-sitter-wasm';

type TreeSitter = typeof import('@vscode/tree-sitter-wasm');

/** Parses one text as bash, null where that would take too long; whoever takes the tree deletes it. */
export type ShellParser = (text: string) => Tree | null;

/**
 * A page of a script takes some four hundred steps and 30 ms. Lines that are tangled over and over take minutes, or all memory there is
 * within seconds: steps bound the memory, and are the same on a busy machine; time, that of the processor, bounds steps that grow long.
 */
const MAX_STEPS = 2_000;
const MAX_MS = 1_000;

let loading: Promise<ShellParser> | undefined;

/** Loads tree-sitter's grammar of bash once. @throws Error where its files are missing: a defect of the package. */
export function loadShellParser(): Promise<ShellParser> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<ShellParser> {
  const { script, folder } = grammarFiles();
  const require = createRequire(script);
  // A copy of our own: one that ran out of memory is of no use any more, and the next is to be a new one.
  delete require.cache[script];
  const treeSitter = require(script) as TreeSitter;
  // The declared type of the options lacks what the loader takes: the module's bytes.
  const options = { wasmBinary: readFileSync(join(folder, 'tree-sitter.wasm')) };
  await treeSitter.Parser.init(options as unknown as Parameters<typeof Parser.init>[0]);
  const grammar = await treeSitter.Language.load(new Uint8Array(readFileSync(join(folder, 'tree-sitter-bash.wasm'))));
  return (text) => {
    try {
      return parseInTime(new treeSitter.Parser(), grammar, text);
    } catch {
      // Whatever happened to it, the line is not understood.
      loading = undefined;
      return null;
    }
  };
}

function parseInTime(parser: Parser, grammar: Language, text: string): Tree | null {
  const begun = process.cpuUsage();
  let steps = 0;
  // The declared type lacks what the answer is for: true gives up.
  const progressCallback = (): boolean => {
    steps += 1;
    return steps > MAX_STEPS || process.cpuUsage(begun).user > MAX_MS * 1_000;
  };
  try {
    parser.setLanguage(grammar);
    return parser.parse(text, null, { progressCallback });
  } finally {
    parser.delete();
  }
}

/** The nodes below a node. The declared type has gaps in it, which the parser never leaves. */
export function childrenOf(node: Node): Node[] {
  return node.children.filter((child) => child !== null);
}

/** Bundled, this file lies in `dist` beside `wasm/`; as a source, the files are those of the package. */
function grammarFiles(): { script: string; folder: string } {
  const built = join(import.meta.dirname, 'wasm');
  if (existsSync(built)) return { script: join(built, 'tree-sitter.cjs'), folder: built };
  const folder = join(import.meta.dirname, '../../../node_modules/@vscode/tree-sitter-wasm/wasm');
  return { script: join(folder, 'tree-sitter.js'), folder };
}
