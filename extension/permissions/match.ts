import { posix } from 'node:path';
import type { Target } from '../protocol/permissions.ts';
import { toolName } from '../tools/mcp/tool-name.ts';
import { mayHoldSecret } from '../tools/workspace-path.ts';
import { hostOf, type Pattern, type Rule } from './rules.ts';
import { folded, globFits } from './wildcard.ts';

/**
 * Whether a rule fits a target of a tool's call. A rule that allows fits no more than it says; one that denies or asks also fits what
 * may be the same on some machine: other capitals, a program by its path.
 * @param target Null: the call says nothing of what it touches.
 */
export function ruleFits({ outcome, tool, pattern }: Rule, called: string, target: Target | null): boolean {
  if (pattern === null) return tool === called || (target?.kind === 'server' && namesServer(tool, target));
  if (target === null) return false;
  return outcome === 'allow' ? fitsExactly(pattern, target) : fitsLoosely(pattern, target);
}

/** `mcp` alone means all servers. A rule for a tool by the name that it has where it is offered by itself holds wherever it is called, too. */
function namesServer(named: string, { server, tool }: Extract<Target, { kind: 'server' }>): boolean {
  return named === 'mcp' || named === toolName(server, tool) || `${named}__` === toolName(server, '');
}

function fitsExactly(pattern: Pattern, target: Target): boolean {
  if (pattern.kind === 'path' && target.kind === 'path') {
    const path = normalPath(target.path);
    return pattern.access === target.access && !isOutside(path) && globFits(pattern.glob, path);
  }
  if (pattern.kind === 'command' && target.kind === 'command') {
    // Whoever lets any words follow did not think of files that hold keys.
    return wordsFit(pattern, target.words) && !target.words.slice(pattern.words.length).some(namesSecret);
  }
  return fitsAnyway(pattern, target);
}

function fitsLoosely(pattern: Pattern, target: Target): boolean {
  // Whoever denies a folder means what lies in it, too.
  if (pattern.kind === 'path' && target.kind === 'path')
    return pattern.access === target.access && globFits(folded(`${pattern.glob}/**`), folded(normalPath(target.path)));
  if (pattern.kind === 'command' && target.kind === 'command')
    return wordsFit({ ...pattern, words: foldedName(pattern.words) }, foldedName(target.words));
  return fitsAnyway(pattern, target);
}

/** Where there is only one way to fit. */
function fitsAnyway(pattern: Pattern, target: Target): boolean {
  if (pattern.kind === 'address' && target.kind === 'address') {
    const host = hostOf(target.url);
    return host !== null && (pattern.below ? host.endsWith(`.${pattern.host}`) : host === pattern.host);
  }
  if (pattern.kind !== 'server' || target.kind !== 'server') return false;
  return pattern.server === target.server && (pattern.tool === null || pattern.tool === target.tool);
}

function wordsFit({ words, open }: { words: string[]; open: boolean }, actual: readonly string[]): boolean {
  if (open ? actual.length < words.length : actual.length !== words.length) return false;
  return words.every((word, at) => word === actual[at]);
}

function namesSecret(word: string): boolean {
  return word.split(/[=:@,]/).some((part) => mayHoldSecret(part.replaceAll('\\', '/')));
}

function foldedName([name = '', ...words]: readonly string[]): string[] {
  return [folded(name.slice(name.lastIndexOf('/') + 1)).replace(/\.exe$/, ''), ...words];
}

/** A path by its text alone, without `./`, `a/..` and a slash at its end. */
export function normalPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, '');
}

/** @param path As `normalPath` gives it. */
export function isOutside(path: string): boolean {
  return path === '..' || path.startsWith('../') || path.startsWith('/') || /^[A-Za-z]:/.test(path);
}
