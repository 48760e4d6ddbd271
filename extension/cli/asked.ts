import type { RunControl } from '../protocol/run-control.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { askHere, askPermissionHere } from './ask.ts';
import type { ShownPermission } from './permission-board.ts';
import { permissionLines, permitCommand, wholeCall } from './permission-questions.ts';
import { answerCommand, type Question, questionLines } from './questions.ts';

/** Something that a run asks a person. */
export interface Asked {
  /** The same for as long as it is the same question, with the same number. */
  id: string;
  /** What a person reads of it, with the command that answers it. */
  lines(): string[];
  /** Asks at the terminal; null where the person leaves it for later, or `signal` says that it is not asked any more. */
  ask(signal: AbortSignal): Promise<RunControl | null>;
  /** What is said where it needs no answer any more. */
  elsewhere: string;
}

interface Where {
  manager: RunManager;
  runId: string;
  workspace: string;
}

export function askedCheckpoint({ runId, workspace }: Where, question: Question): Asked {
  const { id: call, key } = question.info;
  return {
    id: `question ${call} ${key}`,
    lines: () => [...questionLines(question), `  ${answerCommand(runId, question, workspace)}`],
    ask: async (signal) => {
      const answer = await askHere(question, signal);
      return answer && { action: 'answer', call, key, answer };
    },
    elsewhere: `question ${call} was answered elsewhere`,
  };
}

export function askedPermission({ manager, runId, workspace }: Where, { call, question }: ShownPermission): Asked {
  return {
    id: `permission ${question.id} ${call}`,
    lines: () => {
      const node = manager.tree(runId).calls.get(call);
      // It has ended between its event and this look.
      if (!node) return [];
      const asked = { call: node, question };
      return [
        ...permissionLines(asked, wholeCall(manager, runId, asked)),
        `  ${permitCommand(runId, asked, workspace)}`,
      ];
    },
    ask: async (signal) => {
      const answer = await askPermissionHere(signal);
      return answer && { action: 'permit', call, permission: question.id, answer };
    },
    elsewhere: `permission ${question.id} needs no answer any more`,
  };
}
