import type { CallInfo, GroupInfo } from '../protocol/run-events.ts';
import { type CallNode, type NodeRef, type RunTree, totalOf, UNNAMED_PHASE } from '../protocol/run-tree.ts';
import { shortened } from './printable.ts';

/** The tree for another program to read: flat, for groups can nest as deep as the script likes. */
export interface PreviewTree {
  phases: { title: string; agents: number }[];
  groups: Pick<GroupInfo, 'id' | 'parent' | 'kind' | 'phase' | 'label' | 'size' | 'stages'>[];
  calls: (Pick<CallInfo, 'id' | 'group' | 'kind' | 'role' | 'phase' | 'label' | 'model'> & { line: number | null })[];
}

export function previewTree(tree: RunTree): PreviewTree {
  return {
    phases: shownPhases(tree).map(({ title, counts }) => ({ title, agents: totalOf(counts) })),
    groups: [...tree.groups.values()].map(({ info: { id, parent, kind, phase, label, size, stages } }) => ({
      ...{ id, parent, kind, phase, label, size, stages },
    })),
    calls: [...tree.calls.values()].map(({ info: { id, group, kind, role, phase, label, model, at } }) => ({
      ...{ id, group, kind, role, phase, label, model },
      line: at && at.script === undefined ? at.line : null,
    })),
  };
}

const DEEPEST = 6;
const MOST_GROUPS = 4;
const MOST_LABELS = 4;

/** The tree in lines: phases, the groups in them, and how many agents of what kind. Much of a kind is summed up. */
export function previewTreeLines(tree: RunTree): string[] {
  const roots = new Set(tree.phases.flatMap((phase) => phase.roots.map(keyOf)));
  return shownPhases(tree).flatMap((phase) => [
    `  ${shortened(phase.title, 60) || '(no phase)'}: ${agentsText(totalOf(phase.counts))}`,
    ...linesOf(tree, phase.roots, roots, 2),
  ]);
}

/** What no phase was named for is shown only where there is something in it. */
function shownPhases({ phases }: RunTree): RunTree['phases'] {
  return phases.filter(({ title, roots }) => title !== UNNAMED_PHASE || roots.length > 0);
}

function linesOf(tree: RunTree, refs: NodeRef[], roots: Set<string>, depth: number): string[] {
  const calls = refs.flatMap(({ type, id }) => (type === 'call' ? (tree.calls.get(id) ?? []) : []));
  const groups = refs.flatMap(({ type, id }) => (type === 'group' ? (tree.groups.get(id) ?? []) : []));
  const indent = '  '.repeat(depth);
  const lines = [...byKind(calls)].map(([kind, same]) => `${indent}${callsText(kind, same)}`);
  for (const { info, counts, children } of groups.slice(0, MOST_GROUPS)) {
    lines.push(`${indent}${groupText(info)}: ${agentsText(totalOf(counts))}`);
    // What another phase shows by itself is not shown twice.
    const inside = children.filter((ref) => !roots.has(keyOf(ref)));
    if (depth < DEEPEST) lines.push(...linesOf(tree, inside, roots, depth + 1));
  }
  const rest = groups.slice(MOST_GROUPS);
  const agents = rest.reduce((sum, { counts }) => sum + totalOf(counts), 0);
  if (rest.length > 0)
    lines.push(`${indent}… and ${plural(rest.length, 'more group', 'more groups')}: ${agentsText(agents)}`);
  return lines;
}

function byKind(calls: CallNode[]): Map<string, CallNode[]> {
  return Map.groupBy(calls, ({ info }) => (info.kind === 'agent' ? info.role : info.kind));
}

function callsText(kind: string, calls: CallNode[]): string {
  const labels = calls.slice(0, MOST_LABELS).map(({ info }) => shortened(info.label, 40));
  if (calls.length > MOST_LABELS) labels.push('…');
  const what = kind === 'checkpoint' ? 'question' : kind === 'tool' ? 'tool call' : kind;
  return `${plural(calls.length, what, `${what}s`)}: ${labels.join(' · ')}`;
}

function groupText({ kind, label, size, stages }: GroupInfo): string {
  const many = size > 0 && (kind === 'parallel' || kind === 'pipeline') ? ` of ${size}` : '';
  const through = stages > 1 ? ` through ${stages} stages` : '';
  const name = shortened(label, 60);
  // A round is labelled as what it is.
  return name.startsWith(kind) ? name : [`${kind}${many}${through}`, name].filter(Boolean).join(' ');
}

function agentsText(count: number): string {
  return count === 0 ? 'no agents' : plural(count, 'agent', 'agents');
}

function plural(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

function keyOf({ type, id }: NodeRef): string {
  return `${type} ${id}`;
}
