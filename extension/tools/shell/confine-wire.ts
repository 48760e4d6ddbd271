/** What the process that knows the sandbox is asked: how to start a command under these limits. Every path is absolute, and just that path. */
export interface ConfineRequest {
  id: number;
  /** A line for bash. */
  command: string;
  denyRead: string[];
  allowRead: string[];
  allowWrite: string[];
  denyWrite: string[];
  allowedDomains: string[];
  /** The program that shuts off sockets of this machine; null where the sandbox does that by itself. */
  seccomp: string | null;
}

export type ConfineAnswer = { id: number; argv: string[] } | { id: number; problem: string };
