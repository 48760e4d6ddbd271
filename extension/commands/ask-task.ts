import * as vscode from 'vscode';
import type { AgentType } from '../agents/agent-definitions.ts';
import { plainLabel } from '../protocol/plain-text.ts';
import type { RunService } from '../runs/run-service.ts';
import { plain } from './plain-text.ts';
import { type Asker, pickStep, type Step, type StepPlace, textStep } from './steps.ts';
import { type SelectedText, type TaskDraft, typesToOffer } from './task-draft.ts';

/** What is selected in the active editor, else in the only one in sight that has a selection; null where nothing is. */
export function selectedText(): SelectedText | null {
  const { activeTextEditor: active, visibleTextEditors: visible } = vscode.window;
  const selecting = visible.filter(({ selection, document }) => !selection.isEmpty && document.uri.scheme !== 'output');
  const editor = active && !active.selection.isEmpty ? active : selecting.length === 1 ? selecting[0] : undefined;
  const text = editor?.document.getText(editor.selection) ?? '';
  if (!editor || text.trim() === '') return null;
  const { start, end } = editor.selection;
  // A selection of whole lines ends before the first character of the next.
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  const lines = last === start.line + 1 ? `line ${last}` : `lines ${start.line + 1} to ${last}`;
  return { text, place: `${plain(vscode.workspace.asRelativePath(editor.document.uri), 120)}, ${lines}` };
}

export interface TaskWords {
  /** Above the line that is typed. */
  prompt: string;
}

/** Asks what an agent should do: in a line, where something is selected also about that, or with that as the task. */
export function taskAsker(draft: TaskDraft, selected: SelectedText | null, words: TaskWords): Asker {
  return async (place) => {
    for (;;) {
      if (selected) {
        const picked = await pickSource(draft, selected, place);
        if (picked.type !== 'next') return picked;
        draft.selection = picked.value.source;
        if (draft.selection === 'task') return picked;
      }
      const typed = await typeTask(draft, selected, place, words);
      if (typed.type === 'next') draft.typed = typed.value;
      if (typed.type !== 'back' || !selected) return typed;
    }
  };
}

type SourceItem = vscode.QuickPickItem & { source: TaskDraft['selection'] };

function pickSource(draft: TaskDraft, { text, place: of }: SelectedText, place: StepPlace): Promise<Step<SourceItem>> {
  return pickStep<SourceItem>({
    ...place,
    placeholder: 'What should the agent do?',
    items: [
      { label: '$(edit) Type a task…', source: 'none' },
      { label: '$(list-selection) Type a task about the selected text…', description: of, source: 'about' },
      {
        label: '$(note) Use the selected text of the editor as the task',
        description: of,
        detail: plainLabel(text, 160),
        source: 'task',
      },
    ],
    active: ({ source }) => source === draft.selection,
  });
}

function typeTask(
  { typed, selection }: TaskDraft,
  selected: SelectedText | null,
  place: StepPlace,
  { prompt }: TaskWords,
): Promise<Step<string>> {
  const about =
    selection === 'about' && selected ? ` It gets the selected text, of ${selected.place}, with the task.` : '';
  return textStep({
    ...place,
    prompt: `${prompt}${about}`,
    placeholder: 'Such as: find out who still calls parseDate, and what would break without it',
    value: typed,
    validate: (text) =>
      text.trim()
        ? undefined
        : { message: 'Say what it should do.', severity: vscode.InputBoxValidationSeverity.Error },
  });
}

/** Asks which kind of agent it should be; nothing where the project and the person have defined none. */
export async function typeAskers(draft: TaskDraft, runs: RunService): Promise<Asker[]> {
  const { defined, ours } = typesToOffer((await runs.agentTypes()).list());
  if (defined.length === 0) return [];
  return [
    async (place) => {
      const picked = await pickStep<TypeItem>({
        ...place,
        placeholder: 'Which kind of agent?',
        items: [
          { label: 'Default', detail: 'Any task, with all tools of the run.', agentType: null },
          section('defined here'),
          ...defined.map(typeItem),
          section('Counterpoint'),
          ...ours.map(typeItem),
        ],
        active: ({ agentType }) => agentType === draft.agentType,
      });
      if (picked.type === 'next') draft.agentType = picked.value.agentType ?? null;
      return picked;
    },
  ];
}

type TypeItem = vscode.QuickPickItem & { agentType?: string | null };

/** A definition is foreign text, in its name as in what it says of itself. */
function typeItem({ name, description }: AgentType): TypeItem {
  return { label: plainLabel(name, 80), detail: plainLabel(description, 160), agentType: name };
}

function section(label: string): TypeItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
