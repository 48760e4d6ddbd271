import type { GroupChange, GroupOpenCommand } from '../../protocol/sandbox-wire.ts';
import { emit } from './outbox.ts';
import { currentPhase, type Scope } from './scope.ts';

let opened = 0;

type GroupShape = Pick<GroupOpenCommand, 'kind' | 'size'> &
  Partial<Pick<GroupOpenCommand, 'label' | 'stages' | 'labels' | 'detail' | 'slot'>> & { phase?: string | undefined };

/** Opens a group in `parent` and returns its id. */
export function openGroup(shape: GroupShape, parent: Scope): number {
  opened += 1;
  emit({
    type: 'group-open',
    id: opened,
    kind: shape.kind,
    phase: shape.phase ?? currentPhase(),
    group: parent.group,
    slot: [...parent.slot],
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
