import type { Node } from '@vscode/tree-sitter-wasm';
import { childrenOf } from './shell-grammar.ts';

/**
 * Whether a text for standard input (`<<EOF`) is just what the grammar takes it for, and expanding it runs nothing. What comes behind its
 * end are commands, so its end is looked for a second time, as bash does: the first line that is the delimiter.
 * @param node A `heredoc_redirect`. @param line The whole line that it stands in.
 */
export function isWholeHeredoc(node: Node, line: string): boolean {
  const start = childrenOf(node).find(({ type }) => type === 'heredoc_start');
  const end = childrenOf(node).find(({ type }) => type === 'heredoc_end');
  const [, plain, single, double, escaped] = /^(?:(\w+)|'(\w+)'|"(\w+)"|\\(\w+))$/.exec(start?.text ?? '') ?? [];
  const delimiter = plain ?? single ?? double ?? escaped;
  if (!start || !end || delimiter === undefined) return false;
  const firstLine = line.indexOf('\n', start.endIndex);
  // A line break within quotes would put the text's beginning elsewhere, and a second text would come behind the first.
  if (firstLine === -1 || /['"`\\$(]|<</.test(line.slice(start.endIndex, firstLine))) return false;
  const tabs = line.slice(node.startIndex, start.startIndex).includes('<<-') ? /^\t*/ : /^/;
  for (let at = firstLine + 1; at <= line.length; ) {
    const next = line.indexOf('\n', at);
    const until = next === -1 ? line.length : next;
    const text = line.slice(at, until).replace(tabs, '');
    if (text === delimiter)
      return end.endIndex === until && end.text.trim() === delimiter && runsNothing(plain, line.slice(firstLine, at));
    at = until + 1;
  }
  return false;
}

/** A delimiter without quotes lets what stands in the text be expanded, and lines be joined. */
function runsNothing(plain: string | undefined, body: string): boolean {
  return plain === undefined || !/`|\$[({[]|\\\n/.test(body);
}
