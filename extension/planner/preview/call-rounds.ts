import type { CallCommand, GroupOpenCommand } from '../../protocol/sandbox-wire.ts';
import { siteOf } from './asked-sites.ts';

/** A place of the script that asked again and again. */
export interface Repeated {
  line: number | null;
  /** Once and again. */
  times: number;
}

/**
 * Tells for each call how often the loop around it has been through before. In `converge()` the groups say so; of a loop
 * that the script wrote itself it is only known that the same line asks again, from the same place or from a new group.
 */
export class CallRounds {
  #ownLoops: boolean;
  #groups = new Map<number, GroupOpenCommand>();
  #sites = new Map<string, { outermost: number | null; changes: number; places: Map<string, number> }>();
  #most: Repeated = { line: null, times: 0 };

  /** @param ownLoops whether the script has loops that end by what the agents answer. */
  constructor(ownLoops: boolean) {
    this.#ownLoops = ownLoops;
  }

  /** The place that was asked from most often, over and over. */
  get mostRepeated(): Repeated {
    return this.#most;
  }

  open(group: GroupOpenCommand): void {
    this.#groups.set(group.id, group);
  }

  group(id: number | null): GroupOpenCommand | undefined {
    return id === null ? undefined : this.#groups.get(id);
  }

  /** Rounds before this call, 0 for the first. */
  roundOf(command: CallCommand): number {
    const around = this.#around(command.group);
    const repeated = this.#repetition(command, around);
    const round = around.find(({ kind }) => kind === 'round');
    if (round) return round.slot[0] ?? 0;
    return this.#ownLoops ? repeated : 0;
  }

  /** What stays the same of a call when it is asked again: where it is written, and its place in the groups around it. */
  placeOf(command: CallCommand): string {
    const slots = this.#around(command.group).map(({ kind, slot }) => (kind === 'round' ? '' : slot.join(',')));
    return `${siteOf(command)} ${command.slot.join(',')} ${slots.join('/')}`;
  }

  #repetition(command: CallCommand, around: GroupOpenCommand[]): number {
    const outermost = around.at(-1)?.id ?? null;
    const place = this.placeOf(command);
    const site = this.#sites.get(siteOf(command)) ?? { outermost, changes: 0, places: new Map<string, number>() };
    this.#sites.set(siteOf(command), site);
    if (site.outermost !== outermost) site.changes += 1;
    site.outermost = outermost;
    const before = site.places.get(place) ?? 0;
    site.places.set(place, before + 1);
    const repeated = Math.max(before, site.changes);
    const { at } = command;
    if (repeated >= this.#most.times)
      this.#most = { line: at && at.script === undefined ? at.line : null, times: repeated + 1 };
    return repeated;
  }

  /** The groups around a call, innermost first. */
  #around(id: number | null): GroupOpenCommand[] {
    const around: GroupOpenCommand[] = [];
    for (let group = this.group(id); group; group = this.group(group.group)) around.push(group);
    return around;
  }
}
