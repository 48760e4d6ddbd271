import { APIConnectionError, APIError } from '@anthropic-ai/sdk';
import { rateLimitOf, retryAfterMs, usageLimitEnd } from './anthropic-limits.ts';
import { ModelError, type ModelErrorDetails } from './provider.ts';

/** Error types that come inside a stream, where there is no status. Source: https://platform.claude.com/docs/en/api/errors */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
  // Of Amazon Bedrock: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html
  validationException: 400,
  accessDeniedException: 403,
  resourceNotFoundException: 404,
  throttlingException: 429,
  internalServerException: 500,
  modelStreamErrorException: 500,
  serviceUnavailableException: 503,
  modelTimeoutException: 504,
};

const MAX_MESSAGE = 500;

/** How those who cannot count tell that a prompt does not fit: Anthropic, llama.cpp, vLLM, LiteLLM. */
const TOO_LONG =
  /prompt is too long|input is too long|context (length|window|size)|maximum context|exceed\w* .{0,40}context|too many (input )?tokens/i;

/** What a message must not show whoever wrote it there, such as the request that was signed wrongly, quoted by the cloud. */
const SECRETS =
  /\b(AKIA|ASIA)[A-Z0-9]{12,}\b|\bya29\.[\w.-]+|\bBearer\s+[\w.~+/=-]{8,}|(?<=x-amz-security-token:)\S+/gi;

export type ReplySoFar = Pick<ModelErrorDetails, 'usage' | 'partialText'>;

export interface ErrorContext {
  /** Keys and the like, which must not appear in the message. */
  secrets: readonly string[];
  /** What to do about a status, to be put behind what was said; empty where that says it. */
  advice(status: number, said: string): string;
  /** Whether a failure without a status, all its causes told, is one of the credentials, and what to say of it then. */
  credentials?(messages: string): string | null;
}

/**
 * What went wrong, as an error that says whether to try again. The original is not kept as its cause: it carries
 * headers and bodies that have no place in a log.
 * @param soFar What had come of the reply when it failed.
 */
export function toModelError(error: unknown, context: ErrorContext, soFar: ReplySoFar = {}): ModelError {
  if (!(error instanceof APIError) || error instanceof APIConnectionError) return withoutStatus(error, context, soFar);
  const status = error.status ?? STATUS_OF_TYPE[error.type ?? ''];
  // Clouds do not tell as the API does: then the message is all of what they said, behind its status.
  const said = error.apiMessage ?? error.message.replace(/^\d{3} /, '');
  const message =
    status === undefined
      ? `The model's API failed: ${said}`
      : `The model's API answered ${status}: ${said}${advice(status, said, context)}`;
  const end = usageLimitEnd(said);
  return new ModelError(oneLine(message, context), {
    retryable: end !== undefined || isRetryable(status, error.headers),
    status,
    promptTooLong: status === 413 || (status === 400 && TOO_LONG.test(said)),
    retryAfterMs: end === undefined ? retryAfterMs(error.headers) : Math.max(0, end - Date.now()),
    usageLimit: end !== undefined,
    rateLimit: rateLimitOf(error.headers),
    ...soFar,
  });
}

/** A name that cannot be resolved, a refused connection, a socket that closed in the middle, a stream that is no JSON. */
function withoutStatus(error: unknown, context: ErrorContext, soFar: ReplySoFar): ModelError {
  const messages = messagesOf(error);
  const root = messages.at(-1)!;
  const refused = context.credentials?.(messages.join(' ')) ?? null;
  // To ask again would not bring the credentials; 401 is what they would have got.
  if (refused !== null)
    return new ModelError(oneLine(`${refused} (${root})`, context), { retryable: false, status: 401, ...soFar });
  const message = `The connection to the model's API failed: ${root}`;
  return new ModelError(oneLine(message, context), { retryable: true, ...soFar });
}

function isRetryable(status: number | undefined, headers: Headers | undefined): boolean {
  const told = headers?.get('x-should-retry');
  if (told === 'true') return true;
  if (told === 'false') return false;
  return status === undefined || status === 408 || status === 409 || status === 429 || status >= 500;
}

function advice(status: number, said: string, context: ErrorContext): string {
  const words = context.advice(status, said);
  return words === '' ? '' : ` (${words})`;
}

/** Of an error and its causes: `fetch failed` and `Connection error.` say nothing; what lies below them does. */
function messagesOf(error: unknown): [string, ...string[]] {
  if (!(error instanceof Error)) return [String(error)];
  const own = error.message || error.name;
  return error.cause instanceof Error ? [own, ...messagesOf(error.cause)] : [own];
}

/** One line, bounded, without what is secret. */
export function oneLine(message: string, { secrets }: Pick<ErrorContext, 'secrets'>): string {
  let hidden = message;
  for (const secret of secrets) if (secret !== '') hidden = hidden.replaceAll(secret, '[key]');
  const line = hidden.replace(SECRETS, '[key]').replace(/\s+/g, ' ').trim();
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line;
}
