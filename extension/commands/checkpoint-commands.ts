import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { CheckpointComments } from '../editor/checkpoint-comments.ts';
import { UserError } from '../protocol/errors.ts';

import { answerOne, findQuestion, giveAnswer } from './answer-checkpoint.ts';
import { showFailure } from './failure.ts';
import { viewed } from './pick-run.ts';
import type { Workbench } from './workbench.ts';

/** A question as lenses, comments and rows name it; `choice`: the answer. */
const pointer = z.object({
  runId: z.string(),
  callId: z.int(),
  callKey: z.string(),
  choice: z.optional(z.string()),
});
type Pointer = z.infer<typeof pointer>;

/** What the places of a question in view and editor do. They are no commands of the palette: without a question they mean nothing. */
export function registerCheckpointCommands(bench: Workbench, comments: CheckpointComments): vscode.Disposable {
  const handlers: Record<string, (argument: unknown) => Promise<void>> = {
    'counterpoint.checkpoint.answer': (argument) => answerAt(bench, pointer.parse(argument)),
    'counterpoint.checkpoint.pick': async (argument) => {
      const open = z
        .array(pointer)
        .parse(argument)
        .flatMap(({ runId, callKey }) => bench.questions.find(runId, callKey) ?? []);
      if (open.length === 0) throw new UserError('not-possible', 'None of these questions is open any more.');
      await answerOne({ questions: bench.questions, open });
    },
    'counterpoint.showCheckpoint': (argument) => showCheckpoint(bench, pointer.parse(argument)),
    'counterpoint.openCheckpointScript': async (argument) => {
      const at = pointer.parse(argument);
      await openScript(bench, at);
      comments.unfold({ runId: at.runId, key: at.callKey });
    },
    'counterpoint.checkpoint.comment': async (argument) => {
      const { runId, callKey } = pointer.parse(argument);
      comments.unfold({ runId, key: callKey });
    },
    'counterpoint.replyToCheckpoint': (reply) => replyTo(bench, comments, reply),
    'counterpoint.replyYes': (reply) => replyTo(bench, comments, reply, 'Yes'),
    'counterpoint.replyNo': (reply) => replyTo(bench, comments, reply, 'No'),
  };
  return vscode.Disposable.from(
    ...Object.entries(handlers).map(([id, handler]) =>
      vscode.commands.registerCommand(id, (argument: unknown) => handler(argument).catch(showFailure)),
    ),
  );
}

async function answerAt(bench: Workbench, { runId, callKey, choice }: Pointer): Promise<void> {
  const question = await findQuestion(bench, runId, callKey);
  if (choice === undefined) await answerOne({ questions: bench.questions, pointed: question });
  else await giveAnswer(question, { choice });
}

/** Shows the panel of a run, with the question in view. */
export async function showCheckpoint(
  { workspaces, panels }: Pick<Workbench, 'workspaces' | 'panels'>,
  { runId, callId, callKey }: Pointer,
): Promise<void> {
  panels.show(viewed(await workspaces.find(runId)), { name: 'reveal', on: { call: callId, key: callKey } });
}

async function openScript({ questions, workspaces, documents }: Workbench, { runId, callKey }: Pointer): Promise<void> {
  const place = questions.find(runId, callKey)?.at;
  if (!place) throw new UserError('not-possible', 'It is not known which line of the script asks this.');
  await documents.openScript(viewed(await workspaces.find(runId)), place);
}

/** What VS Code hands over where somebody writes below a comment. */
interface Reply {
  thread: vscode.CommentThread;
  text: string;
}

async function replyTo(bench: Workbench, comments: CheckpointComments, reply: unknown, choice?: string): Promise<void> {
  const { thread, text } = reply as Reply;
  const question = comments.questionOf(thread);
  if (!question) throw new UserError('not-possible', 'This question is not open any more.');
  const comment = text.trim();
  if (choice === undefined) await answerOne({ questions: bench.questions, pointed: question, comment });
  else await giveAnswer(question, { choice, ...(comment && { comment }) });
}
