import { posix } from 'node:path';
import type { Node } from '@vscode/tree-sitter-wasm';
import { readWord } from './shell-words.ts';

/** What a redirection opens. */
export interface Redirection {
  paths: { path: string; access: 'read' | 'write' }[];
  /** Why that cannot be told; null where it can. */
  unclear: string | null;
}

const NOTHING: Redirection = { paths: [], unclear: null };
/** Streams that the program has anyway. */
const OWN_STREAMS = /^\/dev\/(null|stdin|stdout|stderr|fd\/[0-2])$/;

/** Reads a redirection from or to a file. Paths are normalized by their text alone. @param node A `file_redirect`. */
export function readRedirection(node: Node): Redirection {
  const [, operator, destination] = /^(?:\d*)(&>>|&>|>>|>\||>&|<&|<>|>|<)(.*)$/s.exec(node.text) ?? [];
  if (operator === undefined || destination === undefined) return unclear('it is not understood');
  const { text, unknown } = readWord(destination.replace(/^(?:[ \t]|\\\n)+/, ''));
  if (unknown !== null) return unclear(`which file it opens: ${unknown}`);
  if (operator.endsWith('&') && /^(\d+-?|-)$/.test(text)) return NOTHING;
  if (OWN_STREAMS.test(text)) return NOTHING;
  // Behind these, bash expands a name a second time, without the quotes it had: what was a text is run then.
  if (operator === '>&' || operator === '<&') return unclear('it may be run');
  if (text === '' || text.includes('$?')) return unclear('it is not understood');
  // bash opens a connection for /dev/tcp, and what else lies there or in /proc is no plain file either.
  if (/^\/(dev|proc|sys)\//.test(posix.normalize(text))) return unclear('what it opens is no plain file');
  const path = posix.normalize(text);
  const paths: Redirection['paths'] = [];
  if (operator.includes('<')) paths.push({ path, access: 'read' });
  if (operator.includes('>')) paths.push({ path, access: 'write' });
  return { paths, unclear: null };
}

function unclear(why: string): Redirection {
  return { paths: [], unclear: why };
}
