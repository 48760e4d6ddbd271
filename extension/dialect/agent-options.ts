/** The options that `agent()` knows; the runtime and the check of a script's text warn about others. */
export const AGENT_OPTIONS: readonly string[] = [
  'label',
  'phase',
  'schema',
  'model',
  'effort',
  'isolation',
  'agentType',
];
export const EFFORTS: readonly unknown[] = ['low', 'medium', 'high', 'xhigh', 'max'];
export const ISOLATIONS: readonly unknown[] = ['worktree'];
