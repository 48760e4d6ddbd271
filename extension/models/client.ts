import { Anthropic } from '@anthropic-ai/sdk';
import { UserError } from '../protocol/errors.ts';

/** The API sends a ping now and then while a model thinks: a stream without a byte for so long has died. */
export const SILENCE_MS = 90_000;

/** A client that neither retries nor writes to the console, and sends nothing to anybody else. */
export function createClient(options: {
  apiKey: string;
  baseUrl: string;
  silenceMs: number;
  headers?: Record<string, string>;
}): Anthropic {
  return new Anthropic({
    apiKey: options.apiKey,
    baseURL: options.baseUrl,
    ...quiet(options.silenceMs),
    ...(options.headers && { defaultHeaders: options.headers }),
  });
}

/** What all clients have in common. */
export function quiet(silenceMs: number): { maxRetries: 0; timeout: number; logLevel: 'off'; openTelemetry: false } {
  return {
    maxRetries: 0,
    // Ours comes first, and says what happened.
    timeout: 2 * silenceMs,
    // It would write to the console, and has the key at hand.
    logLevel: 'off',
    openTelemetry: false,
  };
}

/** Where a person says what a provider goes by, as it is put into advice. */
export interface Whence {
  key: string;
  address: string;
  model: string;
}

export const ENVIRONMENT: Whence = {
  key: 'ANTHROPIC_API_KEY',
  address: 'ANTHROPIC_BASE_URL',
  model: 'with --model or ANTHROPIC_MODEL',
};

/** Names of the models of a server; whatever it says else is left alone. */
export async function listModels(client: Anthropic, signal: AbortSignal): Promise<string[]> {
  const { data } = await client.models.list({ limit: 100 }, { signal });
  return (data ?? []).flatMap((model) => (typeof model?.id === 'string' ? [model.id] : []));
}

/** The runtime's own complaint about a header that cannot be sent would quote the key. @throws UserError `no-key` */
export function sendableKey(key: string, whence: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new UserError('no-key', `The key for the API contains characters that no key has: check ${whence}.`);
}

/**
 * Told at once: a request to such an address would fail like a broken connection, and be tried again and again.
 * @throws UserError `bad-arguments`
 */
export function usableAddress(address: string, whence: string): string {
  const url = URL.parse(address);
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return address;
  throw new UserError('bad-arguments', `"${address}" is no address of a model's API: check ${whence}.`);
}
