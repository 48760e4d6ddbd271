import type { Grant, Target } from '../protocol/permissions.ts';
import type { Bounds } from '../tools/bounds.ts';
import { grantOf, type PermissionCall } from './decide.ts';
import { normalPath, ruleFits } from './match.ts';
import type { Rule } from './rules.ts';
import { mayFitBelow } from './wildcard.ts';

type PathTarget = Extract<Target, { kind: 'path' }>;

/**
 * What rules leave to a call that may be done. It may touch what it said it would, and what lies below that, but for what a rule denies, or
 * wants asked that nobody was asked about: with the folder, when the rule is about that, too, or before by itself. Programs may touch
 * whatever no rule keeps back, and so may a tool that does not say which paths it touches.
 * @param granted Whether a person already said yes to this.
 */
export function boundsOf(call: PermissionCall, rules: readonly Rule[], granted: (grant: Grant) => boolean): Bounds {
  const about = call.targets.filter((target) => target.kind === 'path');
  const anywhere = call.access === 'execute' || about.length === 0;
  const keeping = rules.filter(({ outcome, pattern }) => outcome !== 'allow' && pattern?.kind === 'path');
  const keepsBack = (rule: Rule, target: PathTarget): boolean => {
    if (!ruleFits(rule, call.tool, target)) return false;
    if (rule.outcome === 'deny') return true;
    return !about.some((asked) => isWithin(target, asked) && ruleFits(rule, call.tool, asked));
  };
  return {
    holds: (path, access) => {
      const target: PathTarget = { kind: 'path', path, access };
      if (!anywhere && !about.some((asked) => isWithin(target, asked))) return false;
      const rule = keeping.find((one) => keepsBack(one, target));
      return rule === undefined || (rule.outcome === 'ask' && granted(grantOf(target, call)));
    },
    opens: (folder, access) => about.some((asked) => isWithin(asked, { kind: 'path', path: folder, access })),
    globs: (access) =>
      keeping.flatMap(({ pattern }) => (pattern?.kind === 'path' && pattern.access === access ? [pattern.glob] : [])),
    hosts: programHosts(rules),
    narrows: (folder, access) =>
      keeping.some(
        ({ pattern }) =>
          pattern?.kind === 'path' && pattern.access === access && mayFitBelow(pattern.glob, normalPath(folder)),
      ),
  };
}

/** What no rule lets be fetched, a program does not reach either: a wide rule that has such a host in it opens nothing. */
function programHosts(rules: readonly Rule[]): string[] {
  const denied = rules.flatMap(({ outcome, tool, pattern }) => {
    if (outcome !== 'deny') return [];
    return pattern?.kind === 'address' ? [pattern] : tool === 'web_fetch' ? [null] : [];
  });
  return rules.flatMap(({ pattern }) => {
    if (pattern?.kind !== 'host' || denied.some((other) => other === null || mayBeSame(pattern, other))) return [];
    return [pattern.below ? `*.${pattern.host}` : pattern.host];
  });
}

interface Hosts {
  host: string;
  below: boolean;
}

function mayBeSame(a: Hosts, b: Hosts): boolean {
  return (a.below === b.below && a.host === b.host) || covers(a, b) || covers(b, a);
}

function covers(wide: Hosts, { host }: Hosts): boolean {
  return wide.below && host.endsWith(`.${wide.host}`);
}

function isWithin(target: PathTarget, asked: PathTarget): boolean {
  const [path, folder] = [normalPath(target.path), normalPath(asked.path)];
  return target.access === asked.access && (folder === '.' || path === folder || path.startsWith(`${folder}/`));
}
