import { Anthropic } from '@anthropic-ai/sdk';
import { UserError } from '../protocol/errors.ts';
import { type ReplySoFar, toModelError } from './anthropic-errors.ts';
import { rateLimitOf } from './anthropic-limits.ts';
import { ReplyAssembler, toParams } from './anthropic-wire.ts';
import { MODEL_ALIASES } from './model-table.ts';
import { type CompletionWatch, ModelError, type ModelReply, type ModelRequest, type Provider } from './provider.ts';

export interface AnthropicOptions {
  apiKey: string | undefined;
  /** Of an API that speaks the same protocol, such as a local server; then a key is not needed. */
  baseUrl?: string | undefined;
  defaultModel?: string | undefined;
  /** A reply of which not a byte comes for so long is cut, and may be tried again; 90 s by default. */
  silenceMs?: number | undefined;
}

const PUBLIC_API = 'https://api.anthropic.com';
const DEFAULT_MODEL = 'sonnet';
/** The API sends a ping now and then while a model thinks: a stream without a byte for so long has died. */
const SILENCE_MS = 90_000;

/**
 * Models over the Messages API of Anthropic, or of whoever speaks it at `baseUrl`. Takes neither key nor address from the environment.
 * One client, and so one pool of connections, serves all agents. It does not retry: that is the scheduler's.
 * @throws UserError `no-key` where there is none, `bad-arguments` where `baseUrl` is no address.
 */
export function createAnthropicProvider(options: AnthropicOptions): Provider {
  const apiKey = usableKey(options);
  const { silenceMs = SILENCE_MS } = options;
  const client = new Anthropic({
    apiKey,
    baseURL: usableAddress(options.baseUrl || PUBLIC_API),
    maxRetries: 0,
    // Ours comes first, and says what happened.
    timeout: 2 * silenceMs,
    // It would write to the console, and has the key at hand.
    logLevel: 'off',
    openTelemetry: false,
  });
  return {
    id: 'anthropic',
    title: 'Anthropic',
    defaultModel: resolveModel(options.defaultModel || DEFAULT_MODEL),
    resolveModel,
    complete: (request, watch) => complete({ client, apiKey, silenceMs }, request, watch),
  };
}

function resolveModel(name: string): string {
  return Object.hasOwn(MODEL_ALIASES, name) ? MODEL_ALIASES[name]! : name;
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
  // The runtime's own complaint about such a header would quote the key.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new UserError(
      'no-key',
      'The key for the Anthropic API contains characters that no key has: check ANTHROPIC_API_KEY.',
    );
  }
  return key;
}

/** Told at once: a request to such an address would fail like a broken connection, and be tried again and again. */
function usableAddress(address: string): string {
  const url = URL.parse(address);
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return address;
  throw new UserError('bad-arguments', `"${address}" is no address of a model's API: check ANTHROPIC_BASE_URL.`);
}

interface Line {
  client: Anthropic;
  apiKey: string;
  silenceMs: number;
}

async function complete(line: Line, request: ModelRequest, watch: CompletionWatch): Promise<ModelReply> {
  watch.signal.throwIfAborted();
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  watch.signal.addEventListener('abort', onAbort);
  let silent = false;
  const silence = setTimeout(() => {
    silent = true;
    stop.abort();
  }, line.silenceMs);
  const assembler = new ReplyAssembler();
  let headers: Headers;
  try {
    const asked = line.client.messages.create(toParams(request), { signal: stop.signal });
    const { data: stream, response } = await asked.withResponse();
    headers = response.headers;
    watchBytes(response, () => silence.refresh());
    for await (const event of stream) {
      const text = assembler.add(event);
      if (text !== null) watch.onText?.(text);
    }
  } catch (error) {
    watch.signal.throwIfAborted();
    if (silent) throw noData(line.silenceMs, assembler.soFar(request.model));
    throw toModelError(error, line.apiKey, assembler.soFar(request.model));
  } finally {
    clearTimeout(silence);
    watch.signal.removeEventListener('abort', onAbort);
  }
  // The SDK ends an aborted stream as if it were whole.
  watch.signal.throwIfAborted();
  if (!assembler.complete) {
    const soFar = assembler.soFar(request.model);
    if (silent) throw noData(line.silenceMs, soFar);
    throw new ModelError("The stream from the model's API ended early.", { retryable: true, ...soFar });
  }
  const rateLimit = rateLimitOf(headers);
  return { ...assembler.reply(request.model), ...(rateLimit && { rateLimit }) };
}

function noData(silenceMs: number, soFar: ReplySoFar): ModelError {
  return new ModelError(`The model's API sent no data for ${silenceMs / 1_000} s.`, { retryable: true, ...soFar });
}

/** Hears of every piece of a body. The SDK tells of events alone and keeps the pings to itself. */
function watchBytes(response: Response, onBytes: () => void): void {
  const { body } = response;
  if (!body) return;
  async function* watched(pieces: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    for await (const piece of pieces) {
      onBytes();
      yield piece;
    }
  }
  Object.defineProperty(response, 'body', { value: watched(body) });
}
