import type { WorkflowEntry, WorkflowSource } from '../runs/run-service.ts';

/** The scripts of one folder, or of none where `folder` is null. */
export interface Catalogue {
  /** Name of the folder, where several are open. */
  name: string | null;
  /** What tells the folder from others. */
  folder: string;
  entries: WorkflowEntry[];
}

/** One script of the list. */
export interface ScriptNode {
  type: 'script';
  /** What tells a command that it comes from this view. */
  view: 'counterpoint.workflows';
  path: string;
  entry: WorkflowEntry;
  /** The folder that it runs on; absent where it belongs to none of those that are open. */
  folder?: string;
  /** Name of that folder, where several are open. */
  folderName: string | null;
}

export interface ScriptGroup {
  type: 'group';
  id: string;
  label: string;
  /** Where its scripts lie. */
  hint: string;
  scripts: ScriptNode[];
}

const GROUPS: { id: string; label: string; hint: string; sources: WorkflowSource[] }[] = [
  { id: 'project', label: 'Project', hint: '.counterpoint/workflows', sources: ['project'] },
  { id: 'user', label: 'User', hint: '~/.counterpoint/workflows', sources: ['user'] },
  { id: 'claude', label: 'Claude', hint: '.claude/workflows', sources: ['project-claude', 'user-claude'] },
  { id: 'bundled', label: 'Bundled', hint: 'come with Counterpoint', sources: ['bundled'] },
];

/** By where they lie, each script once. The project's group is there even while it is empty, for one to know where to put the first. */
export function groupScripts(catalogues: readonly Catalogue[]): ScriptGroup[] {
  const nodes = new Map<string, ScriptNode>();
  for (const catalogue of catalogues)
    for (const entry of catalogue.entries) if (!nodes.has(entry.path)) nodes.set(entry.path, nodeOf(entry, catalogue));
  const all = [...nodes.values()];
  const groups = GROUPS.map(({ sources, ...group }): ScriptGroup => {
    const scripts = all.filter(({ entry }) => sources.includes(entry.source));
    return { type: 'group', ...group, scripts: scripts.sort((a, b) => a.entry.name.localeCompare(b.entry.name)) };
  });
  return groups.filter(({ id, scripts }) => scripts.length > 0 || (id === 'project' && catalogues.length > 0));
}

function nodeOf(entry: WorkflowEntry, { name, folder }: Catalogue): ScriptNode {
  const own = entry.source.startsWith('project');
  return {
    type: 'script',
    view: 'counterpoint.workflows',
    path: entry.path,
    entry,
    ...(own && { folder }),
    folderName: own ? name : null,
  };
}
