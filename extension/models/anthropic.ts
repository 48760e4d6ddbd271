import { UserError } from '../protocol/errors.ts';
import { type AliasOverrides, aliasResolver } from './aliases.ts';
import { createClient, listModels, SILENCE_MS, sendableKey, usableAddress } from './client.ts';
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
}

const PUBLIC_API = 'https://api.anthropic.com';
const DEFAULT_MODEL = 'sonnet';

/**
 * Models over the Messages API of Anthropic, or of whoever speaks it at `baseUrl`. Takes neither key nor address from the environment.
 * One client, and so one pool of connections, serves all agents. It does not retry: that is the scheduler's.
 * @throws UserError `no-key` where there is none, `bad-arguments` where `baseUrl` is no address.
 */
export function createAnthropicProvider(options: AnthropicOptions): Provider {
  const apiKey = usableKey(options);
  const baseUrl = options.baseUrl && usableAddress(options.baseUrl, 'ANTHROPIC_BASE_URL');
  const { silenceMs = SILENCE_MS } = options;
  const client = createClient({ apiKey, baseUrl: baseUrl || PUBLIC_API, silenceMs });
  const api = new MessagesApi({
    client: async () => client,
    silenceMs,
    secrets: [apiKey],
    advice: adviceFor,
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

function adviceFor(status: number): string {
  if (status === 401) return 'check ANTHROPIC_API_KEY';
  if (status === 404) return 'check the name of the model and ANTHROPIC_BASE_URL';
  return '';
}

function usableKey(options: AnthropicOptions): string {
  const key = options.apiKey?.trim() ?? '';
  if (key === '' && options.baseUrl) return 'not-needed';
  if (key === '') {
    throw new UserError(
      'no-key',
      'No key for the Anthropic API: set ANTHROPIC_API_KEY, or use the built-in analyst (--provider builtin).',
    );
  }
  return sendableKey(key, 'ANTHROPIC_API_KEY');
}
