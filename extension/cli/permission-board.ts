import type { PermissionQuestion } from '../protocol/permissions.ts';
import type { RunEvent } from '../protocol/run-events.ts';

/** A question about a tool call, and the number of the call that shows it in the present attempt. */
export interface ShownPermission {
  call: number;
  question: PermissionQuestion;
}

/** The questions about tool calls that are open, by a run's events: of all else in them nothing is kept. */
export class PermissionBoard {
  #open = new Map<number, ShownPermission>();

  /** Whether that changed what is open. */
  hear(event: RunEvent): boolean {
    switch (event.type) {
      case 'permission.asked':
        this.#open.set(event.question.id, { call: event.id, question: event.question });
        return true;
      case 'permission.decided':
        return event.decision.question !== null && this.#open.delete(event.decision.question);
      case 'call.settled':
        return this.#drop(({ call }) => call === event.id);
      case 'run.started':
      case 'run.ended':
        return this.#drop(() => true);
      default:
        return false;
    }
  }

  /** In the order they were asked. */
  open(): ShownPermission[] {
    return [...this.#open.values()];
  }

  #drop(isOver: (shown: ShownPermission) => boolean): boolean {
    const before = this.#open.size;
    for (const shown of this.#open.values()) if (isOver(shown)) this.#open.delete(shown.question.id);
    return this.#open.size < before;
  }
}
