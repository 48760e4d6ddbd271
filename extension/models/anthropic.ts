import { UserError } from '../protocol/errors.ts';
import { type AliasOverrides, aliasResolver } from './aliases.ts';
import {
  createClient,
  ENVIRONMENT,
  listModels,
  SILENCE_MS,
  sendableKey,
  usableAddress,
  type Whence,
} from './client.ts';
import { MessagesApi } from './messages-api.ts';
import type { Provider } from './provider.ts';

export interface AnthropicOptions {
  apiKey: string | undefined;
  /** Of an API that speaks the same protocol, such as a gateway; then a key is not needed. */
  baseUrl?: string | undefined;
  defaultModel?: string | undefined;
  /** What the names `opus`, `sonnet` and `haiku` stand for, where not for the newest. */
  aliases?: AliasOverrides | undefined;
  /** A reply of which not a byte comes for so long is cut, and may be tried again; 90 s by default. */
  silenceMs?: number | undefined;
  /** By default the environment. */
  whence?: Whence | undefined;
}

const PUBLIC_API = 'https://api.anthropic.com';
const DEFAULT_MODEL = 'sonnet';

/**
 * Models over the Messages API of Anthropic, or of whoever speaks it at `baseUrl`. Takes neither key nor address from the environment.
 * One client, and so one pool of connections, serves all agents. It does not retry: that is the scheduler's.
 * @throws UserError `no-key` where there is none, `bad-arguments` where `baseUrl` is no address.
 */
export function createAnthropicProvider(options: AnthropicOptions): Provider {
  const { silenceMs = SILENCE_MS, whence = ENVIRONMENT } = options;
  const apiKey = usableKey(options, whence);
  const baseUrl = options.baseUrl && usableAddress(options.baseUrl, whence.address);
  const client = createClient({ apiKey, baseUrl: baseUrl || PUBLIC_API, silenceMs });
  const api = new MessagesApi({
    client: async () => client,
    silenceMs,
    secrets: [apiKey],
    advice: (status) => adviceFor(status, whence),
    ...(baseUrl && { listModels: (signal) => listModels(client, signal) }),
  });
  const resolveModel = aliasResolver(options.aliases);
  return {
    id: 'anthropic',
    title: 'Anthropic',
    defaultModel: resolveModel(options.defaultModel || DEFAULT_MODEL),
    resolveModel,
    complete: (request, watch) => api.complete(request, watch),
  };
}

function adviceFor(status: number, { key, address }: Whence): string {
  if (status === 401) return `check ${key}`;
  if (status === 404) return `check the name of the model and ${address}`;
  return '';
}

function usableKey(options: AnthropicOptions, whence: Whence): string {
  const key = options.apiKey?.trim() ?? '';
  if (key === '' && options.baseUrl) return 'not-needed';
  if (key === '') {
    throw new UserError(
      'no-key',
      'No key for the Anthropic API: set ANTHROPIC_API_KEY, or use the built-in analyst (--provider builtin).',
    );
  }
  return sendableKey(key, whence.key);
}
