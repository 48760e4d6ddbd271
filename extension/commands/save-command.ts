import { basename } from 'node:path';
import * as vscode from 'vscode';
import { showText } from '../panel/documents.ts';
import { slug } from '../planner/plan-name.ts';
import { UserError } from '../protocol/errors.ts';
import { workflowNameOf } from '../protocol/run-events.ts';
import type { WorkflowEntry } from '../runs/run-service.ts';
import type { WorkflowToSave } from '../runs/save-workflow.ts';
import type { SaveArgument } from './command-arguments.ts';
import { agrees } from './control-run.ts';
import { showFailure } from './failure.ts';
import type { Pointed } from './pick-agent.ts';
import { pickScript } from './pick-script.ts';
import { plain } from './plain-text.ts';
import { textOf } from './preview-session.ts';
import { folderOf } from './run-commands.ts';
import { nameWords, placeWords } from './save-words.ts';
import { scriptAt } from './script-at.ts';
import { activeScript } from './script-editor.ts';
import { type Asker, askInSteps, pickStep, type StepPlace, textStep } from './steps.ts';
import type { Workbench } from './workbench.ts';
import { type OpenWorkspace, requireTrust } from './workspaces.ts';

const TITLE = 'Save as Command';

/** A script that is to be kept, and where it is from. */
interface Source {
  text: string;
  /** What it calls itself. */
  name: string;
  workspace: OpenWorkspace;
}

/**
 * Keeps a script under a name that it is run by: the one that was pointed at, the active run's or editor's, or one that the person
 * picks. Gives its path; undefined where they turned away.
 */
export async function saveCommand(bench: Workbench, at: Pointed): Promise<string | undefined> {
  requireTrust();
  const source = await sourceOf(bench, at);
  if (!source) return undefined;
  const asked = await askForPlace(source);
  if (!asked) return undefined;
  const path = await saveOrReplace(source, asked);
  if (path === undefined) return undefined;
  bench.views.refresh();
  await showText(vscode.Uri.file(path), 1, 1);
  tellHow(asked.name, path);
  return path;
}

/** As `saveCommand`, for whoever says all of it. @throws UserError `name-taken`, `bad-arguments`; ScriptRefusedError. */
export async function saveNamed(bench: Workbench, { script, ...save }: SaveArgument): Promise<string | undefined> {
  requireTrust();
  const folder = await bench.workspaces.choose();
  if (!folder) return undefined;
  const { runs } = await bench.workspaces.open(folder);
  const { text } = await runs.locate(script);
  const { saveWorkflow } = await import('../runs/save-workflow.ts');
  const path = await saveWorkflow({ workspace: runs.workspace }, { ...save, text });
  bench.views.refresh();
  return path;
}

async function sourceOf(bench: Workbench, at: Pointed): Promise<Source | undefined> {
  const runId = at.runId ?? (at.workflow || at.uri?.scheme === 'file' ? undefined : bench.panels.active());
  if (runId !== undefined) {
    const { workspace, summary } = await bench.workspaces.find(runId);
    return { text: workspace.runs.script(runId), name: workflowNameOf(summary.run), workspace };
  }
  const pointed = await scriptAt(bench, at);
  const document = pointed ? undefined : activeScript();
  const folder = await folderOf(bench, pointed);
  if (!folder) return undefined;
  const workspace = await bench.workspaces.open(folder);
  // Unsaved, untitled or as it once ran: what is read there is what is kept.
  if (document) return named(document.getText(), document.uri, workspace);
  const script = pointed ?? (await pick(workspace));
  if (!script) return undefined;
  const uri = vscode.Uri.file(script.path);
  return named(await textOf(uri), uri, workspace);
}

async function pick(workspace: OpenWorkspace) {
  const place = { title: TITLE, step: 1, steps: 1 };
  const picked = await pickScript(workspace, place, {
    placeholder: 'Which script should be kept?',
    openLabel: 'Choose',
  });
  return picked.type === 'next' ? picked.value : undefined;
}

/** @throws ScriptRefusedError where it is none: such a command could never run. */
async function named(text: string, uri: vscode.Uri, workspace: OpenWorkspace): Promise<Source> {
  const { readScript } = await import('../dialect/read-script.ts');
  return { text, name: readScript(text).meta.name || basename(uri.path, '.js'), workspace };
}

type Place = Pick<WorkflowToSave, 'name' | 'to'>;

async function askForPlace({ name: called, workspace }: Source): Promise<Place | undefined> {
  const entries = await workspace.runs.workflows();
  const { workflowNameProblem } = await import('../runs/save-workflow.ts');
  let name = workflowNameProblem(called) === null ? called : slug(called);
  let to: Place['to'] = 'project';
  const askers: Asker[] = [
    async (place) => {
      const typed = await askName(name, entries, workflowNameProblem, place);
      if (typed.type === 'next') name = typed.value.trim();
      return typed;
    },
    async (place) => {
      const picked = await pickStep({
        ...place,
        placeholder: `Where should /${name} lie?`,
        items: [
          { label: '$(folder) Project', detail: placeWords(name, 'project', entries), to: 'project' as const },
          { label: '$(home) User', detail: placeWords(name, 'user', entries), to: 'user' as const },
        ],
        active: (item) => item.to === to,
      });
      if (picked.type === 'next') to = picked.value.to;
      return picked;
    },
  ];
  return (await askInSteps(TITLE, () => askers)) ? { name, to } : undefined;
}

function askName(
  value: string,
  entries: readonly WorkflowEntry[],
  problemOf: (name: string) => string | null,
  place: StepPlace,
) {
  const severity = vscode.InputBoxValidationSeverity;
  return textStep({
    ...place,
    prompt: 'The name that it is run by',
    placeholder: 'audit-errors',
    value,
    validate: (text) => {
      const problem = problemOf(text.trim());
      if (problem !== null) return { message: problem, severity: severity.Error };
      const { message, taken } = nameWords(text.trim(), entries);
      return { message, severity: taken ? severity.Warning : severity.Info };
    },
  });
}

/** Asks before what lies there is lost. Undefined where the person would rather keep it. */
async function saveOrReplace({ text, workspace }: Source, { name, to }: Place): Promise<string | undefined> {
  const { saveWorkflow } = await import('../runs/save-workflow.ts');
  const save = (replace: boolean) => saveWorkflow({ workspace: workspace.runs.workspace }, { text, name, to, replace });
  try {
    return await save(false);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'name-taken') throw error;
  }
  const whose = to === 'project' ? 'The project has' : 'You have';
  const detail = `${whose} another workflow of this name. Its text will be lost.`;
  return (await agrees(`Replace /${name}?`, detail, 'Replace')) ? save(true) : undefined;
}

function tellHow(name: string, path: string): void {
  const message = `Saved as /${plain(name, 64)}. Run it with “Run Workflow…”, with “@counterpoint /run ${plain(name, 64)}” in the chat, or with “counterpoint run ${plain(name, 64)}”.`;
  void vscode.window.showInformationMessage(message, 'Run…').then((chosen) => {
    if (chosen)
      void vscode.commands
        .executeCommand('counterpoint.runWorkflow', vscode.Uri.file(path))
        .then(undefined, showFailure);
  });
}
