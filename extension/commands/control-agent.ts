import * as vscode from 'vscode';
import type { Json, JsonObject } from '../protocol/json.ts';
import { type Check, loadCheck } from './ask-field.ts';
import { agrees, controlRun } from './control-run.ts';
import { type FoundAgent, findAgent, type Pointed } from './pick-agent.ts';
import { plain } from './plain-text.ts';
import { inOneLine } from './schema-fields.ts';
import { textStep } from './steps.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust } from './workspaces.ts';

const NONE_AT_WORK = 'No agent of the run is at work.';

/** Ends an agent once the person has agreed. Without a place they pick one; so with all below. */
export async function stopAgent(bench: Workbench, at: Pointed = {}): Promise<void> {
  requireTrust();
  const question = {
    placeHolder: 'Which agent should stop?',
    states: ['working', 'waiting'],
    none: NONE_AT_WORK,
  } as const;
  const agent = await findAgent(bench, question, at);
  if (!agent) return;
  const lost = agent.node.info.added ? 'It has no answer then' : 'The script gets null in place of its answer';
  const detail = `${lost}, and what it has used so far is spent.`;
  if (!(await agrees(`Stop the agent “${agent.label}”?`, detail, 'Stop'))) return;
  await controlRun(bench, agent.found.summary.run.id, { action: 'stop-agent', ...agent.on });
}

/** Lets the script go on without an agent, or with what the person gives in its place. */
export async function skipAgent(bench: Workbench, at: Pointed = {}): Promise<void> {
  requireTrust();
  const question = {
    placeHolder: 'Which agent should be skipped?',
    states: ['working', 'waiting'],
    none: NONE_AT_WORK,
  } as const;
  const agent = await findAgent(bench, question, at);
  if (!agent) return;
  const schema = schemaOf(agent);
  const check = schema ? await loadCheck() : null;
  const typed = await textStep({
    title: `Skip Agent: ${agent.label}`,
    step: 1,
    steps: 1,
    prompt: `${ends(agent)}${agent.node.info.added ? 'What is its answer instead?' : 'What should the script get in its place?'} Empty: null, and the run counts it as skipped.`,
    placeholder: schema ? 'JSON by the schema of the agent; empty for null' : 'Text; empty for null',
    validate: (text) => {
      const read = readAnswer(text, schema, check);
      return read.ok ? undefined : { message: read.problem, severity: vscode.InputBoxValidationSeverity.Error };
    },
  });
  if (typed.type !== 'next') return;
  const read = readAnswer(typed.value, schema, check);
  const value = read.ok && read.value !== undefined ? { value: read.value } : {};
  await controlRun(bench, agent.found.summary.run.id, { action: 'skip-agent', ...agent.on, ...value });
}

/** What cannot be undone is said before it is done. */
function ends({ node }: FoundAgent): string {
  return node.state === 'working' ? 'The agent is at work: that ends, and what it has used so far is spent. ' : '';
}

function schemaOf({ found, on }: FoundAgent): JsonObject | null {
  return found.workspace.runs.details(found.summary.run.id, on.call).options.schema ?? null;
}

type Read = { ok: true; value: Json | undefined } | { ok: false; problem: string };

/** What stands for an agent's answer: an object by its schema, or the text of one that has none. */
export function readAnswer(typed: string, schema: JsonObject | null, check: Check | null): Read {
  if (typed.trim() === '') return { ok: true, value: undefined };
  if (!schema) return { ok: true, value: typed };
  let value: Json;
  try {
    value = JSON.parse(typed) as Json;
  } catch (error) {
    return { ok: false, problem: `This is not JSON yet: ${error instanceof Error ? error.message : String(error)}` };
  }
  const problems = check?.(schema, value) ?? null;
  return problems === null ? { ok: true, value } : { ok: false, problem: plain(inOneLine(problems)) };
}

/** Has an agent begin anew; one that has failed is asked again. */
export async function retryAgent(bench: Workbench, at: Pointed = {}): Promise<void> {
  requireTrust();
  const question = {
    placeHolder: 'Which agent should begin anew?',
    states: ['failed', 'skipped', 'stopped', 'working'],
    none: 'No agent of the run is at work or has failed.',
  } as const;
  const agent = await findAgent(bench, question, at);
  if (agent) await controlRun(bench, agent.found.summary.run.id, { action: 'retry-agent', ...agent.on });
}

/** Says something to an agent at work; it hears it before its next turn. */
export async function messageAgent(bench: Workbench, at: Pointed = {}): Promise<void> {
  requireTrust();
  const question = { placeHolder: 'Which agent?', states: ['working'], none: NONE_AT_WORK } as const;
  const agent = await findAgent(bench, question, at);
  if (!agent) return;
  const typed = await textStep({
    title: `Send Message: ${agent.label}`,
    step: 1,
    steps: 1,
    prompt: 'The agent reads it before its next turn.',
    placeholder: 'Such as: leave out the generated files',
    validate: (text) =>
      text.trim() ? undefined : { message: 'Say something.', severity: vscode.InputBoxValidationSeverity.Info },
  });
  if (typed.type !== 'next' || !typed.value.trim()) return;
  const text = typed.value.trim();
  await controlRun(bench, agent.found.summary.run.id, { action: 'message-agent', ...agent.on, text });
}
