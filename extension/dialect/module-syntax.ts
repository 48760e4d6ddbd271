import type { Node, Program } from 'acorn';
import { simple } from 'acorn-walk';
import { refuse } from './refuse.ts';
import { isMetaExport } from './script-meta.ts';

/**
 * Refuses whatever would reach out of the file: imports of any kind and exports other than meta; and what the engines,
 * which compile no module, would read otherwise than it was read here. @throws ScriptRefusedError
 */
export function checkModuleSyntax(program: Program, file: string): void {
  const found: { node: Node; message: string }[] = [];
  const note = (message: string) => (node: Node) => found.push({ node, message });
  for (const statement of program.body) {
    if (isMetaExport(statement)) continue;
    if (statement.type.startsWith('Export')) found.push({ node: statement, message: exportMessage(statement) });
  }
  const noImport = 'A workflow cannot import anything: remove it, and let an agent do what the module was for.';
  simple(program, {
    ImportDeclaration: note(noImport),
    ImportExpression: note(noImport),
    MetaProperty(node) {
      if (node.meta.name === 'import')
        note('A workflow has no import.meta: remove it, and pass what it needs in args.')(node);
    },
    UpdateExpression(node) {
      // Outside of modules it begins a comment, and a script could hide from these checks what it opens or closes there.
      if (file.startsWith('<!--', node.start - 2))
        note('Write `< !--` with a space: `<!--` would begin a comment.')(node);
    },
  });
  const first = found.sort((a, b) => a.node.start - b.node.start)[0];
  if (first) refuse(first.message, first.node);
}

function exportMessage(statement: Node): string {
  if (statement.type === 'ExportDefaultDeclaration') {
    return "A workflow has no `export default`: its own top level is what runs. Take the function's body out of the function, and end it with `return`.";
  }
  return 'A workflow exports nothing but meta: remove the word `export` here.';
}
