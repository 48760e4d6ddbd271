import { type ServerAnswer, ServerConsent } from '../runs/server-consent.ts';
import type { McpServer } from '../tools/mcp/config.ts';
import { askLine, canAsk } from './ask.ts';
import type { Asked } from './asked.ts';
import { serverCommand, serverLines } from './mcp.ts';
import { printable } from './printable.ts';
import type { CommandLine } from './usage.ts';

/** Where a person sees the run whose agents want a server. */
export interface ServerScreen {
  say(line: string): void;
  ask(asked: Asked): void;
}

const ANSWERS: readonly ServerAnswer[] = ['once', 'always', 'no'];
const CHOICES = [
  '1 once: as long as this process runs',
  '2 always: in this folder, as it is written now',
  '3 no: not while this process runs',
];

/** Asks at the terminal whether MCP servers may be started for the runs that this process drives; elsewhere it tells how to allow them. */
export class ServerQuestions {
  readonly #line: Pick<CommandLine, 'workspace' | 'unattended'>;
  readonly #consent: ServerConsent;
  #screen: ServerScreen | null = null;

  /** @param home The person's home; by default that of this process. */
  constructor(line: Pick<CommandLine, 'workspace' | 'unattended'>, home?: string) {
    this.#line = line;
    this.#consent = new ServerConsent({
      workspace: line.workspace,
      ask: (server) => this.#ask(server),
      say: (text) => this.#say(text),
      ...(home !== undefined && { home }),
    });
  }

  /** From now on it is said and asked there. */
  showOn(screen: ServerScreen): void {
    this.#screen = screen;
  }

  mayStart(server: McpServer): Promise<boolean> {
    return this.#consent.mayStart(server);
  }

  #ask(server: McpServer): Promise<ServerAnswer> {
    const screen = this.#screen;
    if (!screen || !canAsk() || this.#line.unattended) {
      const how = `\`${serverCommand('allow', server.name, this.#line.workspace)}\` allows it for good`;
      const where = `${server.name} (${server.file}:${server.line})`;
      this.#say(`the MCP server ${where} is not started: nobody has allowed it; ${how}`);
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

  #say(text: string): void {
    const line = printable(text);
    if (this.#screen) this.#screen.say(line);
    else process.stderr.write(`${line}\n`);
  }
}

/** A question that is left, or withdrawn, is a no. */
async function askAnswer(signal: AbortSignal): Promise<ServerAnswer> {
  process.stderr.write(`${CHOICES.join('\n')}\n`);
  for (;;) {
    const given = (await askLine('Start it? (1 to 3; nothing: no): ', signal))?.trim().toLowerCase() ?? '';
    if (given === '') return 'no';
    const answer = ANSWERS[Number(given) - 1] ?? ANSWERS.find((one) => one === given);
    if (answer) return answer;
    process.stderr.write('That is none of the answers.\n');
  }
}
