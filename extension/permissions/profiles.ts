import type { Access, Profile } from '../protocol/permissions.ts';

export const OUTCOMES = ['allow', 'ask', 'deny'] as const;
/** What becomes of a tool call; each wins over those before it. */
export type Outcome = (typeof OUTCOMES)[number];

/**
 * What each profile allows where no rule says otherwise. `execute` holds for what the sandbox of the operating system confines;
 * outside of it a person is asked.
 */
export const PROFILE_DEFAULTS: Readonly<Record<Profile, Readonly<Record<Access, Outcome>>>> = {
  'read-only': { read: 'allow', write: 'deny', execute: 'deny', network: 'deny' },
  'edit-in-worktrees': { read: 'allow', write: 'allow', execute: 'allow', network: 'deny' },
  trusted: { read: 'allow', write: 'allow', execute: 'allow', network: 'ask' },
};

/** What agents of a profile do not do, as a message says it. */
export const NOT_DONE: Readonly<Record<Access, string>> = {
  read: 'read files',
  write: 'change files',
  execute: 'run programs',
  network: 'reach the network',
};
