import { UserError } from '../protocol/errors.ts';
import type { McpServer } from '../tools/mcp/config.ts';
import { ServerApprovals, type ServerList, type ServerStanding } from './server-approvals.ts';

/** What a person says to a server that is to be started: yes for as long as this process lives, yes for good, or no. */
export type ServerAnswer = 'once' | 'always' | 'no';

/** As what is kept says, or as was said for as long as this process lives. */
export type ConsentStanding = ServerStanding | 'once' | 'refused';

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
  readonly #approvals: ServerApprovals;
  /** What was said here, by digest. */
  readonly #said = new Map<string, { name: string; yes: boolean }>();

  constructor(parts: ServerConsentParts) {
    this.#parts = parts;
    this.#approvals = new ServerApprovals(parts.workspace, parts.home);
  }

  /** Never rejects for what cannot be read or kept: what is not known to be allowed is not. */
  async mayStart(server: McpServer): Promise<boolean> {
    const { ask, say } = this.#parts;
    try {
      // Whoever said no may have allowed it since, by its name.
      if (await this.#approvals.has(server)) return true;
      const said = this.#said.get(server.digest);
      if (said !== undefined) return said.yes;
      const answer = await ask(server);
      const yes = answer !== 'no';
      this.#said.set(server.digest, { name: server.name, yes });
      if (answer === 'always') await this.allow(server);
      return yes;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const allowed = this.#said.get(server.digest)?.yes ?? false;
      say(`The MCP server ${server.name} is ${allowed ? 'started this once' : 'not started'}: ${error.message}`);
      return allowed;
    }
  }

  /** What the folder defines, and how each stands here. @throws UserError where what was allowed cannot be told. */
  async list(): Promise<ServerList<ConsentStanding>> {
    const list = await this.#approvals.list();
    const servers = list.servers.map(({ server, standing }) => {
      const said = standing === 'allowed' ? undefined : this.#said.get(server.digest);
      return { server, standing: said === undefined ? standing : said.yes ? ('once' as const) : ('refused' as const) };
    });
    return { ...list, servers };
  }

  /** From now on, as it is now. @throws UserError where that cannot be kept. */
  async allow(server: McpServer): Promise<void> {
    await this.#approvals.add(server);
    // It is what is kept that counts: it may be taken back elsewhere.
    this.#said.delete(server.digest);
  }

  /** Takes back every yes to a server, also what was said here, so that a person is asked again. Gives whether there was one. @throws UserError where it cannot be done. */
  async forbid(name: string): Promise<boolean> {
    const taken = await this.#approvals.takeBack(name);
    const said = [...this.#said].filter(([, one]) => one.name === name);
    for (const [digest] of said) this.#said.delete(digest);
    return taken > 0 || said.some(([, { yes }]) => yes);
  }
}
