/** Events of a run in which agents and a tool call of the script wait for a person's yes or no. */
import type { PermissionDecision, PermissionQuestion, Target } from '../../extension/protocol/permissions.ts';
import type { RunEvent, RunEventBody } from '../../extension/protocol/run-events.ts';
import { questionRun, SAMPLE_CALLS } from './sample-questions.ts';

/** The call of the sample that waits for a permission. */
export const ASKING = SAMPLE_CALLS.scan;

export function permissionQuestion(change: Partial<PermissionQuestion> = {}): PermissionQuestion {
  const command: Target = { kind: 'command', words: ['npm', 'test'], text: 'npm test' };
  return {
    id: 1,
    tool: 'bash',
    what: 'bash: npm test',
    targets: [command],
    why: 'npm test: no sandbox of the operating system holds it',
    timeoutAt: null,
    ...change,
  };
}

export function denied(change: Partial<PermissionDecision> = {}): PermissionDecision {
  return {
    question: null,
    tool: 'bash',
    what: 'bash: git push',
    allowed: false,
    by: 'rule',
    why: 'Not allowed. git push: the rule bash(git push *) denies it.',
    ...change,
  };
}

/** A sample run in which one agent asks these questions, and was denied this before. */
export function permissionRun(
  questions: readonly PermissionQuestion[] = [permissionQuestion()],
  decisions: readonly PermissionDecision[] = [],
): { events: RunEvent[]; now: number } {
  const run = questionRun({ answered: true });
  const bodies: RunEventBody[] = [
    ...decisions.map((decision): RunEventBody => ({ type: 'permission.decided', id: ASKING, decision })),
    ...questions.map((question): RunEventBody => ({ type: 'permission.asked', id: ASKING, question })),
  ];
  return { ...run, events: [...run.events, ...after(run.events, bodies)] };
}

/** These as the next events of a run. */
export function after(events: readonly RunEvent[], bodies: readonly RunEventBody[]): RunEvent[] {
  const { seq, at } = events.at(-1) ?? { seq: 0, at: 0 };
  return bodies.map((body, index): RunEvent => ({ ...body, seq: seq + index + 1, at }));
}
