import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import type { StartRequest } from './run-service.ts';

/** What one agent is to do in a run of its own. */
export interface AgentTask {
  task: string;
  /** What the run is called; absent: the first line of the task. */
  name?: string;
  agentType?: string;
}

/**
 * The run of the bundled workflow `agent` that does a task. By its path, and not by its name, which a workspace could give to a
 * script of its own.
 * @param bundled Folder of the bundled workflows.
 * @throws UserError `bad-arguments` for an empty task.
 */
export function agentRun(
  bundled: string,
  { task, name, agentType }: AgentTask,
): Pick<StartRequest, 'script' | 'args' | 'name'> & { script: string } {
  const [first] = task.trim().split('\n');
  if (!first) throw new UserError('bad-arguments', 'The task is empty. Say what the agent is to do.');
  const args = { task, ...(agentType && { agentType }) };
  return { script: join(bundled, 'agent.js'), args, name: name ?? first };
}

/** The provider that is no model: it does what the prompts of some bundled workflows ask, and nothing else. */
const ANALYST = 'builtin';

/** @throws UserError `no-model` where the agents of a provider cannot do a task of a person's own. */
export function requireModel(provider: string): void {
  if (provider !== ANALYST) return;
  throw new UserError(
    'no-model',
    'The built-in analyst is no AI model: it does what some bundled workflows ask of it, and no task of your own. A model does, once it is set up and chosen.',
  );
}
