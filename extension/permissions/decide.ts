import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../protocol/json.ts';
import type { Access, Grant, Profile, Target } from '../protocol/permissions.ts';
import { isProtected } from '../tools/protected-path.ts';
import { mayHoldSecret } from '../tools/workspace-path.ts';
import { isOutside, normalPath, ruleFits } from './match.ts';
import { NOT_DONE, OUTCOMES, type Outcome, PROFILE_DEFAULTS } from './profiles.ts';
import { hostOf, type Rule } from './rules.ts';
import { showTarget } from './show.ts';

/** A tool call that wants to be allowed. */
export interface PermissionCall {
  tool: string;
  /** What the tool can do at most. */
  access: Access;
  input: JsonObject;
  /** Empty: nothing that rules could tell apart. */
  targets: readonly Target[];
  /** The sandbox of the operating system holds whatever programs it runs. */
  confined: boolean;
}

export interface Verdict {
  outcome: Outcome;
  /** In words, beginning with what it is about; empty where it is allowed. */
  why: string;
  /** The rule that decided, as it was written; null where none did. */
  rule: string | null;
  /** Of the targets those that a person has to be asked about; null stands for the call itself. */
  open: (Target | null)[];
}

type Part = Omit<Verdict, 'open'> & { target: Target | null };

/** A call that does more than that is asked about, and granted, as a whole: nobody reads so many, and each would be kept. */
const MAX_OPEN = 20;
const ALLOWED: Verdict = { outcome: 'allow', why: '', rule: null, open: [] };

/**
 * Decides about a tool call. Of the rules that fit a target `deny` wins over `ask`, and `ask` over `allow`; a person's earlier yes answers
 * what would be asked, never what is denied; where nothing fits, the profile decides. The call gets the worst of what its targets get.
 * Files that may hold secrets and those of git itself are denied, and so is writing to what says which programs run, whatever the rules say.
 * @param granted Whether a person already said yes to this.
 */
export function decide(
  call: PermissionCall,
  rules: readonly Rule[],
  profile: Profile,
  granted: (grant: Grant) => boolean,
): Verdict {
  const targets: (Target | null)[] = call.targets.length === 0 ? [null] : [...call.targets];
  const parts = targets.map((target) => decidePart(target, call, rules, profile, granted));
  const worst = OUTCOMES.findLast((outcome) => parts.some((part) => part.outcome === outcome)) ?? 'allow';
  const { why, rule } = parts.find(({ outcome }) => outcome === worst)!;
  const open = parts.filter((part) => part.outcome === 'ask').map((part) => part.target);
  if (worst !== 'ask' || open.length <= MAX_OPEN) return { outcome: worst, why, rule, open };
  return granted(grantOf(null, call)) ? ALLOWED : { outcome: 'ask', why, rule, open: [null] };
}

function decidePart(
  target: Target | null,
  call: PermissionCall,
  rules: readonly Rule[],
  profile: Profile,
  granted: (grant: Grant) => boolean,
): Part {
  const part = (outcome: Outcome, why: string, rule: Rule | null = null): Part => ({
    target,
    outcome,
    why: outcome === 'allow' ? '' : `${showTarget(target, call.tool)}: ${why}`,
    rule: rule?.text ?? null,
  });
  const fitting = (outcome: Outcome) =>
    rules.find((rule) => rule.outcome === outcome && ruleFits(rule, call.tool, target));
  const isWord = target?.kind === 'path' && target.word === true;
  if (target?.kind === 'path' && !isWord) {
    const path = normalPath(target.path).replaceAll('\\', '/');
    if (mayHoldSecret(path)) return part('deny', 'it may hold secrets, or is git’s own');
    if (target.access === 'write' && isProtected(path)) return part('deny', 'it says what programs run');
  }
  const deny = fitting('deny');
  if (deny) return part('deny', `the rule ${deny.text} denies it`, deny);
  if (granted(grantOf(target, call))) return part('allow', '');
  const ask = fitting('ask');
  if (ask) return part('ask', `the rule ${ask.text} wants it asked`, ask);
  // Whether a command may be run with these words is decided where it stands by itself.
  if (isWord) return part('allow', '');
  const hidden = hiddenRule(target, call, rules);
  if (hidden) {
    const unheld = hidden.pattern?.kind === 'path' ? ', and no sandbox of the operating system holds it' : '';
    return part('ask', `it may be what the rule ${hidden.text} is about${unheld}`, hidden);
  }
  const allow = fitting('allow');
  if (allow) return part('allow', '', allow);
  const { outcome, why } = byProfile(target, call, profile);
  return part(outcome, why);
}

/**
 * A rule against some of what a tool does that nobody can hold against a call which does not say what it does; of rules for paths only where
 * no sandbox holds them against programs.
 */
function hiddenRule(target: Target | null, call: PermissionCall, rules: readonly Rule[]): Rule | undefined {
  if (target !== null && target.kind !== 'unclear') return undefined;
  const unheld = call.access === 'execute' && !call.confined;
  return rules.find(
    ({ outcome, tool, pattern }) =>
      outcome !== 'allow' && pattern !== null && (tool === call.tool || (unheld && pattern.kind === 'path')),
  );
}

function byProfile(
  target: Target | null,
  { access, confined }: PermissionCall,
  profile: Profile,
): { outcome: Outcome; why: string } {
  const wanted = accessOf(target, access);
  const outcome = PROFILE_DEFAULTS[profile][wanted];
  if (outcome === 'deny') {
    const server = target?.kind === 'server' ? 'a tool of a server counts as the network, and ' : '';
    return { outcome, why: `${server}agents of the profile ${profile} do not ${NOT_DONE[wanted]}` };
  }
  if (target?.kind === 'unclear' && !confined) return { outcome: 'ask', why: target.why };
  if (wanted === 'execute' && !confined) return { outcome: 'ask', why: 'no sandbox of the operating system holds it' };
  if (target?.kind === 'path' && isOutside(normalPath(target.path)))
    return { outcome: 'ask', why: 'it lies outside the workspace' };
  return { outcome, why: outcome === 'ask' ? `it would ${NOT_DONE[wanted]}` : '' };
}

function accessOf(target: Target | null, access: Access): Access {
  switch (target?.kind) {
    case undefined:
      return access;
    case 'path':
      return target.access;
    case 'command':
    case 'unclear':
      return 'execute';
    case 'address':
    case 'server':
      return 'network';
  }
}

/** Longer ones are known by their hash. */
const MAX_COVERS = 300;

/** What a person's yes to a target is kept as. @param target Null: the call itself. */
export function grantOf(target: Target | null, { tool, input }: Pick<PermissionCall, 'tool' | 'input'>): Grant {
  const covers = coversOf(target) ?? `call ${sha256(canonicalJson({ tool, input }))}`;
  return { tool, covers: covers.length > MAX_COVERS ? `sha256 ${sha256(covers)}` : covers };
}

function coversOf(target: Target | null): string | null {
  switch (target?.kind) {
    case 'path':
      return `${target.access} ${normalPath(target.path)}`;
    case 'command':
      return `command ${JSON.stringify(target.words)}`;
    case 'server':
      return `server ${target.server}:${target.tool}`;
    case 'address': {
      const host = hostOf(target.url);
      return host === null ? null : `host ${host}`;
    }
    // A part of a line that nobody can tell may do anything else in another line.
    default:
      return null;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
