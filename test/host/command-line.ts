import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A run that a command line drives, until a test kills that. */
export interface CutRun {
  child: ChildProcess;
  runId: string;
}

const START_MS = 30_000;

/**
 * Starts a workflow with the built-in analyst on the command line, as another terminal would, and waits until it has its id.
 * @param extension Folder of the extension, built.
 */
export async function driveByCommandLine(extension: string, workspace: string, script: string): Promise<CutRun> {
  const cli = join(extension, 'dist/cli.js');
  const before = new Set(await idsOf(cli, workspace));
  const child = runCli(cli, ['run', script, '--provider', 'builtin', '--workspace', workspace]);
  const end = Date.now() + START_MS;
  while (Date.now() < end) {
    const runId = (await idsOf(cli, workspace)).find((id) => !before.has(id));
    if (runId !== undefined) return { child, runId };
  }
  child.kill('SIGKILL');
  throw new Error('The command line started no run.');
}

async function idsOf(cli: string, workspace: string): Promise<string[]> {
  const child = runCli(cli, ['runs', '--json', '--workspace', workspace]);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk));
  await new Promise((ended) => child.once('close', ended));
  return (JSON.parse(output) as { runId: string }[]).map(({ runId }) => runId);
}

function runCli(cli: string, args: string[]): ChildProcess {
  return spawn(nodePath(), [cli, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
}

/** A desktop editor's own executable is no Node. */
function nodePath(): string {
  const given = process.env.COUNTERPOINT_HOST_NODE;
  return given && existsSync(given) ? given : process.execPath;
}
