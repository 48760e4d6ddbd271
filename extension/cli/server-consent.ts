import { realpath } from 'node:fs/promises';
import { UserError } from '../protocol/errors.ts';
import { Approvals } from '../runs/approvals.ts';
import type { McpServer } from '../tools/mcp/config.ts';
import { askLine, canAsk } from './ask.ts';
import type { Asked } from './asked.ts';
import { allowCommand, serverLines } from './mcp.ts';
import { printable } from './printable.ts';
import type { CommandLine } from './usage.ts';

/** Where a person sees the run whose agents want a server. */
export interface ConsentScreen {
  say(line: string): void;
  ask(asked: Asked): void;
}

type Answer = 'once' | 'always' | 'no';
const ANSWERS: readonly Answer[] = ['once', 'always', 'no'];
const CHOICES = [
  '1 once: as long as this process runs',
  '2 always: in this folder, as it is written now',
  '3 no: not while this process runs',
];

/** Whether MCP servers may be started for the runs that this process drives: as a person has allowed for good, or says now. */
export class ServerConsent {
  readonly #line: Pick<CommandLine, 'workspace' | 'unattended'>;
  readonly #approvals: Approvals;
  /** What was said here, by digest: nobody is asked twice. */
  readonly #said = new Map<string, boolean>();
  #screen: ConsentScreen | null = null;

  /** @param home The person's home; by default that of this process. */
  constructor(line: Pick<CommandLine, 'workspace' | 'unattended'>, home?: string) {
    this.#line = line;
    this.#approvals = new Approvals(home);
  }

  /** From now on it is said and asked there. */
  showOn(screen: ConsentScreen): void {
    this.#screen = screen;
  }

  async mayStart(server: McpServer): Promise<boolean> {
    const known = this.#said.get(server.digest);
    if (known !== undefined) return known;
    const allowed = await this.#decide(server);
    this.#said.set(server.digest, allowed);
    return allowed;
  }

  async #decide(server: McpServer): Promise<boolean> {
    try {
      const version = { workspace: await realpath(this.#line.workspace), digest: server.digest };
      if (await this.#approvals.has(version)) return true;
      const answer = await this.#ask(server);
      if (answer === 'always') await this.#approvals.add(version, `MCP server ${server.name}`);
      return answer !== 'no';
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#say(`the MCP server ${server.name} is not started: ${printable(error.message)}`);
      return false;
    }
  }

  #ask(server: McpServer): Promise<Answer> {
    const screen = this.#screen;
    if (!screen || !canAsk() || this.#line.unattended) {
      const how = `\`${allowCommand(server, this.#line.workspace)}\` allows it for good`;
      this.#say(
        `the MCP server ${server.name} (${server.file}:${server.line}) is not started: nobody has allowed it; ${how}`,
      );
      return Promise.resolve('no');
    }
    return new Promise((resolve) => {
      screen.ask({
        id: `server ${server.digest}`,
        lines: () => ['an agent needs this MCP server, which nobody has allowed yet:', ...serverLines(server)],
        ask: async (signal) => {
          resolve(await askAnswer(signal));
          return null;
        },
        elsewhere: `the MCP server ${server.name} is not needed any more`,
      });
    });
  }

  #say(line: string): void {
    if (this.#screen) this.#screen.say(line);
    else process.stderr.write(`${line}\n`);
  }
}

/** A question that is left, or withdrawn, is a no. */
async function askAnswer(signal: AbortSignal): Promise<Answer> {
  process.stderr.write(`${CHOICES.join('\n')}\n`);
  for (;;) {
    const given = (await askLine('Start it? (1 to 3; nothing: no): ', signal))?.trim().toLowerCase() ?? '';
    if (given === '') return 'no';
    const answer = ANSWERS[Number(given) - 1] ?? ANSWERS.find((one) => one === given);
    if (answer) return answer;
    process.stderr.write('That is none of the answers.\n');
  }
}
