import * as vscode from 'vscode';
import { addressProblem } from './model-words.ts';
import { type Asker, askInSteps, textStep } from './steps.ts';

const SETTING = 'compatibleBaseUrl';
const TITLE = 'Set Model Server';

/** A server of the Messages API that the person named. Its address is a setting; its key lives in VS Code's secret storage, and nowhere else. */
export interface ModelServer {
  /** Undefined where none was named. */
  address(): string | undefined;
  /** The key that was given for this very address. */
  key(address: string): Promise<string | undefined>;
  /** Asks for both and keeps them. False where the person turned away. */
  ask(): Promise<boolean>;
}

export function createModelServer(secrets: vscode.SecretStorage): ModelServer {
  const address = () =>
    vscode.workspace.getConfiguration('counterpoint').get<string>(SETTING, '').trim().replace(/\/+$/, '') || undefined;
  // One key an address: another server must not get it.
  const secretOf = (of: string) => `counterpoint.serverKey ${of}`;
  return {
    address,
    key: async (of) => await secrets.get(secretOf(of)),
    async ask() {
      const given = { address: address() ?? '', key: '' };
      if (!(await askInSteps(TITLE, () => askers(given)))) return false;
      const settings = vscode.workspace.getConfiguration('counterpoint');
      await settings.update(SETTING, given.address, vscode.ConfigurationTarget.Global);
      if (given.key) await secrets.store(secretOf(given.address), given.key);
      else await secrets.delete(secretOf(given.address));
      return true;
    },
  };
}

function askers(given: { address: string; key: string }): Asker[] {
  return [
    async (place) => {
      const typed = await textStep({
        ...place,
        prompt: 'The address of a server of the Messages API (llama.cpp, Ollama, vLLM, LiteLLM), without /v1',
        placeholder: 'http://localhost:11434',
        value: given.address,
        validate: (text) => {
          const problem = addressProblem(text);
          return problem ? { message: problem, severity: vscode.InputBoxValidationSeverity.Error } : undefined;
        },
      });
      if (typed.type === 'next') given.address = typed.value.trim().replace(/\/+$/, '');
      return typed;
    },
    async (place) => {
      const typed = await textStep({
        ...place,
        prompt: 'Its key, which is kept in the secret storage of VS Code. Empty where the server wants none.',
        placeholder: '',
        password: true,
      });
      if (typed.type === 'next') given.key = typed.value.trim();
      return typed;
    },
  ];
}
