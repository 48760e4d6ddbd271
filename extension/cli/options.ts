/** The options of each command, as `parseArgs` of Node takes them. */

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const texts = { type: 'string', multiple: true } as const;

const COMMON = { workspace: text, json: flag, help: flag };
const REPORT = { report: text };
const LIMITS = { concurrency: text, 'max-agents': text, budget: text, 'max-cost': text };
const ALL_LIMITS = { ...LIMITS, 'agent-timeout': text, 'agent-turns': text, 'agent-tokens': text, timeout: text };
const ROLE_MODELS = { 'finder-model': text, 'challenger-model': text, 'judge-model': text };
const CHANGE = { script: text, model: text, ...ROLE_MODELS, ...ALL_LIMITS };
const MODEL = { provider: text, model: text };
const PERMISSIONS = { profile: text, allow: texts, ask: texts, deny: texts, 'permission-timeout': text };
const DRIVE = { ...COMMON, ...REPORT, ...PERMISSIONS, unattended: flag };

export const OPTIONS = {
  plan: {
    ...COMMON,
    ...PERMISSIONS,
    ...MODEL,
    ...ROLE_MODELS,
    ...ALL_LIMITS,
    unattended: flag,
    size: text,
    out: text,
    run: flag,
    yes: flag,
  },
  preview: { ...COMMON, ...MODEL, ...ROLE_MODELS, ...ALL_LIMITS, args: text },
  run: { ...DRIVE, ...MODEL, ...ROLE_MODELS, ...ALL_LIMITS, args: text, engine: text },
  agent: { ...DRIVE, ...MODEL, ...ALL_LIMITS, label: text, 'agent-type': text, engine: text },
  resume: { ...DRIVE, ...CHANGE },
  fork: { ...DRIVE, ...CHANGE, from: text },
  watch: { ...COMMON, ...REPORT, 'take-over': flag },
  runs: COMMON,
  models: { json: flag, help: flag, ...MODEL },
  mcp: COMMON,
  workflows: COMMON,
  save: { ...COMMON, name: text, user: flag, replace: flag },
  show: { ...COMMON, ...REPORT, agents: flag, events: flag },
  pause: COMMON,
  stop: { ...COMMON, agent: text },
  skip: { ...COMMON, value: text },
  retry: COMMON,
  add: { ...COMMON, label: text, model: text, 'agent-type': text },
  tell: COMMON,
  set: { ...COMMON, ...LIMITS },
  replace: COMMON,
  answer: { ...COMMON, choice: text, comment: text, values: text },
  permit: { ...COMMON, answer: text },
  apply: COMMON,
} as const;

export type CommandName = keyof typeof OPTIONS;

export function isCommand(given: string): given is CommandName {
  return Object.hasOwn(OPTIONS, given);
}

/** What stands behind the command, in order; what is in brackets may be left out. */
export const ARGUMENTS: Record<CommandName, readonly string[]> = {
  plan: ['GOAL'],
  preview: ['SCRIPT|NAME'],
  run: ['SCRIPT|NAME'],
  agent: ['TASK'],
  resume: ['RUN'],
  fork: ['RUN'],
  watch: ['RUN'],
  runs: [],
  models: [],
  mcp: ['[allow|forbid]', '[NAME]'],
  workflows: [],
  save: ['SCRIPT|NAME'],
  show: ['RUN'],
  pause: ['RUN'],
  stop: ['RUN'],
  skip: ['RUN', 'AGENT'],
  retry: ['RUN', 'AGENT'],
  add: ['RUN', 'TASK'],
  tell: ['RUN', 'AGENT', 'MESSAGE'],
  set: ['RUN'],
  replace: ['RUN', 'SCRIPT|NAME'],
  answer: ['RUN', '[QUESTION]'],
  permit: ['RUN', '[AGENT]'],
  apply: ['RUN', 'AGENT'],
};
