import type * as vscode from 'vscode';
import type { AnthropicKey } from './anthropic-key.ts';
import { pickStep, type Step, type StepPlace, textStep } from './steps.ts';

/** Who answers the agents. */
export interface ChosenModel {
  provider: string;
  /** Absent: the provider's default. */
  model?: string;
}

type Item = vscode.QuickPickItem & { does: ChosenModel | 'set-key' | 'other-model' };

const ANALYST: Item = {
  label: '$(search) built-in analyst (no AI model)',
  detail: 'Needs no key and no network. It understands the bundled workflows only.',
  does: { provider: 'builtin' },
};
const ALIASES = [
  ['opus', 'the most capable'],
  ['sonnet', 'the balance of speed and strength'],
  ['haiku', 'the fastest and cheapest'],
] as const;

/** @param last Chosen the last time, offered first. */
export async function pickModel(
  key: AnthropicKey,
  last: ChosenModel | undefined,
  place: StepPlace,
): Promise<Step<ChosenModel>> {
  for (;;) {
    const picked = await pickStep<Item>({
      ...place,
      placeholder: 'Who should answer the agents that name no model?',
      items: [ANALYST, ...((await key.exists()) ? anthropicItems() : [setKeyItem()])],
      active: ({ does }) => typeof does === 'object' && does.provider === last?.provider && does.model === last.model,
    });
    if (picked.type !== 'next') return picked;
    const { does } = picked.value;
    if (typeof does === 'object') return { type: 'next', value: does };
    if (does === 'set-key') await key.ask();
    else {
      const named = await askModel(place);
      if (named.type !== 'back') return named;
    }
  }
}

function anthropicItems(): Item[] {
  const named = ALIASES.map(([model, detail]) => ({
    label: `$(sparkle) Claude ${model[0]?.toUpperCase()}${model.slice(1)}`,
    description: 'Anthropic',
    detail,
    does: { provider: 'anthropic', model },
  }));
  return [...named, { label: '$(edit) Other Anthropic model…', does: 'other-model' }];
}

function setKeyItem(): Item {
  return {
    label: '$(key) Set Anthropic API key…',
    detail: 'To let Claude answer. The key is kept in the secret storage of VS Code.',
    does: 'set-key',
  };
}

async function askModel(place: StepPlace): Promise<Step<ChosenModel>> {
  const typed = await textStep({
    ...place,
    prompt: 'The name of the model, as Anthropic writes it',
    placeholder: 'claude-…',
  });
  if (typed.type !== 'next') return typed;
  const model = typed.value.trim();
  return model ? { type: 'next', value: { provider: 'anthropic', model } } : { type: 'back' };
}
