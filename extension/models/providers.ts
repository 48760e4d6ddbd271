import { readFile } from 'node:fs/promises';
import { errorInfo, UserError } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import { ALIASES, type AliasOverrides } from './aliases.ts';
import type { Whence } from './client.ts';
import { takeOwnPrices } from './prices.ts';
import type { Provider } from './provider.ts';

export type ProviderId = 'anthropic' | 'bedrock' | 'vertex' | 'compatible' | 'builtin';

/** A provider as people choose it. */
export interface ProviderEntry {
  id: ProviderId;
  title: string;
  /** What it takes to use it, in one line. */
  needs: string;
  /** Environment variables that it goes by; those it cannot do without first. */
  variables: readonly string[];
}

export const PROVIDERS: readonly ProviderEntry[] = [
  {
    id: 'anthropic',
    title: 'Anthropic',
    needs: 'a key of the Anthropic API in ANTHROPIC_API_KEY',
    variables: ['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL'],
  },
  {
    id: 'bedrock',
    title: 'Amazon Bedrock',
    needs: 'AWS_REGION, and AWS credentials: a profile, `aws sso login`, or keys in the environment',
    variables: [
      ...['AWS_REGION', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
      ...['AWS_BEARER_TOKEN_BEDROCK', 'ANTHROPIC_BEDROCK_BASE_URL'],
    ],
  },
  {
    id: 'vertex',
    title: 'Google Vertex AI',
    needs: 'CLOUD_ML_REGION, ANTHROPIC_VERTEX_PROJECT_ID, and `gcloud auth application-default login`',
    variables: [
      ...['CLOUD_ML_REGION', 'ANTHROPIC_VERTEX_PROJECT_ID', 'GOOGLE_APPLICATION_CREDENTIALS'],
      'ANTHROPIC_VERTEX_BASE_URL',
    ],
  },
  {
    id: 'compatible',
    title: 'any server of the Messages API (llama.cpp, Ollama, vLLM, LiteLLM)',
    needs: 'its address in ANTHROPIC_BASE_URL, such as http://localhost:11434',
    variables: ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_KEY', 'ANTHROPIC_MODEL'],
  },
  {
    id: 'builtin',
    title: 'built-in analyst (no AI model)',
    needs: 'nothing; it understands the bundled workflows only',
    variables: [],
  },
];

/** Settings by name; `process.env` is one. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface ProviderSetup {
  /** The folder with what the built-in analyst loads. */
  dist: string;
  environment: Environment;
  /** The model that was chosen: a server that does not list its models need not be asked for the first. */
  model?: string | undefined;
  /** A key out of a store of secrets, in place of that of the environment. */
  apiKey?: string | undefined;
  /** It is only asked for its names and prices, so that it needs neither key nor server. */
  dry?: boolean;
  /** Where key and address were given; by default in the environment. */
  whence?: Whence;
}

/** @throws UserError `bad-arguments` that names the providers there are. */
export function providerEntry(id: string): ProviderEntry {
  const entry = PROVIDERS.find((known) => known.id === id);
  if (entry) return entry;
  if (id === 'vscode')
    throw new UserError('bad-arguments', 'The models of VS Code answer inside VS Code alone: run or resume it there.');
  const names = PROVIDERS.map((known) => known.id).join(', ');
  throw new UserError('bad-arguments', `There is no provider ${JSON.stringify(id)}. The providers are ${names}.`);
}

/**
 * Makes a provider with the settings of the environment. Each is loaded when it is asked for: the clients of the clouds are large.
 * @throws UserError that says how to set it up.
 */
export async function createProvider(id: string, setup: ProviderSetup): Promise<Provider> {
  const entry = providerEntry(id);
  await readOwnPrices(setup.environment.COUNTERPOINT_PRICES);
  return await MAKERS[entry.id](setup);
}

const MAKERS: Record<ProviderId, (setup: ProviderSetup) => Promise<Provider>> = {
  async anthropic({ environment, apiKey, dry, whence }) {
    const { createAnthropicProvider } = await import('./anthropic.ts');
    const key = apiKey || environment.ANTHROPIC_API_KEY || (dry ? 'not-needed' : '');
    const baseUrl = environment.ANTHROPIC_BASE_URL;
    return createAnthropicProvider({ ...commonOf(environment), apiKey: key, baseUrl, whence });
  },
  async bedrock({ environment, dry }) {
    const { createBedrockProvider } = await import('./bedrock.ts');
    return createBedrockProvider({
      ...commonOf(environment),
      region: environment.AWS_REGION || environment.AWS_DEFAULT_REGION || (dry ? 'us-east-1' : undefined),
      accessKeyId: environment.AWS_ACCESS_KEY_ID,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
      sessionToken: environment.AWS_SESSION_TOKEN,
      bearerToken: environment.AWS_BEARER_TOKEN_BEDROCK,
      baseUrl: environment.ANTHROPIC_BEDROCK_BASE_URL,
    });
  },
  async vertex({ environment, dry }) {
    const { createVertexProvider } = await import('./vertex.ts');
    return createVertexProvider({
      ...commonOf(environment),
      region: environment.CLOUD_ML_REGION || (dry ? 'global' : undefined),
      projectId: environment.ANTHROPIC_VERTEX_PROJECT_ID || environment.GOOGLE_CLOUD_PROJECT,
      baseUrl: environment.ANTHROPIC_VERTEX_BASE_URL,
    });
  },
  async compatible({ environment, model, apiKey, dry, whence }) {
    const { createCompatibleProvider } = await import('./compatible.ts');
    const { defaultModel, aliases } = commonOf(environment);
    return await createCompatibleProvider({
      aliases,
      defaultModel: model || defaultModel,
      apiKey: apiKey || environment.ANTHROPIC_API_KEY,
      baseUrl: environment.ANTHROPIC_BASE_URL || (dry ? 'http://localhost' : undefined),
      dry,
      whence,
    });
  },
  async builtin({ dist }) {
    const { createBuiltinProvider } = await import('./builtin/provider.ts');
    return createBuiltinProvider({ dist });
  },
};

function commonOf(environment: Environment): { defaultModel: string | undefined; aliases: AliasOverrides } {
  const aliases: AliasOverrides = {};
  for (const alias of ALIASES) {
    const name = environment[`ANTHROPIC_DEFAULT_${alias.toUpperCase()}_MODEL`]?.trim();
    if (name) aliases[alias] = name;
  }
  return { defaultModel: environment.ANTHROPIC_MODEL?.trim() || undefined, aliases };
}

/** Prices of a person's own lie in a file, whose path is in the environment. */
async function readOwnPrices(path: string | undefined): Promise<void> {
  if (!path) return;
  let prices: Json;
  try {
    prices = JSON.parse(await readFile(path, 'utf8')) as Json;
  } catch (error) {
    throw new UserError(
      'bad-arguments',
      `The prices cannot be read, check COUNTERPOINT_PRICES: ${errorInfo(error).message}`,
    );
  }
  takeOwnPrices(prices, path);
}
