import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { plain } from './plain-text.ts';
import { type Asker, askInSteps } from './steps.ts';

const EDIT = 'Edit…';

/**
 * Asks for something in steps and does it. Where that fails for a reason that a person can mend, it is told with a way back to
 * the first step, where all stands as they said it: a task of many words is not to be typed twice.
 * @returns Undefined where the person turned away.
 */
export async function askAndDo<T>(title: string, askers: () => Asker[], act: () => Promise<T>): Promise<T | undefined> {
  for (;;) {
    if (!(await askInSteps(title, askers))) return undefined;
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // Modal, for whoever asked waits for it: a message that slides away would leave them waiting.
      const options = { modal: true, detail: plain(error.message, 600) };
      if ((await vscode.window.showErrorMessage('That did not work.', options, EDIT)) !== EDIT) return undefined;
    }
  }
}
