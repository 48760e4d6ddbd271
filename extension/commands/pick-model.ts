import * as vscode from 'vscode';
import type { EditorModel } from '../models/vscode.ts';
import { EDITOR_PROVIDER } from '../models/vscode-wire.ts';
import type { AnthropicKey } from './anthropic-key.ts';
import type { ModelServer } from './model-server.ts';
import { plain } from './plain-text.ts';
import { pickStep, type Step, type StepPlace, textStep } from './steps.ts';

/** Who answers the agents. */
export interface ChosenModel {
  provider: string;
  /** Absent: the provider's default. */
  model?: string;
}

/** What is set up already. */
export interface ModelSources {
  key: AnthropicKey;
  server: ModelServer;
}

type Item = vscode.QuickPickItem & {
  does?: ChosenModel | 'set-key' | 'set-server' | 'set-up' | { askModelOf: string };
};

const ANALYST: Item = {
  label: '$(search) built-in analyst (no AI model)',
  detail: 'Needs no key and no network. It understands the bundled workflows only.',
  does: { provider: 'builtin' },
};
/** In the place of the analyst, where it will not do. */
const SET_UP: Item[] = [
  section('no model yet?'),
  {
    label: '$(plug) Set Up a Model',
    detail: 'The built-in analyst is no AI model, and cannot do a task of your own.',
    does: 'set-up',
  },
];
const ALIASES = [
  ['opus', 'the most capable'],
  ['sonnet', 'the balance of speed and strength'],
  ['haiku', 'the fastest and cheapest'],
] as const;

/** What is asked for the name of a model, and whose names they are. An empty name is the provider's default. */
const NAMES: Record<string, string> = {
  anthropic: 'The name of the model, as Anthropic writes it',
  bedrock: 'opus, sonnet, haiku, the name of a model of Anthropic, an inference profile or an ARN. Empty: sonnet',
  vertex: 'opus, sonnet, haiku, or the name of a model of Anthropic. Empty: sonnet',
  compatible: 'The name of the model, as the server has it. Empty: the first that it lists',
};

/** What is to be chosen. */
export interface ModelQuestion {
  asks?: string;
  /** It is for a task in a person's own words, which the analyst does not understand. */
  ownTask?: boolean;
}

/** @param last Chosen the last time, offered first. */
export async function pickModel(
  sources: ModelSources,
  last: ChosenModel | undefined,
  place: StepPlace,
  { asks = 'Who should answer the agents that name no model?', ownTask = false }: ModelQuestion = {},
): Promise<Step<ChosenModel>> {
  for (;;) {
    const picked = await pickStep<Item>({
      ...place,
      placeholder: asks,
      items: ownTask ? [...(await modelItems(sources)), ...SET_UP] : [ANALYST, ...(await modelItems(sources))],
      active: ({ does }) => isChosen(does) && does.provider === last?.provider && does.model === last.model,
    });
    if (picked.type !== 'next') return picked;
    const { does } = picked.value;
    if (isChosen(does)) return { type: 'next', value: does };
    if (does === 'set-up') {
      await vscode.commands.executeCommand('counterpoint.setUpModel');
      return { type: 'cancel' };
    }
    if (does === 'set-key') await sources.key.ask();
    else if (does === 'set-server') await sources.server.ask();
    else if (does) {
      const named = await askModel(does.askModelOf, place);
      if (named.type !== 'back') return named;
    }
  }
}

function isChosen(does: Item['does']): does is ChosenModel {
  return typeof does === 'object' && 'provider' in does;
}

async function modelItems({ key, server }: ModelSources): Promise<Item[]> {
  const [hasKey, models] = await Promise.all([key.exists(), modelsOfEditor()]);
  return [
    ...(hasKey ? anthropicItems() : [setKeyItem()]),
    ...(models.length > 0 ? [section('VS Code'), ...models.map(editorItem)] : []),
    section('other providers'),
    {
      label: '$(cloud) Amazon Bedrock…',
      detail: 'Needs AWS_REGION in the environment of VS Code, and AWS credentials.',
      does: { askModelOf: 'bedrock' },
    },
    {
      label: '$(cloud) Google Vertex AI…',
      detail: 'Needs CLOUD_ML_REGION in the environment of VS Code, and Google credentials.',
      does: { askModelOf: 'vertex' },
    },
    ...serverItems(server.address() ?? process.env.ANTHROPIC_BASE_URL),
  ];
}

/** Those of VS Code, where it has any; an editor without them has every other provider all the same. */
async function modelsOfEditor(): Promise<EditorModel[]> {
  const { editorModels } = await import('../models/vscode.ts');
  return editorModels(vscode).catch((error: unknown) => {
    console.warn('Counterpoint: the models of VS Code cannot be listed.', error);
    return [];
  });
}

function section(label: string): Item {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function editorItem({ name, title, vendor }: EditorModel): Item {
  return {
    label: `$(vscode) ${plain(title, 80)}`,
    description: plain(vendor, 40),
    detail: 'VS Code asks once whether it may be used. Tokens are estimated, their cost is not known.',
    does: { provider: EDITOR_PROVIDER, model: name },
  };
}

function serverItems(address: string | undefined): Item[] {
  if (address === undefined)
    return [
      {
        label: '$(server) Set model server…',
        detail: 'llama.cpp, Ollama, vLLM, LiteLLM: any server of the Messages API.',
        does: 'set-server',
      },
    ];
  return [
    { label: `$(server) Model server at ${plain(address, 80)}…`, does: { askModelOf: 'compatible' } },
    { label: '$(edit) Set another model server…', does: 'set-server' },
  ];
}

function anthropicItems(): Item[] {
  const named = ALIASES.map(([model, detail]) => ({
    label: `$(sparkle) Claude ${model[0]?.toUpperCase()}${model.slice(1)}`,
    description: 'Anthropic',
    detail,
    does: { provider: 'anthropic', model },
  }));
  return [...named, { label: '$(edit) Other Anthropic model…', does: { askModelOf: 'anthropic' } }];
}

function setKeyItem(): Item {
  return {
    label: '$(key) Set Anthropic API key…',
    detail: 'To let Claude answer. The key is kept in the secret storage of VS Code.',
    does: 'set-key',
  };
}

async function askModel(provider: string, place: StepPlace): Promise<Step<ChosenModel>> {
  const typed = await textStep({ ...place, prompt: NAMES[provider] ?? '', placeholder: '' });
  if (typed.type !== 'next') return typed;
  const model = typed.value.trim();
  if (model === '' && provider === 'anthropic') return { type: 'back' };
  return { type: 'next', value: { provider, ...(model && { model }) } };
}
