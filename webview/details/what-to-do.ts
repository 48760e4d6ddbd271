import type { FailureCause, RunStatus } from '../../extension/protocol/run-events.ts';

/** What stands behind each cause, and what can be done about it beside asking again. */
const HINTS: Record<FailureCause['kind'], string> = {
  refused: 'The model, or its API, will not do this as it is asked. Another prompt or another model may get further.',
  'retries-exhausted': 'The provider gave no answer, however often it was asked. It may do so later.',
  schema:
    'The model did not manage to answer in the form that is asked for. A simpler schema, or more effort, may help.',
  turns: 'It came to no result. A narrower task, or a hint by “Message…” while it works, may help.',
  tokens: 'It used up the output tokens that one agent may use. The limit can be raised with a fork.',
  context:
    'What it was told, or has found, is too much for its model. Less to do, or a model with a larger window, helps.',
  'bad-request': 'What the script asks for can never work; the script has to be mended.',
  cap: 'The run has asked for as many agents as it may. The cap can be raised.',
  budget: 'The run has spent what it may. The cap can be raised.',
  timeout: 'It took longer than an agent may. The limit can be raised with a fork.',
  stopped: 'It was ended before it had an answer.',
  skipped: 'A person had the script go on without it.',
  tool: 'The tool refused; what is said above is what the script was told.',
  workflow: 'The script that was to be called cannot run.',
  internal: 'This is a defect of the runtime, not of the agent.',
};

const NO_ENTRY = 'The provider does not accept the key, or does not allow it this model: set another key.';

/** What was asked may be asked again, but nothing is gained where only a new script helps. */
const BY_SCRIPT: FailureCause['kind'][] = ['bad-request', 'workflow'];

/** What a person can do about an agent that has no answer, in words. */
export function whatToDo({ kind, status: http }: FailureCause, status: RunStatus): string {
  const hint = http === 401 || http === 403 ? NO_ENTRY : HINTS[kind];
  return `${hint} ${wayOf(kind, status)}`;
}

function wayOf(kind: FailureCause['kind'], status: RunStatus): string {
  const byScript = BY_SCRIPT.includes(kind);
  switch (status) {
    case 'running':
      return byScript
        ? '“Replace script…” goes on with another; what is finished stays.'
        : '“Retry” asks it again, and the script takes its answer.';
    case 'completed':
    case 'created':
      return '“Fork…” starts a run that takes over what was finished.';
    default:
      return byScript
        ? '“Fork…” starts a run with another script that takes over what was finished.'
        : '“Resume” asks it again; “Fork…” does so in a run of its own, from any point.';
  }
}
