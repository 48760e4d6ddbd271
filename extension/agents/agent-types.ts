/** Kinds of agents that a script may ask for by `agentType`; all have the same read-only tools so far. */
export const AGENT_TYPES = ['general-purpose', 'Explore', 'Plan', 'claude'] as const;

/** Why an agent of this type cannot be had; null where it can. */
export function agentTypeProblem(agentType: string | undefined): string | null {
  if (agentType === undefined || (AGENT_TYPES as readonly string[]).includes(agentType)) return null;
  return `there is no agentType ${JSON.stringify(agentType)}; there are: ${AGENT_TYPES.join(', ')}`;
}
