import type { ProgressEvent, RunEvent } from '../../extension/protocol/run-events.ts';
import { ancestors, type RunTree } from '../../extension/protocol/run-tree.ts';
import { phaseOf } from './cells.ts';

/**
 * When what is drawn of each phase last changed: what there is, and the states. What an agent says while it is at work
 * changes nothing of that, so most of what comes in a busy run costs no layout and paints no square.
 */
export class PhaseChanges {
  /** Grows with every change, of whatever phase. */
  count = 0;
  private ofAll = 0;
  private readonly byPhase = new Map<string, number>();

  /** The `count` at the last change of a phase. */
  of(title: string): number {
    return Math.max(this.ofAll, this.byPhase.get(title) ?? 0);
  }

  touchAll(): void {
    this.count += 1;
    this.ofAll = this.count;
  }

  /** Takes note of an event that has been folded into `tree`. */
  note(tree: RunTree, event: RunEvent | ProgressEvent): void {
    switch (event.type) {
      case 'call.issued':
        return this.touchCall(tree, event.call.id);
      case 'call.started':
      case 'call.settled':
      case 'permission.asked':
      case 'permission.decided':
        return this.touchCall(tree, event.id);
      case 'group.opened':
        return this.touchGroup(tree, event.group.id);
      case 'group.changed':
        return this.touchGroup(tree, event.id);
      case 'run.created':
      case 'run.started':
      case 'run.ended':
      case 'phase.began':
        return this.touchAll();
    }
  }

  /** A call is drawn in its own phase; where it votes, the claim may stand in another. */
  private touchCall(tree: RunTree, id: number): void {
    const info = tree.calls.get(id)?.info;
    if (!info) return;
    this.touch(phaseOf(info));
    const around = info.group === null ? undefined : tree.groups.get(info.group);
    if (around) this.touch(phaseOf(around.info));
  }

  private touchGroup(tree: RunTree, id: number): void {
    for (const { info } of ancestors(tree, id)) this.touch(phaseOf(info));
  }

  private touch(title: string): void {
    this.count += 1;
    this.byPhase.set(title, this.count);
  }
}
