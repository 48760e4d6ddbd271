import type * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { keyWords } from './model-words.ts';
import { sayKept } from './say-kept.ts';
import { textStep } from './steps.ts';

const SECRET = 'counterpoint.anthropicKey';

/** The key for Anthropic's API. It lives in the environment or in VS Code's secret storage, and nowhere else. */
export interface AnthropicKey {
  exists(): Promise<boolean>;
  /** @throws UserError where there is none. */
  read(): Promise<string>;
  /** Asks for a key and keeps it. False where the person turned away. */
  ask(): Promise<boolean>;
}

/** A key that the person stored goes before the environment's. */
export function createAnthropicKey(secrets: vscode.SecretStorage, environment: NodeJS.ProcessEnv): AnthropicKey {
  const find = async () => (await secrets.get(SECRET)) || environment.ANTHROPIC_API_KEY || undefined;
  return {
    exists: async () => (await find()) !== undefined,
    async read() {
      const key = await find();
      if (key) return key;
      throw new UserError(
        'no-key',
        'There is no Anthropic API key. Set one with “Counterpoint: Set Anthropic API Key…”, or ANTHROPIC_API_KEY in the environment.',
      );
    },
    async ask() {
      const entered = await textStep({
        title: 'Set Anthropic API Key',
        step: 1,
        steps: 1,
        prompt: 'It is kept in the secret storage of VS Code. An empty key removes the one that is stored.',
        placeholder: 'sk-ant-…',
        password: true,
      });
      if (entered.type !== 'next') return false;
      const key = entered.value.trim();
      const had = Boolean(await secrets.get(SECRET));
      if (key) await secrets.store(SECRET, key);
      else await secrets.delete(SECRET);
      sayKept('key', keyWords({ had, has: key !== '', inEnvironment: Boolean(environment.ANTHROPIC_API_KEY) }));
      return key !== '';
    },
  };
}
