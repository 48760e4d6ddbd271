import { join } from 'node:path';
import { errorInfo, ScriptRefusedError, UserError } from '../protocol/errors.ts';
import { agentRun, requireModel } from '../runs/agent-task.ts';
import { openRunManager, type RunManager } from '../runs/run-manager.ts';
import type { StartRequest } from '../runs/run-service.ts';
import { findRipgrep } from '../tools/find-ripgrep.ts';
import { add } from './added.ts';
import { answer } from './answer.ts';
import { apply } from './apply.ts';
import { createProvider } from './create-provider.ts';
import { attendanceOf, drive, fork, permissionsOf, resume } from './drive.ts';
import { mcp } from './mcp.ts';
import { models } from './models.ts';
import { permit } from './permit.ts';
import { plan } from './plan.ts';
import { preview } from './preview.ts';
import { printable } from './printable.ts';
import { argsOf } from './script-args.ts';
import { ServerQuestions } from './server-questions.ts';
import { errorText, listRuns, show } from './show.ts';
import { scriptPath, steer } from './steer.ts';
import { type CommandLine, readCommandLine } from './usage.ts';
import { UsageError } from './values.ts';
import { watch } from './watch.ts';
import { listWorkflows, save } from './workflows.ts';

export interface Home {
  /** Folder that holds `dist/` and `workflows/`. */
  root: string;
  /** A Node that the sandbox can run on. */
  node: string;
  /** Whether servers may be started for the runs that are driven here. */
  servers?: ServerQuestions;
}

/** Runs one command line and returns the exit code. */
export async function main(argv: string[], home: Home): Promise<number> {
  let line: CommandLine | string;
  try {
    line = readCommandLine(argv);
  } catch (error) {
    return reportMisuse(error);
  }
  if (typeof line === 'string') {
    console.log(line);
    return 0;
  }
  try {
    return await perform(line, home);
  } catch (error) {
    return error instanceof UserError ? reportFailure(error, line) : reportMisuse(error);
  }
}

async function perform(line: CommandLine, { root, node }: Home): Promise<number> {
  const home: Home & { servers: ServerQuestions } = { root, node, servers: new ServerQuestions(line) };
  if (line.command === 'models') return await models(line, home);
  const manager = await openManager(line, home);
  try {
    switch (line.command) {
      case 'run':
        return await run(line, home, manager, await scriptRun(line, manager));
      case 'agent':
        return await run(line, home, manager, taskRun(line, home));
      case 'plan':
        return await plan(line, home, manager);
      case 'preview':
        return await preview(line, manager);
      case 'runs':
        listRuns(line, manager);
        return 0;
      case 'workflows':
        await listWorkflows(line, manager);
        return 0;
      case 'mcp':
        await mcp(line, manager);
        return 0;
      case 'save':
        await save(line, manager);
        return 0;
      default:
        return await performOn(line, home, manager, findRun(manager, line.subject));
    }
  } finally {
    await manager.close();
  }
}

async function performOn(line: CommandLine, home: Home, manager: RunManager, runId: string): Promise<number> {
  switch (line.command) {
    case 'resume':
      return await resume(line, home, manager, runId);
    case 'fork':
      return await fork(line, home, manager, runId);
    case 'watch':
      return await watch(line, home, manager, runId);
    case 'add':
      return await add(line, manager, runId);
    case 'answer':
      return await answer(line, manager, runId);
    case 'apply':
      return await apply(line, manager, runId);
    case 'permit':
      return await permit(line, manager, runId);
    case 'show':
      await show(line, home, manager, runId);
      return 0;
    default:
      return await steer(line, home, manager, runId);
  }
}

/** What is to be run: the script, and what it is told. */
type Wanted = Pick<StartRequest, 'script' | 'args' | 'name'>;

async function scriptRun(line: CommandLine, manager: RunManager): Promise<Wanted> {
  const args = await argsOf(line, manager);
  return { script: scriptPath(line.subject), ...(args !== undefined && { args }) };
}

/** @throws UserError where there is nothing to do, or nobody who can do it. */
function taskRun({ subject, provider, label, agentType }: CommandLine, { root }: Home): Wanted {
  requireModel(providerFor(provider));
  return agentRun(join(root, 'workflows'), {
    task: subject,
    ...(label !== null && { name: label }),
    ...(agentType !== null && { agentType }),
  });
}

function providerFor(given: string | null): string {
  return given ?? 'anthropic';
}

async function run(line: CommandLine, home: Home, manager: RunManager, wanted: Wanted): Promise<number> {
  return await drive(line, home, manager, () =>
    manager.start({
      ...wanted,
      provider: providerFor(line.provider),
      ...(line.model !== null && { model: line.model }),
      ...(Object.keys(line.models).length > 0 && { models: line.models }),
      ...(line.engine !== null && { engine: line.engine }),
      limits: line.limits,
      ...permissionsOf(line),
      ...attendanceOf(line),
    }),
  );
}

function openManager(line: CommandLine, home: Home & { servers: ServerQuestions }): Promise<RunManager> {
  const dist = join(home.root, 'dist');
  return findRipgrep({ near: [home.root] }).then((ripgrep) =>
    openRunManager({
      workspace: line.workspace,
      bundledWorkflows: join(home.root, 'workflows'),
      dist,
      provider: (id, model) => createProvider(id, dist, line.command === 'preview', model),
      ripgrep,
      node: home.node,
      mayStartServer: (server) => home.servers.mayStart(server),
    }),
  );
}

/** The run of this id, or of the only id that begins so. An id comes out of a journal, and is printed: it has to be printable. */
function findRun(manager: RunManager, given: string): string {
  const ids = manager.runs().flatMap(({ run }) => (printable(run.id) === run.id ? [run.id] : []));
  const matches = ids.includes(given) ? [given] : ids.filter((id) => id.startsWith(given));
  if (matches.length === 1 && matches[0]) return matches[0];
  const problem = matches.length === 0 ? 'There is no run' : 'More than one run begins with';
  throw new UserError('run-not-found', `${problem} ${JSON.stringify(given)}. \`counterpoint runs\` lists them.`);
}

function reportMisuse(error: unknown): number {
  if (!(error instanceof UsageError)) throw error;
  console.error(`counterpoint: ${error.message}`);
  return 2;
}

function reportFailure(error: UserError, line: CommandLine): number {
  const info = errorInfo(error);
  const refused = error instanceof ScriptRefusedError;
  console.error(
    `counterpoint: ${refused ? `${line.script ?? line.subject}: ` : ''}${printable(refused ? errorText(info) : info.message)}`,
  );
  if (line.json) process.stdout.write(`${JSON.stringify({ status: refused ? 'refused' : 'failed', error: info })}\n`);
  return 1;
}
