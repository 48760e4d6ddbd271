import * as vscode from 'vscode';
import { addressProblem, serverWords } from './model-words.ts';
import { sayKept } from './say-kept.ts';
import { type Asker, askInSteps, textStep } from './steps.ts';

const SETTING = 'compatibleBaseUrl';
const TITLE = 'Set Model Server';

/** A server of the Messages API that the person named. Its address is a setting; its key lives in VS Code's secret storage, and nowhere else. */
export interface ModelServer {
  /** Undefined where none was named. */
  address(): string | undefined;
  /** The key that was given for this very address. */
  key(address: string): Promise<string | undefined>;
  /** Asks for both and keeps them; an empty address forgets the server and its key. False where there is none then, or the person turned away. */
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
      const known = address();
      const given = { address: known ?? '', key: '' };
      if (!(await askInSteps(TITLE, () => askers(given, known !== undefined)))) return false;
      const settings = vscode.workspace.getConfiguration('counterpoint');
      const isForgotten = given.address === '';
      await settings.update(SETTING, isForgotten ? undefined : given.address, vscode.ConfigurationTarget.Global);
      const secret = secretOf(isForgotten ? (known ?? '') : given.address);
      if (given.key && !isForgotten) await secrets.store(secret, given.key);
      else await secrets.delete(secret);
      sayKept('server', isForgotten ? serverWords(null, false) : serverWords(given.address, given.key !== ''));
      return !isForgotten;
    },
  };
}

/** @param isKnown Whether there is a server, which may be forgotten. */
function askers(given: { address: string; key: string }, isKnown: boolean): Asker[] {
  const forget = isKnown ? '. An empty address forgets the server and its key.' : '';
  const askAddress: Asker = async (place) => {
    const typed = await textStep({
      ...place,
      prompt: `The address of a server of the Messages API (llama.cpp, Ollama, vLLM, LiteLLM), without /v1${forget}`,
      placeholder: 'http://localhost:11434',
      value: given.address,
      validate: (text) => {
        const problem = isKnown && text.trim() === '' ? null : addressProblem(text);
        return problem ? { message: problem, severity: vscode.InputBoxValidationSeverity.Error } : undefined;
      },
    });
    if (typed.type === 'next') given.address = typed.value.trim().replace(/\/+$/, '');
    return typed;
  };
  const askKey: Asker = async (place) => {
    const typed = await textStep({
      ...place,
      prompt: 'Its key, which is kept in the secret storage of VS Code. Empty where the server wants none.',
      placeholder: '',
      password: true,
    });
    if (typed.type === 'next') given.key = typed.value.trim();
    return typed;
  };
  return isKnown && given.address === '' ? [askAddress] : [askAddress, askKey];
}
