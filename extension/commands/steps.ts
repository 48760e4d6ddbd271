import * as vscode from 'vscode';

/** What a person did in one step of a question in several parts. */
export type Step<T> = { type: 'next'; value: T } | { type: 'back' } | { type: 'cancel' };

export interface StepPlace {
  title: string;
  step: number;
  steps: number;
}

export interface PickOptions<T extends vscode.QuickPickItem> extends StepPlace {
  placeholder: string;
  /** A line above the list. */
  prompt?: string;
  items: readonly T[];
  active?: (item: T) => boolean;
  onButton?: (item: T) => void;
}

/** Shows a list. Resolves with the chosen item, or with how the person left. */
export function pickStep<T extends vscode.QuickPickItem>(options: PickOptions<T>): Promise<Step<T>> {
  const input = vscode.window.createQuickPick<T>();
  input.placeholder = options.placeholder;
  input.prompt = options.prompt;
  input.matchOnDescription = true;
  input.matchOnDetail = true;
  input.items = options.items;
  const active = options.items.filter((item) => options.active?.(item) ?? false);
  // With none the first would not be taken by Enter.
  if (active.length > 0) input.activeItems = active;
  input.onDidTriggerItemButton(({ item }) => options.onButton?.(item));
  return runStep(input, options, () => input.selectedItems[0]);
}

export interface TextOptions extends StepPlace {
  prompt: string;
  placeholder: string;
  value?: string;
  password?: boolean;
  /** Said while typing: an error keeps the step from ending, anything else informs. */
  validate?: (text: string) => vscode.InputBoxValidationMessage | undefined;
}

/** Asks for a line of text. */
export function textStep(options: TextOptions): Promise<Step<string>> {
  const input = vscode.window.createInputBox();
  input.prompt = options.prompt;
  input.placeholder = options.placeholder;
  input.value = options.value ?? '';
  input.password = options.password ?? false;
  const check = () => {
    const said = options.validate?.(input.value);
    input.validationMessage = said;
    return said?.severity !== vscode.InputBoxValidationSeverity.Error;
  };
  input.onDidChangeValue(check);
  // Of what somebody has not begun to type nothing is wrong yet.
  if (input.value !== '') check();
  return runStep(input, options, () => (check() ? input.value : undefined));
}

/** Asks for one part of the whole, at its place among the others, and keeps what it was told. */
export type Asker = (place: StepPlace) => Promise<Step<unknown>>;

/**
 * Asks one thing after the other, and goes back as often as the person likes.
 * @param askers Read anew before each step, for what was answered may bring further questions.
 * @returns False where the person turned away.
 */
export async function askInSteps(title: string, askers: () => Asker[]): Promise<boolean> {
  for (let at = 0; ; ) {
    const all = askers();
    const ask = all[at];
    if (!ask) return true;
    const { type } = await ask({ title, step: at + 1, steps: all.length });
    if (type === 'cancel') return false;
    at = type === 'next' ? at + 1 : Math.max(0, at - 1);
  }
}

type StepInput = vscode.QuickInput & {
  buttons: readonly vscode.QuickInputButton[];
  onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
  onDidAccept: vscode.Event<void>;
};

/** @param accepted What accepting gives; undefined where there is nothing to accept yet. */
function runStep<T>(input: StepInput, place: StepPlace, accepted: () => T | undefined): Promise<Step<T>> {
  input.title = place.title;
  if (place.steps > 1) {
    input.step = place.step;
    input.totalSteps = place.steps;
  }
  input.ignoreFocusOut = true;
  if (place.step > 1) input.buttons = [vscode.QuickInputButtons.Back];
  return new Promise((resolve) => {
    const end = (step: Step<T>) => {
      resolve(step);
      input.dispose();
    };
    input.onDidAccept(() => {
      const value = accepted();
      if (value !== undefined) end({ type: 'next', value });
    });
    input.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) end({ type: 'back' });
    });
    input.onDidHide(() => end({ type: 'cancel' }));
    input.show();
  });
}
