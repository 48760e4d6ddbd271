import type { GroupChange, GroupOpenCommand } from '../../protocol/sandbox-wire.ts';
import { emit } from './outbox.ts';
import { currentPhase, noteGroup, type Scope } from './scope.ts';

let opened = 0;

type GroupShape = Pick<GroupOpenCommand, 'kind' | 'size'> &
  Partial<Pick<GroupOpenCommand, 'label' | 'stages' | 'labels' | 'detail' | 'slot'>> & { phase?: string | undefined };

/** Opens a group in `parent` and returns its id. */
export function openGroup(shape: GroupShape, parent: Scope): number {
  opened += 1;
  noteGroup(opened, parent, shape.kind === 'workflow');
  emit({
    type: 'group-open',
    id: opened,
    kind: shape.kind,
    phase: shape.phase ?? currentPhase(parent),
    group: parent.group,
    slot: parent.slot as number[],
    label: shape.label ?? '',
    size: shape.size,
    stages: shape.stages ?? 0,
    labels: shape.labels ?? [],
    detail: shape.detail ?? '',
  });
  return opened;
}

export function changeGroup(id: number, change: GroupChange): void {
  emit({ type: 'group-change', id, change });
}

/** One line of at most `length` characters. */
export function shorten(text: string, length: number): string {
  const line = text
    .slice(0, length * 4)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** A title that a script gives; undefined where it gives none. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A short name of anything, for the tree: what it says of itself, else its JSON; never throws. */
export function shortName(item: unknown): string {
  return shorten(nameIn(item), 48);
}

function nameIn(item: unknown): string {
  try {
    if (typeof item === 'string') return item;
    if (typeof item !== 'object' || item === null) return String(item);
    for (const key of ['label', 'name', 'title', 'path', 'file', 'key', 'id']) {
      const value = (item as Record<string, unknown>)[key];
      if (typeof value === 'string' && value !== '') return value;
    }
    return JSON.stringify(item) ?? '';
  } catch {
    return '';
  }
}
