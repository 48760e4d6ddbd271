import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const from = join(import.meta.dirname, '../node_modules/@vscode/tree-sitter-wasm/wasm');
const GRAMMARS = ['javascript', 'typescript', 'tsx', 'python', 'bash'];

/** Puts tree-sitter and the grammars of the built-in analyst and of shell lines into `dist/wasm`. */
export async function copyGrammars(dist: string): Promise<void> {
  const to = join(dist, 'wasm');
  await mkdir(to, { recursive: true });
  await Promise.all([
    cp(join(from, 'tree-sitter.wasm'), join(to, 'tree-sitter.wasm')),
    // Under its own name it would be taken for an ES module, for the package says that its files are.
    cp(join(from, 'tree-sitter.js'), join(to, 'tree-sitter.cjs')),
    ...GRAMMARS.map((name) => cp(join(from, `tree-sitter-${name}.wasm`), join(to, `tree-sitter-${name}.wasm`))),
  ]);
}
