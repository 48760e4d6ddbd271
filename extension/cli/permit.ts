import type { WholeCall } from '../protocol/permissions.ts';
import type { RunManager } from '../runs/run-manager.ts';
import {
  ANSWER_WORDS,
  type AskedPermission,
  findPermission,
  openPermissions,
  permissionLines,
  permitCommand,
  wholeCall,
} from './permission-questions.ts';
import { printable } from './printable.ts';
import { printDone, refuseIdle } from './steer.ts';
import type { CommandLine } from './usage.ts';

/** Lists what the agents of a run wait to be allowed, or answers one question. Returns the exit code. */
export async function permit(line: CommandLine, manager: RunManager, runId: string): Promise<number> {
  refuseIdle(manager, runId);
  if (line.answer === null) return list(line, manager, runId);
  const { answer } = line;
  const { call, question } = findPermission(manager, runId, line.call);
  const { id, key } = call.info;
  await manager.control(runId, { action: 'permit', call: id, key, permission: question.id, answer });
  const document = { done: 'permitted', agent: id, permission: question.id, what: question.what, answer };
  const told = `permission ${question.id} (${printable(question.what)}) has its answer: ${ANSWER_WORDS[answer]}`;
  return printDone(line, runId, document, told);
}

function list(line: CommandLine, manager: RunManager, runId: string): number {
  const tree = manager.tree(runId);
  const open = openPermissions(tree).filter(({ call }) => line.call === null || call.info.id === line.call);
  if (line.json) {
    const document = {
      runId,
      status: tree.status,
      permissions: open.map((asked) => permissionDocument(asked, wholeCall(manager, runId, asked))),
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return 0;
  }
  if (open.length === 0) console.log(`run ${runId}: waits for no permission now`);
  for (const asked of open) {
    for (const text of permissionLines(asked, wholeCall(manager, runId, asked))) console.log(text);
    console.log(`  ${permitCommand(runId, asked, line.workspace)}`);
  }
  return 0;
}

/** A question about a tool call, for a machine: with the whole call, where that is known. */
export function permissionDocument({ call, question }: AskedPermission, whole: WholeCall | null): object {
  const { id, tool, what, targets, why, askedAt, timeoutAt } = question;
  return {
    permission: id,
    agent: call.info.id,
    label: call.info.label,
    ...{ tool, what, targets, why, ...whole },
    ...(askedAt !== undefined && { askedAt: new Date(askedAt).toISOString() }),
    timeoutAt: timeoutAt === null ? null : new Date(timeoutAt).toISOString(),
  };
}
