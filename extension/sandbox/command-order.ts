import type { Command } from '../protocol/sandbox-wire.ts';

/**
 * Holds what a child says against what it said before: calls are numbered in order, groups grow, and all that names a
 * group names one that is there. A group inside itself would send whoever looks for its ancestors round for ever.
 */
export class CommandOrder {
  #calls = 0;
  #newestGroup = 0;
  #groups = new Set<number>();

  /** Whether these commands may follow all those before. */
  accepts(commands: readonly Command[]): boolean {
    return commands.every((command) => this.#accept(command));
  }

  #accept(command: Command): boolean {
    switch (command.type) {
      case 'call':
        this.#calls += 1;
        return command.call === this.#calls && this.#isThere(command.group);
      case 'group-open':
        if (command.id <= this.#newestGroup || !this.#isThere(command.group)) return false;
        this.#newestGroup = command.id;
        this.#groups.add(command.id);
        return true;
      case 'group-change':
        return this.#isThere(command.id);
      default:
        return true;
    }
  }

  #isThere(group: number | null): boolean {
    return group === null || this.#groups.has(group);
  }
}
