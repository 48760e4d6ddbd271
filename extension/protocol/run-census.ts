import type { FailureCause } from './run-events.ts';
import { ancestors, type CallNode, type GroupNode, type RunTree, UNNAMED_PHASE } from './run-tree.ts';

/**
 * How a run came out, for a person and for a machine: nothing that was lost on the way is left out. Of the last attempt;
 * `started` counts the agents that were really sent out, not the reused ones.
 */
export interface RunCensus {
  started: number;
  succeeded: number;
  failed: number;
  /** Failed agents by the kind of their cause, the commonest first. */
  failures: { cause: FailureCause['kind']; agents: number; example: string }[];
  /** A person skipped or stopped them, or the run ended before they did. */
  skipped: number;
  reused: number;
  /** Tool calls that were not allowed, the commonest first. */
  denied: DeniedKind[];
  /** Items that became null because something threw, and where. */
  dropped: { where: string; items: number }[];
  verdicts: { upheld: number; refuted: number; unverified: number };
  /** Claims without a verdict, at most 100 of them by name. */
  unverified: string[];
}

/** Calls of a tool that would have done the same, and were not allowed for the same reason. */
export interface DeniedKind {
  /** Such as `bash: npm test`. */
  what: string;
  why: string;
  calls: number;
}

const NAMED_CLAIMS = 100;
/** Kinds of denied calls that have a line of their own. */
const DENIED_LINES = 20;

export function runCensus(tree: RunTree): RunCensus {
  const { working, succeeded, failed, skipped, stopped, reused } = tree.counts;
  const groups = [...tree.groups.values()];
  const verdicts = { upheld: 0, refuted: 0, unverified: 0 };
  for (const { change } of groups) if (change.verdict) verdicts[change.verdict.verdict] += 1;
  return {
    started: working + succeeded + failed + skipped + stopped,
    succeeded,
    failed,
    failures: failuresByCause([...tree.calls.values()]),
    skipped: skipped + stopped,
    reused,
    denied: deniedByKind([...tree.calls.values()]),
    dropped: groups.flatMap((group) => (group.change.dropped ? droppedIn(tree, group, group.change.dropped) : [])),
    verdicts,
    unverified: groups
      .filter(({ change }) => change.verdict?.verdict === 'unverified')
      .slice(0, NAMED_CLAIMS)
      .map(({ info }) => info.label),
  };
}

function failuresByCause(calls: CallNode[]): RunCensus['failures'] {
  const byCause = new Map<FailureCause['kind'], { agents: number; example: string }>();
  for (const { info, state, settled } of calls) {
    if (info.kind !== 'agent' || state !== 'failed' || !settled?.cause) continue;
    const { kind, message } = settled.cause;
    const known = byCause.get(kind) ?? { agents: 0, example: message };
    byCause.set(kind, { ...known, agents: known.agents + 1 });
  }
  return [...byCause].map(([cause, rest]) => ({ cause, ...rest })).sort((a, b) => b.agents - a.agents);
}

function deniedByKind(calls: CallNode[]): DeniedKind[] {
  const kinds = new Map<string, DeniedKind>();
  for (const { what, why } of calls.flatMap(({ denied }) => denied)) {
    const kind = JSON.stringify([what, why]);
    kinds.set(kind, { what, why: reason(why), calls: (kinds.get(kind)?.calls ?? 0) + 1 });
  }
  return [...kinds.values()].sort((a, b) => b.calls - a.calls);
}

/** The words for the model begin with that it was not allowed, and end with what it should do. */
function reason(why: string): string {
  return why
    .replace(/^Not allowed[.:,] (for )?/, '')
    .replace(/\.?( Go on without it| Do not try it in another way)?\.$/, '');
}

function droppedIn(tree: RunTree, group: GroupNode, items: number): RunCensus['dropped'] {
  const around = [...ancestors(tree, group.info.parent)].find(({ info }) => info.label !== '');
  const place = around?.info.label ?? group.info.phase ?? UNNAMED_PHASE;
  return [{ where: place === UNNAMED_PHASE ? group.info.kind : `${group.info.kind} in ${place}`, items }];
}

/** The census in plain lines, one for each thing that a person should not overlook; empty where all went well. */
export function censusLines(census: RunCensus): string[] {
  const lines = census.failures.map(
    ({ cause, agents, example }) => `${agents} failed (${cause.replaceAll('-', ' ')}), such as: ${example}`,
  );
  for (const { what, why, calls } of census.denied.slice(0, DENIED_LINES))
    lines.push(`${calls} tool call${calls === 1 ? '' : 's'} denied (${what}): ${why}`);
  const more = census.denied.slice(DENIED_LINES).reduce((sum, { calls }) => sum + calls, 0);
  if (more > 0) lines.push(`${more} other tool calls denied`);
  for (const { where, items } of census.dropped) lines.push(`${items} dropped by ${where}`);
  const { unverified } = census.verdicts;
  if (unverified > 0) {
    const names = census.unverified.slice(0, 3).join('; ');
    lines.push(
      `${unverified} verdict${unverified === 1 ? '' : 's'} unverified: ${names}${unverified > 3 ? '; …' : ''}`,
    );
  }
  return lines;
}
