import * as vscode from 'vscode';
import { createCheckpointComments } from '../editor/checkpoint-comments.ts';
import { createCheckpointLenses } from '../editor/checkpoint-lenses.ts';
import type { LiveRuns } from '../runs/live-runs.ts';
import { QuestionBoard } from '../runs/question-board.ts';
import { createCheckpointsView } from '../views/checkpoints-view.ts';
import { answerOne } from './answer-checkpoint.ts';
import { registerCheckpointCommands, showCheckpoint } from './checkpoint-commands.ts';
import { showFailure } from './failure.ts';
import { registerPermissionCommands } from './permission-commands.ts';
import { createQuestionWatch } from './question-watch.ts';
import type { Workbench } from './workbench.ts';
import type { OpenWorkspace, Workspaces } from './workspaces.ts';

/** The questions of all runs of the open folders. */
export function createQuestionBoard(workspaces: Workspaces, live: LiveRuns): QuestionBoard {
  const foldersOf = (open: OpenWorkspace[]) => open.map(({ folder, runs }) => ({ path: folder.uri.fsPath, runs }));
  return new QuestionBoard({
    live,
    all: async () => foldersOf(await workspaces.withRuns()),
    opened: async () => foldersOf(await workspaces.opened()),
    // Nobody asked for a look, so nobody is told in a message: what a person does next says what is wrong.
    onFailure: (error) => console.warn('Counterpoint: the runs could not be looked at for questions.', error),
  });
}

/** Every place but the panel where a question is shown and answered: view and badge, lens, comment, message, status bar. */
export function createCheckpointPlaces(bench: Workbench, live: LiveRuns): vscode.Disposable {
  const { questions } = bench;
  const comments = createCheckpointComments(questions);
  const watch = createQuestionWatch({
    board: questions,
    live,
    show: (waiting) => {
      const { runId, on } = waiting;
      const callKey = 'key' in waiting ? waiting.key : waiting.on.key;
      return showCheckpoint(bench, { runId, callId: on.call, callKey });
    },
    answer: (question) => answerOne({ questions, pointed: question }),
    onFailure: showFailure,
  });
  return vscode.Disposable.from(
    watch,
    comments,
    createCheckpointsView(questions),
    createCheckpointLenses(questions),
    registerCheckpointCommands(bench, comments),
    registerPermissionCommands(bench),
    questions,
  );
}
