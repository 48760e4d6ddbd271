import { UserError } from '../protocol/errors.ts';
import { type AliasOverrides, aliasResolver } from './aliases.ts';
import { createClient, ENVIRONMENT, listModels, sendableKey, usableAddress, type Whence } from './client.ts';
import { MessagesApi } from './messages-api.ts';
import type { Provider } from './provider.ts';

export interface CompatibleOptions {
  /** Where `/v1/messages` is found below. */
  baseUrl: string | undefined;
  apiKey?: string | undefined;
  /** Absent: the first that the server lists. */
  defaultModel?: string | undefined;
  aliases?: AliasOverrides | undefined;
  silenceMs?: number | undefined;
  /** Nothing will be asked of a model, so the server need not be there. */
  dry?: boolean | undefined;
  /** By default the environment. */
  whence?: Whence | undefined;
}

/** A local server says nothing while it reads a long prompt, and that may take minutes. */
const SILENCE_MS = 600_000;
const LIST_MS = 5_000;
/** The version of the API that other servers were written for. */
const VERSION = '2023-06-01';

/**
 * Models of any server that speaks the Messages API: llama.cpp, Ollama, vLLM, LiteLLM. It is asked for all that the API
 * has; what it refuses is left out from then on, and told.
 * @throws UserError `bad-arguments` where there is no usable address, or where no model is named and the server lists none.
 */
export async function createCompatibleProvider(options: CompatibleOptions): Promise<Provider> {
  const { silenceMs = SILENCE_MS, whence = ENVIRONMENT } = options;
  const baseUrl = addressOf(options.baseUrl, whence);
  const given = options.apiKey?.trim() ?? '';
  const apiKey = given === '' ? 'not-needed' : sendableKey(given, whence.key);
  const client = createClient({ apiKey, baseUrl, silenceMs, headers: { 'anthropic-version': VERSION } });
  const names = (signal: AbortSignal): Promise<string[]> => listModels(client, signal);
  const api = new MessagesApi({
    client: async () => client,
    silenceMs,
    secrets: [given],
    optimistic: true,
    advice: (status) => adviceFor(status, whence),
    listModels: names,
  });
  const resolveModel = aliasResolver(options.aliases, (name) => name);
  const defaultModel = options.defaultModel || (options.dry ? 'local' : await firstModel(names, baseUrl, whence));
  return {
    id: 'compatible',
    title: `Messages API at ${new URL(baseUrl).host}`,
    defaultModel: resolveModel(defaultModel),
    resolveModel,
    complete: (request, watch) => api.complete(request, watch),
  };
}

function addressOf(baseUrl: string | undefined, whence: Whence): string {
  if (baseUrl) return usableAddress(baseUrl, whence.address);
  throw new UserError(
    'bad-arguments',
    'No address of a model server: set ANTHROPIC_BASE_URL, such as http://localhost:11434 for Ollama or http://localhost:8080 for llama.cpp (in VS Code: “Counterpoint: Set Model Server…”).',
  );
}

async function firstModel(
  names: (signal: AbortSignal) => Promise<string[]>,
  baseUrl: string,
  whence: Whence,
): Promise<string> {
  const say = (what: string): UserError => new UserError('bad-arguments', `${what}: name one ${whence.model}.`);
  let listed: string[];
  try {
    listed = await names(AbortSignal.timeout(LIST_MS));
  } catch (error) {
    const refused = error instanceof Error && 'status' in error && error.status !== undefined;
    if (refused) throw say(`The server at ${baseUrl} does not tell which models it has`);
    throw new UserError('bad-arguments', `No server answers at ${baseUrl}: start it, or check ${whence.address}.`);
  }
  if (listed[0] === undefined) throw say(`The server at ${baseUrl} lists no model`);
  return listed[0];
}

function adviceFor(status: number, { key, address }: Whence): string {
  if (status === 401 || status === 403) return `check ${key}`;
  if (status === 404) return `check the name of the model and ${address}`;
  return '';
}
