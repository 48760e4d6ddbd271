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
  const named = { read: namesIn(about, 'read'), write: namesIn(about, 'write') };
  const keeping = rules.filter(({ outcome, pattern }) => outcome !== 'allow' && pattern?.kind === 'path');
  const isOpen = (rule: Rule, target: PathTarget): boolean => {
    if (rule.outcome === 'deny') return false;
    const asked = around(target.path).filter((path) => named[target.access].has(path));
    return asked.some((path) => ruleFits(rule, call.tool, { ...target, path })) || granted(grantOf(target, call));
  };
  return {
    holds: (written, access) => {
      const target: PathTarget = { kind: 'path', path: normalPath(written), access };
      if (!anywhere && !around(target.path).some((path) => named[access].has(path))) return false;
      return keeping.every((rule) => !ruleFits(rule, call.tool, target) || isOpen(rule, target));
    },
    narrows: (folder, access) =>
      keeping.some(
        ({ pattern }) =>
          pattern?.kind === 'path' && pattern.access === access && mayFitBelow(pattern.glob, normalPath(folder)),
      ),
    opens: (folder, access) => [...named[access]].some((path) => around(path).includes(normalPath(folder))),
    globs: (access) =>
      keeping.flatMap(({ pattern }) => (pattern?.kind === 'path' && pattern.access === access ? [pattern.glob] : [])),
    hosts: programHosts(rules),
  };
}

function namesIn(targets: readonly PathTarget[], access: PathTarget['access']): Set<string> {
  return new Set(targets.flatMap((target) => (target.access === access ? [normalPath(target.path)] : [])));
}

/** A path and the folders around it, up to the workspace. */
function around(path: string): string[] {
  const names = path.split('/');
  return [...names.map((_, at) => names.slice(0, names.length - at).join('/')), '.'];
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
