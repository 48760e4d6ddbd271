import type { Json } from './json.ts';

/** What a tool can do at most: nothing but read the workspace, change files, run programs, or reach the network. */
export const ACCESSES = ['read', 'write', 'execute', 'network'] as const;
export type Access = (typeof ACCESSES)[number];

/**
 * What agents may do where no rule says otherwise. `read-only`: look at the workspace, nothing else. `edit-in-worktrees`: beside that,
 * change files and run programs in a worktree of their own, inside the sandbox of the operating system. `trusted`: both in the
 * workspace itself; what leaves the sandbox, or reaches the network, is asked.
 */
export const PROFILES = ['read-only', 'edit-in-worktrees', 'trusted'] as const;
export type Profile = (typeof PROFILES)[number];

/** One thing that a tool call touches: what rules go by, and what a person reads before they allow it. */
export type Target =
  /**
   * Relative to the workspace with forward slashes, every link in it resolved. `word`: a word of a command that stands beside it, so that
   * only rules for paths go by it.
   */
  | { kind: 'path'; path: string; access: 'read' | 'write'; word?: true }
  /** One simple command of a shell line, as the shell would run it: its words without quotes. */
  | { kind: 'command'; words: string[]; text: string }
  /** A part of a shell line of which nobody can say beforehand what it runs. */
  | { kind: 'unclear'; text: string; why: string }
  | { kind: 'address'; url: string }
  | { kind: 'server'; server: string; tool: string };

/**
 * Rules as a person writes them: `grep` (a tool, whatever it touches), `edit_file(src/**)`, `bash(npm test)`, `bash(git log *)`,
 * `web_fetch(docs.rs)`, `mcp(github:list_issues)`, `bash_network(docs.rs)`. Of those that fit, `deny` wins over `ask`, and `ask` over
 * `allow`; a call is allowed only where each of its targets is. Paths are relative to the workspace, and a rule for them holds for every
 * tool that reads, or writes, as the named one does, and for programs in their sandbox. A command fits word by word, `*` at its end stands
 * for any further words; `*.` before a host for the hosts below it, `*` after a server for all of its tools, `mcp` alone for those of all
 * servers. `bash_network` says which hosts programs reach, and can only be allowed.
 */
export interface PermissionRules {
  allow: string[];
  ask: string[];
  deny: string[];
}

/** What a person is asked about a tool call; small enough for an event. */
export interface PermissionQuestion {
  /** Counted from 1 within the run. */
  id: number;
  tool: string;
  /** The call in one line, at most 500 characters: `bash: npm test`. */
  what: string;
  /** At most 20 of them. */
  targets: Target[];
  /** Why it is not simply done: the rule, or what is unclear. */
  why: string;
  /** When it was first asked, milliseconds since the epoch; absent in runs of earlier versions. */
  askedAt?: number;
  /** When silence becomes a no, milliseconds since the epoch; null: never. */
  timeoutAt: number | null;
}

/** The same call with nothing left out: too large for an event, it lies beside it until somebody wants to read it. */
export interface WholeCall {
  input: Json;
  /** All of them, as they are. */
  targets: Target[];
}

/** `once`: this call; `run`: calls like it for the rest of the run; `always`: for this version of the script in this folder, until it expires. */
export const PERMISSION_ANSWERS = ['once', 'run', 'always', 'deny'] as const;
export type PermissionAnswer = (typeof PERMISSION_ANSWERS)[number];

/** How a tool call was decided that was not simply allowed. */
export interface PermissionDecision {
  /** Id of the question; null where nobody was asked. */
  question: number | null;
  tool: string;
  /** As in `PermissionQuestion`. */
  what: string;
  allowed: boolean;
  by: 'rule' | 'person' | 'timeout' | 'unattended';
  /** In words, for the census and for the model. */
  why: string;
  /** What a person allowed by it for the rest of the run, beyond this call. */
  grants?: Grant[];
}

/** What is not asked again: exactly these words, this path, this host, this tool of a server; where nobody can tell, this very call. */
export interface Grant {
  tool: string;
  /** Such as `command ["npm","test"]`, `write src/a.ts`, `host docs.rs`, `server github:list_issues`, `call <SHA-256>`. */
  covers: string;
}
