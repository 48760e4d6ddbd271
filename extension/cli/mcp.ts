import { UserError } from '../protocol/errors.ts';
import { Approvals } from '../runs/approvals.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { serverApproval } from '../runs/server-consent.ts';
import { type McpServer, readMcpConfig } from '../tools/mcp/config.ts';
import { definitionLines, termsLines } from '../tools/mcp/show-server.ts';
import { printable, shellWord } from './printable.ts';
import type { CommandLine } from './usage.ts';

/** Lists the MCP servers that the workspace defines, allows one of them for good, or takes that back. Starts nothing. */
export async function mcp(line: CommandLine, { workspace }: Pick<RunManager, 'workspace'>): Promise<void> {
  const { servers, problems } = await readMcpConfig(workspace);
  const approvals = new Approvals();
  if (line.subject === 'forbid') return await forbid(line, workspace, approvals);
  if (line.subject === 'allow') {
    const server = named(line.name, servers, problems);
    await approvals.add({ workspace, digest: server.digest }, serverApproval(server.name));
    if (line.json) process.stdout.write(`${JSON.stringify({ ...shown(server), allowed: true })}\n`);
    else
      for (const text of [...serverLines(server), 'is allowed from now on, in this folder and as it is now'])
        console.log(text);
    return;
  }
  const listed = await Promise.all(
    servers.map(async (server) => ({ server, allowed: await approvals.has({ workspace, digest: server.digest }) })),
  );
  if (line.json) {
    const all = listed.map(({ server, allowed }) => ({ ...shown(server), allowed }));
    process.stdout.write(`${JSON.stringify({ servers: all, problems })}\n`);
    return;
  }
  for (const { server, allowed } of listed) {
    for (const text of serverLines(server)) console.log(text);
    const other = `\`${serverCommand(allowed ? 'forbid' : 'allow', server, line.workspace)}\``;
    console.log(allowed ? `  allowed; ${other} takes that back` : `  not allowed; ${other} allows it`);
  }
  for (const problem of problems) console.log(printable(problem));
  if (servers.length + problems.length === 0)
    console.log('No MCP servers: there is neither a .mcp.json nor a .vscode/mcp.json that defines one.');
}

/** Also of a server that the workspace does not define any more, so that nobody can bring it back with a yes that was given to it. */
async function forbid({ name, json }: CommandLine, workspace: string, approvals: Approvals): Promise<void> {
  const taken = await approvals.removeNamed(workspace, serverApproval(name));
  if (json) process.stdout.write(`${JSON.stringify({ name, allowed: false, taken })}\n`);
  else if (taken === 0) console.log(`${printable(name)} was not allowed in this folder`);
  else
    console.log(`${printable(name)} is not allowed any more, in this folder: you are asked before it is started again`);
}

/** @throws UserError where there is none of that name. */
function named(name: string, servers: readonly McpServer[], problems: readonly string[]): McpServer {
  const server = servers.find((one) => one.name === name);
  if (server) return server;
  const there = servers.length === 0 ? 'there is none' : `there are ${servers.map((one) => one.name).join(', ')}`;
  const broken = problems.map((problem) => ` ${problem}.`).join('');
  throw new UserError('bad-arguments', `There is no MCP server ${JSON.stringify(name)}; ${there}.${broken}`);
}

function shown({ name, file, line, what, takes, names, written, digest }: McpServer): Omit<McpServer, 'launch'> {
  return { name, file, line, what, takes, names, written, digest };
}

/** A server with all that its definition says, as a person reads it before they allow it. */
export function serverLines(server: McpServer): string[] {
  return [
    `${server.name}  ${server.file}:${server.line}`,
    ...[...definitionLines(server), ...termsLines(server).map(printable)].map((text) => `  ${text}`),
  ];
}

/** The command that allows a server for good, or takes that back, to be pasted into a shell. */
export function serverCommand(what: 'allow' | 'forbid', { name }: McpServer, workspace: string): string {
  const where = workspace === process.cwd() ? '' : ` --workspace ${shellWord(workspace)}`;
  return `counterpoint mcp ${what} ${name}${where}`;
}
