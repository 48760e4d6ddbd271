import type { JsonObject } from '../protocol/json.ts';
import type { Target } from '../protocol/permissions.ts';
import { plain } from '../protocol/plain-text.ts';

const MAX_WHAT = 500;
const MAX_TARGETS = 20;
/** Characters of one target in a question. */
const MAX_TARGET = 500;

/** A target in a few words. @param tool Stands for the call, where it says nothing of what it touches. */
export function showTarget(target: Target | null, tool: string): string {
  switch (target?.kind) {
    case undefined:
      return tool;
    case 'path':
      return plain(target.path, 120);
    case 'command':
      return plain(target.words.join(' '), 120);
    case 'unclear':
      return plain(target.text, 120);
    case 'address':
      return plain(target.url, 120);
    case 'server':
      return plain(`${target.server}:${target.tool}`, 120);
  }
}

/** A call in one line, such as `bash: npm test`. */
export function showCall(tool: string, input: JsonObject): string {
  const main = ['command', 'path', 'url'].map((name) => input[name]).find((value) => typeof value === 'string');
  return plain(`${tool}: ${typeof main === 'string' ? main : JSON.stringify(input)}`, MAX_WHAT);
}

/** Targets in the order in which they are put to a person: what has to be allowed first. */
export function openFirst(targets: readonly Target[], open: readonly (Target | null)[]): Target[] {
  return [...targets].sort((a, b) => Number(open.includes(b)) - Number(open.includes(a)));
}

/** The same as a question has room for them: few and short, and it is said where some are left out. */
export function shownTargets(targets: readonly Target[], open: readonly (Target | null)[]): Target[] {
  const first = openFirst(targets, open);
  const shown = first.slice(0, first.length > MAX_TARGETS ? MAX_TARGETS - 1 : MAX_TARGETS).map(shortened);
  if (first.length > MAX_TARGETS) {
    const text = `${first.length - shown.length} more`;
    shown.push({ kind: 'unclear', text, why: 'they are too many to be shown' });
  }
  return shown;
}

function shortened(target: Target): Target {
  switch (target.kind) {
    case 'path':
      return { ...target, path: cut(target.path) };
    case 'command':
      return { ...target, words: fewWords(target.words), text: cut(target.text) };
    case 'unclear':
      return { ...target, text: cut(target.text), why: cut(target.why) };
    case 'address':
      return { ...target, url: cut(target.url) };
    case 'server':
      return target;
  }
}

function fewWords(words: readonly string[]): string[] {
  let room = MAX_TARGET;
  const few: string[] = [];
  for (const word of words) {
    room -= word.length + 1;
    if (room < 0) return [...few, '…'];
    few.push(word);
  }
  return few;
}

function cut(text: string): string {
  return text.length > MAX_TARGET ? `${text.slice(0, MAX_TARGET - 1)}…` : text;
}
