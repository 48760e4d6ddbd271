import { censusLines } from '../protocol/run-census.ts';
import type { CallNode, RunTree } from '../protocol/run-tree.ts';
import { usedWords } from '../protocol/usage-words.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { addedAnswers, addedLines } from './added.ts';
import { agentLines, agentRows, eventLines, eventRows } from './listings.ts';
import type { Home } from './main.ts';
import { openPermissions, permissionLines, permitCommand, wholeCall } from './permission-questions.ts';
import { printable, printableLines } from './printable.ts';
import { countsText } from './progress.ts';
import { answerCommand, openQuestions, questionLines } from './questions.ts';
import { type RunDocument, runDocument } from './run-document.ts';
import type { CommandLine } from './usage.ts';
import { writeReport } from './write-report.ts';

/** Prints a run, and what of it was asked for. `more`: what else belongs into the document. */
export async function show(
  line: CommandLine,
  home: Home,
  manager: RunManager,
  runId: string,
  more: object = {},
): Promise<void> {
  const tree = manager.tree(runId);
  const lastStepAt = ({ info }: CallNode) => manager.details(runId, info.id).transcript.at(-1)?.at ?? null;
  const document = runDocument(runId, tree, manager.result(runId));
  const added = addedAnswers(manager, runId, tree);
  const files = line.report === null ? [] : await writeReport(manager, runId, home, line.report);
  const agents = line.agents ? agentRows(tree, lastStepAt) : null;
  const events = line.events ? eventRows(manager.events(runId, 0)) : null;
  if (line.json) {
    const listed = {
      ...more,
      ...document,
      ...(added.length > 0 && { added }),
      ...(agents && { agentList: agents }),
      ...(events && { events }),
    };
    process.stdout.write(`${JSON.stringify(listed)}\n`);
    return;
  }
  const lists = [...(agents ? [agentLines(agents)] : []), ...(events ? [eventLines(events)] : [])];
  for (const text of headLines(document, tree)) console.log(text);
  for (const question of openQuestions(tree)) {
    for (const text of questionLines(question)) console.log(text);
    console.log(`  ${answerCommand(runId, question, line.workspace)}`);
  }
  for (const asked of openPermissions(tree)) {
    for (const text of permissionLines(asked, wholeCall(manager, runId, asked))) console.log(text);
    console.log(`  ${permitCommand(runId, asked, line.workspace)}`);
  }
  for (const list of lists) console.log(['', ...list].join('\n'));
  if (lists.length === 0) {
    printResult(manager, document, files.length > 0);
    for (const text of added.flatMap(addedLines)) console.log(text);
  }
  for (const file of files) console.log(`${file.what}: ${file.path}`);
}

/** How it came out; nothing that was lost on the way is left out. */
function headLines({ runId, status, agents, usage, durationMs, error }: RunDocument, tree: RunTree): string[] {
  const cost = usage.costUsd === null ? 'cost unknown' : `$${usage.costUsd.toFixed(2)}`;
  return [
    `run ${runId}: ${statusText(status, tree.paused)} in ${(durationMs / 1_000).toFixed(1)} s`,
    `agents: ${countsText(tree.counts)}`,
    ...censusLines(agents).map((text) => `  ${printable(text)}`),
    `usage: ${usedWords(usage, `${usage.inputTokens} tokens in, ${usage.outputTokens} out, ${cost}`)}`,
    ...(error ? [`error: ${printable(errorText(error))}`] : []),
  ];
}

function printResult(manager: RunManager, { runId, status, result }: RunDocument, written: boolean): void {
  const report = manager.report(runId);
  if (report !== null && !written) console.log(`\n${printableLines(report)}`);
  else if (report === null && status.startsWith('completed'))
    console.log(printableLines(JSON.stringify(result, null, 2)));
}

export function errorText(error: { name: string; message: string; line?: number; column?: number }): string {
  const place = error.line === undefined ? '' : ` (line ${error.line}, column ${error.column})`;
  return `${error.name}: ${error.message}${place}`;
}

export function listRuns(line: CommandLine, manager: RunManager): void {
  const runs = manager.runs().map((summary) => ({
    ...summary,
    paused: summary.status === 'running' && manager.tree(summary.run.id).paused,
  }));
  if (line.json) {
    const rows = runs.map(({ run, status, paused, createdAt, endedAt }) => ({
      runId: run.id,
      name: run.name,
      status,
      ...(paused && { paused }),
      createdAt: new Date(createdAt).toISOString(),
      endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    }));
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    return;
  }
  if (runs.length === 0) console.log('No runs in this workspace yet. `counterpoint run NAME` starts one.');
  for (const { run, status, paused, createdAt } of runs) {
    // A name of its own says more of a run than what its workflow says of itself.
    const what = printable(run.workflow === undefined ? run.description : run.name);
    console.log(
      `${printable(run.id)}  ${statusText(status, paused).padEnd(23)}  ${new Date(createdAt).toISOString()}  ${what}`,
    );
  }
}

function statusText(status: string, paused: boolean): string {
  return paused ? `${status}, paused` : status.replaceAll('_', ' ');
}
