import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Provider } from '../models/provider.ts';
import { errorInfo, ScriptRefusedError, UserError } from '../protocol/errors.ts';
import type { RunStatus } from '../protocol/run-events.ts';
import { openRunManager, type RunManager } from '../runs/run-manager.ts';
import { findRipgrep } from '../tools/find-ripgrep.ts';
import { countsText, createProgressView, printable } from './progress.ts';
import { runDocument } from './run-document.ts';
import { type CommandLine, readCommandLine, UsageError } from './usage.ts';
import { writeReport } from './write-report.ts';

export interface Home {
  /** Folder that holds `dist/` and `workflows/`. */
  root: string;
  /** A Node that the sandbox can run on. */
  node: string;
}

const EXIT_CODES: Record<RunStatus, number> = {
  completed: 0,
  completed_with_failures: 3,
  failed: 1,
  stopped: 130,
  created: 0,
  running: 0,
  interrupted: 0,
};

/** Runs one command line and returns the exit code. */
export async function main(argv: string[], home: Home): Promise<number> {
  let line: CommandLine | string;
  try {
    line = readCommandLine(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`counterpoint: ${error.message}`);
    return 2;
  }
  if (typeof line === 'string') {
    console.log(line);
    return 0;
  }
  try {
    return await perform(line, home);
  } catch (error) {
    return reportFailure(error, line);
  }
}

async function perform(line: CommandLine, home: Home): Promise<number> {
  const manager = await openManager(line, home);
  try {
    switch (line.command) {
      case 'run':
        return await drive(line, home, manager, () =>
          manager.start({
            script: scriptOf(line),
            ...(line.args !== undefined && { args: line.args }),
            provider: line.provider ?? 'anthropic',
            ...(line.model !== null && { model: line.model }),
            ...(line.engine !== null && { engine: line.engine }),
            limits: line.limits,
          }),
        );
      case 'resume':
        return await drive(line, home, manager, async () => {
          const runId = findRun(manager, line.subject);
          await manager.resume(runId);
          return runId;
        });
      case 'show':
        return await show(line, home, manager, findRun(manager, line.subject));
      case 'runs':
        return listRuns(line, manager);
    }
  } finally {
    await manager.close();
  }
}

function openManager(line: CommandLine, home: Home): Promise<RunManager> {
  const dist = join(home.root, 'dist');
  return findRipgrep({ near: [home.root] }).then((ripgrep) =>
    openRunManager({
      workspace: line.workspace,
      bundledWorkflows: join(home.root, 'workflows'),
      dist,
      provider: (id) => createProvider(id, dist),
      ripgrep,
      node: home.node,
    }),
  );
}

async function createProvider(id: string, dist: string): Promise<Provider> {
  if (id === 'builtin') {
    const { createBuiltinProvider } = await import('../models/builtin/provider.ts');
    return createBuiltinProvider({ dist });
  }
  const { createAnthropicProvider } = await import('../models/anthropic.ts');
  const { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_BASE_URL: baseUrl } = process.env;
  return createAnthropicProvider({ apiKey: apiKey ?? '', ...(baseUrl && { baseUrl }) });
}

/** Starts or resumes a run, shows it as it goes, and prints how it ended. */
async function drive(
  line: CommandLine,
  home: Home,
  manager: RunManager,
  begin: () => Promise<string>,
): Promise<number> {
  const view = await createProgressView(process.stderr);
  let runId = '';
  let status: RunStatus;
  let stopping = false;
  const onSignal = () => {
    // The second one means it.
    if (runId === '' || stopping) process.exit(130);
    stopping = true;
    void manager.stop(runId);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    runId = await begin();
    view.hear(manager.events(runId, 0));
    manager.subscribe(runId, (events) => view.hear(events));
    status = (await manager.finished(runId)).status;
  } finally {
    view.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  await show(line, home, manager, runId);
  return EXIT_CODES[status];
}

async function show(line: CommandLine, home: Home, manager: RunManager, runId: string): Promise<number> {
  const tree = manager.tree(runId);
  const document = runDocument(runId, tree, manager.result(runId));
  const files = line.report === null ? [] : await writeReport(manager, runId, home, line.report);
  if (line.json) {
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return 0;
  }
  const { usage } = document;
  const cost = usage.costUsd === null ? 'cost unknown' : `$${usage.costUsd.toFixed(2)}`;
  console.log(`run ${runId}: ${document.status.replaceAll('_', ' ')} in ${(document.durationMs / 1_000).toFixed(1)} s`);
  console.log(`agents: ${countsText(tree.counts)}`);
  console.log(`usage: ${usage.inputTokens} tokens in, ${usage.outputTokens} out, ${cost}`);
  if (document.error) console.log(`error: ${printable(errorText(document.error))}`);
  const report = manager.report(runId);
  if (report !== null && files.length === 0) console.log(`\n${report.replace(/[^\P{Cc}\n\t]/gu, '')}`);
  else if (report === null && document.status.startsWith('completed'))
    console.log(JSON.stringify(document.result, null, 2));
  for (const file of files) console.log(`${file.what}: ${file.path}`);
  return 0;
}

function errorText(error: { name: string; message: string; line?: number; column?: number }): string {
  const place = error.line === undefined ? '' : ` (line ${error.line}, column ${error.column})`;
  return `${error.name}: ${error.message}${place}`;
}

function listRuns(line: CommandLine, manager: RunManager): number {
  const runs = manager.runs();
  if (line.json) {
    const rows = runs.map(({ run, status, createdAt, endedAt }) => ({
      runId: run.id,
      name: run.name,
      status,
      createdAt: new Date(createdAt).toISOString(),
      endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    }));
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    return 0;
  }
  if (runs.length === 0) console.log('No runs in this workspace yet. `counterpoint run NAME` starts one.');
  for (const { run, status, createdAt } of runs) {
    console.log(
      `${run.id}  ${status.replaceAll('_', ' ').padEnd(23)}  ${new Date(createdAt).toISOString()}  ${printable(run.description)}`,
    );
  }
  return 0;
}

/** A path is meant from where the person stands; a name, or a path inside the workspace, is left to the catalogue. */
function scriptOf(line: CommandLine): string {
  const here = resolve(line.subject);
  return existsSync(here) ? here : line.subject;
}

function findRun(manager: RunManager, given: string): string {
  const ids = manager.runs().map(({ run }) => run.id);
  const matches = ids.includes(given) ? [given] : ids.filter((id) => id.startsWith(given));
  if (matches.length === 1 && matches[0]) return matches[0];
  const problem = matches.length === 0 ? 'There is no run' : 'More than one run begins with';
  throw new UserError('run-not-found', `${problem} ${JSON.stringify(given)}. \`counterpoint runs\` lists them.`);
}

function reportFailure(error: unknown, line: CommandLine): number {
  if (!(error instanceof UserError)) throw error;
  const info = errorInfo(error);
  const refused = error instanceof ScriptRefusedError;
  console.error(
    `counterpoint: ${refused ? `${line.subject}: ` : ''}${printable(refused ? errorText(info) : info.message)}`,
  );
  if (line.json) process.stdout.write(`${JSON.stringify({ status: refused ? 'refused' : 'failed', error: info })}\n`);
  return 1;
}
