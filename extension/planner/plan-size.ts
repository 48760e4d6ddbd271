import type { PlanSize } from './plan-request.ts';

/** Agents that a plan of a size should come to, and how far from that it may be. */
interface Wanted {
  about: number;
  least: number;
  most: number;
}

/** What a dry run counts depends on answers that it made up, so there is room around each. */
const WANTED: Record<Exclude<PlanSize, 'auto'>, Wanted> = {
  small: { about: 5, least: 1, most: 15 },
  medium: { about: 40, least: 15, most: 110 },
  large: { about: 200, least: 80, most: 600 },
};

/** What the planner is told of the size. */
export function sizeWords(size: PlanSize): string {
  if (size !== 'auto') return `about ${WANTED[size].about} agents.`;
  return `as the goal needs: one question takes about ${WANTED.small.about} agents; a module, a change or a plan about ${WANTED.medium.about}; an audit, a migration or research across a whole repository about ${WANTED.large.about}. Never fewer than an honest answer takes, never more than the workspace has work for.`;
}

/** What is wrong with the number of agents that a dry run came to; null where it is near enough. */
export function sizeProblem(size: PlanSize, agents: number): string | null {
  if (size === 'auto') return null;
  const { about, least, most } = WANTED[size];
  if (agents < least)
    return `It comes to ${agents} agents, and about ${about} are wanted: smaller units, more lenses, rounds or challengers.`;
  if (agents > most)
    return `It comes to ${agents} agents, and about ${about} are wanted: larger units, fewer lenses, caps on what is challenged.`;
  return null;
}
