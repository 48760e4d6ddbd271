import { UserError } from '../protocol/errors.ts';
import type { RunManager } from '../runs/run-manager.ts';
import {
  ALLOWED,
  forbiddenWords,
  GONE,
  NO_SERVERS,
  ServerApprovals,
  type ServerList,
  STANDING_WORDS,
} from '../runs/server-approvals.ts';
import type { McpServer } from '../tools/mcp/config.ts';
import { definitionLines, problemLine, termsLines } from '../tools/mcp/show-server.ts';
import { printable, shellWord } from './printable.ts';
import type { CommandLine } from './usage.ts';

/** Lists the MCP servers that the workspace defines, allows one of them for good, or takes that back. Starts nothing. */
export async function mcp(line: CommandLine, { workspace }: Pick<RunManager, 'workspace'>): Promise<void> {
  const approvals = new ServerApprovals(workspace);
  if (line.subject === 'forbid') return await forbid(line, approvals);
  const list = await approvals.list();
  if (line.subject !== 'allow') return line.json ? printJson(list) : printList(list, line.workspace);
  const server = named(line.name, list);
  await approvals.add(server);
  if (line.json) process.stdout.write(`${JSON.stringify({ ...shown(server), allowed: true })}\n`);
  else for (const text of [...serverLines(server), ALLOWED]) console.log(text);
}

function printJson({ servers, gone, problems }: ServerList): void {
  const all = servers.map(({ server, standing }) => ({ ...shown(server), standing, allowed: standing === 'allowed' }));
  process.stdout.write(`${JSON.stringify({ servers: all, gone, problems: problems.map(problemLine) })}\n`);
}

function printList({ servers, gone, problems }: ServerList, workspace: string): void {
  for (const { server, standing } of servers) {
    for (const text of serverLines(server)) console.log(text);
    const isAllowed = standing === 'allowed';
    const command = serverCommand(isAllowed ? 'forbid' : 'allow', server.name, workspace);
    console.log(`  ${STANDING_WORDS[standing]}; \`${command}\` ${isAllowed ? TAKES_BACK : 'allows it'}`);
  }
  for (const problem of problems) console.log(printable(problemLine(problem)));
  for (const name of gone)
    console.log(printable(`${name}  ${GONE}; \`${serverCommand('forbid', name, workspace)}\` ${TAKES_BACK}`));
  if (servers.length + problems.length + gone.length === 0) console.log(`No MCP servers. ${NO_SERVERS}`);
}

const TAKES_BACK = 'takes that back';

/** Also of a server that the workspace does not define any more, so that nobody can bring it back with a yes that was given to it. */
async function forbid({ name, json }: CommandLine, approvals: ServerApprovals): Promise<void> {
  const taken = await approvals.takeBack(name);
  if (json) process.stdout.write(`${JSON.stringify({ name, allowed: false, taken })}\n`);
  else console.log(`${printable(name)} ${forbiddenWords(taken > 0)}`);
}

/** @throws UserError where there is none of that name. */
function named(name: string, { servers, problems }: ServerList): McpServer {
  const found = servers.find(({ server }) => server.name === name);
  if (found) return found.server;
  const there =
    servers.length === 0 ? 'there is none' : `there are ${servers.map(({ server }) => server.name).join(', ')}`;
  const broken = problems.map((problem) => ` ${problemLine(problem)}.`).join('');
  throw new UserError('bad-arguments', `There is no MCP server ${JSON.stringify(name)}; ${there}.${broken}`);
}

function shown({ launch: _launch, ...rest }: McpServer): Omit<McpServer, 'launch'> {
  return rest;
}

/** A server with all that its definition says, as a person reads it before they allow it. */
export function serverLines(server: McpServer): string[] {
  const hindrance = server.hindrance === null ? [] : [`It ${server.hindrance}`];
  return [
    `${server.name}  ${server.file}:${server.line}`,
    ...[...definitionLines(server), ...[...hindrance, ...termsLines(server)].map(printable)].map((text) => `  ${text}`),
  ];
}

/** The command that allows a server for good, or takes that back, to be pasted into a shell. */
export function serverCommand(what: 'allow' | 'forbid', name: string, workspace: string): string {
  const where = workspace === process.cwd() ? '' : ` --workspace ${shellWord(workspace)}`;
  return `counterpoint mcp ${what} ${shellWord(name)}${where}`;
}
