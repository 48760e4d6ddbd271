import { realpath } from 'node:fs/promises';
import { UserError } from '../protocol/errors.ts';
import type { McpServer } from '../tools/mcp/config.ts';
import { Approvals } from './approvals.ts';

/** What a person says to a server that is to be started: yes for as long as this process lives, yes for good, or no. */
export type ServerAnswer = 'once' | 'always' | 'no';

/** What an approval of a server is called, for a person who looks through them, and for taking it back. @param name The server's. */
export function serverApproval(name: string): string {
  return `MCP server ${name}`;
}

export interface ServerConsentParts {
  /** The folder that defines the servers. */
  workspace: string;
  /** Asks a person, who has to see all that the definition says. */
  ask(server: McpServer): Promise<ServerAnswer>;
  /** Hears, in a line, what could not be read or kept. */
  say(line: string): void;
  /** The person's home; by default that of this process. */
  home?: string;
}

/** Whether MCP servers may be started: as a person has allowed for good, or says now. Nobody is asked twice in a process. */
export class ServerConsent {
  readonly #parts: ServerConsentParts;
  readonly #approvals: Approvals;
  /** What was said here, by digest. */
  readonly #said = new Map<string, boolean>();

  constructor(parts: ServerConsentParts) {
    this.#parts = parts;
    this.#approvals = new Approvals(parts.home);
  }

  /** Never rejects for what cannot be read or kept: what is not known to be allowed is not. */
  async mayStart(server: McpServer): Promise<boolean> {
    const { workspace, ask, say } = this.#parts;
    try {
      const version = { workspace: await realpath(workspace), digest: server.digest };
      // Whoever said no may have allowed it since, with `counterpoint mcp allow`.
      if (await this.#approvals.has(version)) return true;
      const said = this.#said.get(server.digest);
      if (said !== undefined) return said;
      const answer = await ask(server);
      this.#said.set(server.digest, answer !== 'no');
      if (answer === 'always') {
        await this.#approvals.add(version, serverApproval(server.name));
        // From now on it is what is kept that counts: it may be taken back elsewhere.
        this.#said.delete(server.digest);
      }
      return answer !== 'no';
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const allowed = this.#said.get(server.digest) ?? false;
      say(`The MCP server ${server.name} is ${allowed ? 'started this once' : 'not started'}: ${error.message}`);
      return allowed;
    }
  }
}
