import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { escapedMarkdown } from '../protocol/plain-text.ts';
import type { WorkflowEntry } from '../runs/run-service.ts';
import { defaultArgs } from './args-draft.ts';
import { parseArgsText } from './args-text.ts';
import { nameAndRest, planMarkdown, previewMarkdown, workflowsMarkdown } from './chat-words.ts';
import { showFailure } from './failure.ts';
import type { ChosenModel } from './pick-model.ts';
import { keepPlan } from './plan-workflow.ts';
import { makePreview } from './planning.ts';
import { askModel, lastModel } from './run-workflow.ts';
import type { Workbench } from './workbench.ts';
import { REVIEW, RUN } from './workflow-links.ts';
import { type OpenWorkspace, requireTrust, type TrustedWorkspace } from './workspaces.ts';

const PARTICIPANT = 'counterpoint.chat';

/** The participant `@counterpoint`; nothing where VS Code has no chat, or keeps it off. */
export function registerChat(bench: Workbench): vscode.Disposable {
  const chat: Partial<typeof vscode.chat> | undefined = vscode.chat;
  if (!chat?.createChatParticipant) return vscode.Disposable.from();
  try {
    const participant = chat.createChatParticipant(PARTICIPANT, chatHandler(bench));
    participant.iconPath = new vscode.ThemeIcon('type-hierarchy');
    return participant;
  } catch (error) {
    // An editor that takes no participants has every command all the same.
    console.warn('Counterpoint: there is no chat here.', error);
    return vscode.Disposable.from();
  }
}

/** Without a command a prompt is a goal. What fails is said in the answer. */
export function chatHandler(bench: Workbench): vscode.ChatRequestHandler {
  return async ({ command, prompt }, _context, stream, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    try {
      const folder = await bench.workspaces.choose();
      if (!folder) return;
      const workspace = await bench.workspaces.open(folder);
      if (command === 'workflows') await tellWorkflows(workspace, stream);
      else if (command === 'preview') await tellPreview(bench, workspace, prompt, stream, stop.signal);
      else if (command === 'run') await tellRun(bench, { ...workspace, ...requireTrust() }, prompt, stream);
      else await tellPlan(bench, { ...workspace, ...requireTrust() }, prompt, stream, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) tellFailure(error, stream);
    }
  };
}

async function tellPlan(
  bench: Workbench,
  workspace: TrustedWorkspace,
  goal: string,
  stream: vscode.ChatResponseStream,
  signal: AbortSignal,
): Promise<void> {
  const model = await modelOrAsk(bench);
  if (!model) return stream.markdown('Nothing was planned: no model was chosen.');
  stream.progress('Planning…');
  const onProgress = (words: string) => stream.progress(words);
  const kept = await keepPlan(bench, workspace, { goal, size: 'auto', ...model, signal, onProgress });
  stream.markdown(planMarkdown(kept.plan));
  const { plan, script } = kept;
  const wanted = { script, ...model, ...(plan.args !== undefined && { args: plan.args }) };
  stream.reference(vscode.Uri.file(script));
  stream.button({ command: REVIEW, title: 'Review and Run…', arguments: [wanted] });
  stream.button({
    command: 'counterpoint.saveWorkflow',
    title: 'Save as Command…',
    arguments: [vscode.Uri.file(script)],
  });
}

async function tellRun(
  bench: Workbench,
  workspace: TrustedWorkspace,
  prompt: string,
  stream: vscode.ChatResponseStream,
): Promise<void> {
  const { name, rest } = nameAndRest(prompt);
  const entry = await entryOf(workspace, name);
  const args = argsOf(entry, rest);
  const model = await modelOrAsk(bench);
  if (!model) return stream.markdown('Nothing was started: no model was chosen.');
  stream.markdown(`**/${escapedMarkdown(entry.name, 64)}** is previewed, and you are asked where it has to be asked.`);
  const wanted = { script: entry.path, ...model, ...(args !== undefined && { args }) };
  // The screen that asks may stay open for long, and the answer of a chat may not.
  void Promise.resolve(vscode.commands.executeCommand(RUN, wanted)).catch(showFailure);
}

async function tellPreview(
  bench: Workbench,
  workspace: OpenWorkspace,
  prompt: string,
  stream: vscode.ChatResponseStream,
  signal: AbortSignal,
): Promise<void> {
  const { name, rest } = nameAndRest(prompt);
  const entry = await entryOf(workspace, name);
  const args = argsOf(entry, rest);
  const model = lastModel(bench.memory) ?? { provider: 'builtin' };
  stream.progress(`Previewing ${entry.name}…`);
  const wanted = { script: entry.path, ...model, ...(args !== undefined && { args }) };
  const { preview } = await makePreview(workspace, { ...wanted, signal });
  stream.markdown(`**/${escapedMarkdown(entry.name, 64)}**\n\n${previewMarkdown(preview)}`);
  stream.button({ command: 'counterpoint.previewWorkflow', title: 'Show Preview', arguments: [entry.path] });
  if (vscode.workspace.isTrusted) stream.button({ command: REVIEW, title: 'Review and Run…', arguments: [wanted] });
}

async function tellWorkflows({ runs }: OpenWorkspace, stream: vscode.ChatResponseStream): Promise<void> {
  stream.markdown(workflowsMarkdown(await runs.workflows()));
}

/** @throws UserError that names those that there are. */
async function entryOf({ runs }: OpenWorkspace, name: string): Promise<WorkflowEntry> {
  const entries = await runs.workflows();
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry) return entry;
  const known = entries.map((candidate) => candidate.name).join(', ');
  const what = name === '' ? 'Say which workflow' : `There is no workflow ${JSON.stringify(name)}`;
  throw new UserError('script-not-found', `${what}. There are: ${known}.`);
}

function argsOf(entry: WorkflowEntry, typed: string) {
  const read = parseArgsText(typed);
  if (!read.ok) throw new UserError('bad-arguments', read.problem);
  return read.args ?? defaultArgs(entry.args);
}

/** The model that was chosen last, else one that the person picks now. */
async function modelOrAsk(bench: Workbench): Promise<ChosenModel | undefined> {
  const last = lastModel(bench.memory);
  if (last) return last;
  const picked = await askModel(bench, { title: 'Counterpoint: Model', step: 1, steps: 1 });
  return picked.type === 'next' ? picked.value : undefined;
}

function tellFailure(error: unknown, stream: vscode.ChatResponseStream): void {
  stream.markdown(escapedMarkdown(error instanceof Error ? error.message : String(error), 1_000));
  const code = error instanceof UserError ? error.code : undefined;
  if (code === 'not-trusted') stream.button({ command: 'workbench.trust.manage', title: 'Manage Workspace Trust' });
  if (code === 'no-key') stream.button({ command: 'counterpoint.setAnthropicKey', title: 'Set API Key…' });
}
