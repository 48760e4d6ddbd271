import { addedNumber, callNumberWords } from '../protocol/call-number.ts';
import type { Json } from '../protocol/json.ts';
import { ADDED_PHASE, type CallOutcome, FIRST_ADDED_CALL } from '../protocol/run-events.ts';
import type { RunTree } from '../protocol/run-tree.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { printable, printableLines } from './printable.ts';
import { printDone } from './steer.ts';
import type { CommandLine } from './usage.ts';

/** What came of an agent that a person added; the same as the script finds in its inbox. */
export interface AddedAnswer {
  number: number;
  task: string;
  label: string;
  outcome: CallOutcome;
  /** Null where it has none. */
  answer: Json;
}

/** Has one agent more do a task in a run under way. Returns the exit code. */
export async function add(line: CommandLine, manager: RunManager, runId: string): Promise<number> {
  const { message: prompt, label, model, agentType } = line;
  const last = Math.max(FIRST_ADDED_CALL - 1, ...manager.tree(runId).calls.keys());
  await manager.control(runId, {
    action: 'add-agent',
    task: {
      prompt,
      ...(label !== null && { label }),
      ...(model !== null && { model }),
      ...(agentType !== null && { agentType }),
    },
  });
  // Another person may have been as quick.
  const agent = [...manager.tree(runId).calls.values()].find(
    ({ info }) => info.added && info.id > last && manager.details(runId, info.id).prompt === prompt,
  );
  const name = agent ? `agent ${callNumberWords(agent.info.id)} (${printable(agent.info.label)})` : 'the agent';
  const told = `${name} is added, in the phase "${ADDED_PHASE}"; \`counterpoint show ${runId}\` prints its answer`;
  return printDone(line, runId, { done: 'agent-added', ...(agent && { agent: agent.info.id }) }, told);
}

/** What came of the agents that a person added and that have ended, by their numbers. */
export function addedAnswers(manager: RunManager, runId: string, tree: RunTree): AddedAnswer[] {
  return [...tree.calls.values()].flatMap(({ info, settled }) => {
    if (!info.added || !settled) return [];
    const { prompt, answer = null } = manager.details(runId, info.id, Number.MAX_SAFE_INTEGER);
    const number = addedNumber(info.id);
    return [{ number, task: prompt, label: info.label, outcome: settled.outcome, answer }];
  });
}

/** One of them for a person. Why one has no answer stands in the census. */
export function addedLines({ number, label, outcome, answer }: AddedAnswer): string[] {
  const head = `\nagent ${callNumberWords(FIRST_ADDED_CALL - 1 + number)} (${printable(label)}): ${outcome}`;
  if (answer === null) return [head];
  return [head, printableLines(typeof answer === 'string' ? answer : JSON.stringify(answer, null, 2))];
}
