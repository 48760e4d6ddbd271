import { writeFileSync } from 'node:fs';
import { type HostResult, lineOf, runTests } from '../runner.ts';
import { ADDED_AGENT_TESTS } from './added-agent-tests.ts';
import { APPROVAL_TESTS } from './approval-tests.ts';
import { CHECKPOINT_TESTS } from './checkpoint-tests.ts';
import { COMMAND_TESTS } from './command-tests.ts';
import { GOAL_TESTS } from './goal-tests.ts';
import { LANGUAGE_TESTS } from './language-tests.ts';
import { MODEL_TESTS } from './model-tests.ts';
import { OTHER_SCRIPT_TESTS } from './other-script-tests.ts';
import { PANEL_TESTS } from './panel-tests.ts';
import { PERMISSION_TESTS } from './permission-tests.ts';
import { SERVER_TESTS } from './server-tests.ts';
import { STEERING_TESTS } from './steering-tests.ts';
import { TAKE_OVER_TESTS } from './take-over-tests.ts';
import { VIEWS_TESTS } from './views-tests.ts';

const LIMIT_MS = 30_000;

/** What VS Code calls in the extension host, under every launcher. */
export async function run(): Promise<void> {
  const results: HostResult[] = [];
  await runTests(
    [
      ...COMMAND_TESTS,
      ...APPROVAL_TESTS,
      ...OTHER_SCRIPT_TESTS,
      ...MODEL_TESTS,
      ...LANGUAGE_TESTS,
      ...GOAL_TESTS,
      ...PANEL_TESTS,
      ...STEERING_TESTS,
      ...ADDED_AGENT_TESTS,
      ...CHECKPOINT_TESTS,
      ...PERMISSION_TESTS,
      ...SERVER_TESTS,
      ...TAKE_OVER_TESTS,
      ...VIEWS_TESTS,
    ],
    LIMIT_MS,
    (result) => {
      results.push(result);
      console.log(lineOf(result));
    },
  );
  // A launcher that finds no such file knows that VS Code did not come this far.
  writeFileSync(resultsFile(), JSON.stringify(results));
  if (results.some((result) => result.failure !== undefined)) throw new Error('Tests failed.');
}

function resultsFile(): string {
  const file = process.env.COUNTERPOINT_HOST_RESULTS;
  if (!file) throw new Error('COUNTERPOINT_HOST_RESULTS names no file.');
  return file;
}
