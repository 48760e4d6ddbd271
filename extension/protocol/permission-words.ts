import { exactLine, exactParts } from './exact-text.ts';
import { isJsonObject } from './json.ts';
import type { PermissionAnswer, PermissionQuestion, Target, WholeCall } from './permissions.ts';

/** `may it run npm test?`: a question in one line, of what it is about at most so many characters. */
export function askWords({ what, targets }: PermissionQuestion, most = 160): string {
  const [only, second] = targets;
  if (!only || second) return `may it do “${exactLine(what, most)}”?`;
  return `may it ${verbOf(only)} ${exactLine(aboutOf(only), most)}?`;
}

/** What a tool call would do with it. */
export function verbOf(target: Target): string {
  switch (target.kind) {
    case 'path':
      return target.access === 'write' ? 'change' : 'read';
    case 'command':
    case 'unclear':
      return 'run';
    case 'address':
      return 'fetch';
    case 'server':
      return 'use';
  }
}

/** A target as it is, unshortened. Of a command its words as the shell would take them, those quoted that are not plain. */
export function aboutOf(target: Target): string {
  switch (target.kind) {
    case 'path':
      return target.path;
    case 'command':
      return target.words.map(quoted).join(' ');
    case 'unclear':
      return target.text;
    case 'address':
      return target.url;
    case 'server':
      return `${target.tool} of ${target.server}`;
  }
}

/** Letters and digits of whatever script, and what means nothing to a shell. */
const PLAIN = /^[\p{L}\p{N}\p{M}_@%+=:,./…-]+$/u;

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Whether a question leaves nothing out of the call that it is about. Blanks in it may be others: where they matter, it is not all. */
export function isWhollySaid({ what, targets }: PermissionQuestion, { input, targets: all }: WholeCall): boolean {
  const values = isJsonObject(input) ? Object.values(input) : [input];
  const said = values.every((value) => what.includes(typeof value === 'string' ? value : JSON.stringify(value)));
  return said && JSON.stringify(targets) === JSON.stringify(all);
}

/** What a button of each answer says. */
export const ANSWER_LABELS: Readonly<Record<PermissionAnswer, string>> = {
  once: 'Allow Once',
  run: 'Allow for This Run',
  always: 'Always for This Version',
  deny: 'Deny',
};

/** What a line of VS Code's shows otherwise than it is, or is cut already. */
const CHANGED = /[[\]…]|\$\(|\s{2}|^\s|\s$/;

/**
 * Whether `askWords` says all there is to know of a question, in so many characters: then it can be allowed where only a
 * line is shown. What nobody can tell beforehand, or would not see, has to be looked at.
 */
export function isSaidInALine({ targets }: PermissionQuestion, most: number): boolean {
  const [only, second] = targets;
  if (!only || second || only.kind === 'unclear') return false;
  const about = aboutOf(only);
  const whole = only.kind !== 'command' || only.text === only.words.join(' ');
  return whole && about.length <= most && !CHANGED.test(about) && !exactParts(about).some(({ named }) => named);
}
