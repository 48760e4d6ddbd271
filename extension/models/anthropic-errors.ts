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
};

const MAX_MESSAGE = 500;

export type ReplySoFar = Pick<ModelErrorDetails, 'usage' | 'partialText'>;

/**
 * What went wrong, as an error that says whether to try again. The original is not kept as its cause: it carries
 * headers and bodies that have no place in a log.
 * @param secret The key, which must not appear in the message, whoever wrote it there.
 * @param soFar What had come of the reply when it failed.
 */
export function toModelError(error: unknown, secret: string, soFar: ReplySoFar = {}): ModelError {
  if (!(error instanceof APIError) || error instanceof APIConnectionError) {
    // A name that cannot be resolved, a refused connection, a socket that closed in the middle, a stream that is no JSON.
    const message = `The connection to the model's API failed: ${rootMessage(error)}`;
    return new ModelError(oneLine(message, secret), { retryable: true, ...soFar });
  }
  const status = error.status ?? STATUS_OF_TYPE[error.type ?? ''];
  const said = error.apiMessage ?? error.message;
  const message =
    status === undefined
      ? `The model's API failed: ${said}`
      : `The model's API answered ${status}: ${said}${advice(status)}`;
  const end = usageLimitEnd(said);
  return new ModelError(oneLine(message, secret), {
    retryable: end !== undefined || isRetryable(status, error.headers),
    status,
    retryAfterMs: end === undefined ? retryAfterMs(error.headers) : Math.max(0, end - Date.now()),
    usageLimit: end !== undefined,
    rateLimit: rateLimitOf(error.headers),
    ...soFar,
  });
}

function isRetryable(status: number | undefined, headers: Headers | undefined): boolean {
  const told = headers?.get('x-should-retry');
  if (told === 'true') return true;
  if (told === 'false') return false;
  return status === undefined || status === 408 || status === 409 || status === 429 || status >= 500;
}

function advice(status: number): string {
  if (status === 401) return ' (check ANTHROPIC_API_KEY)';
  if (status === 404) return ' (check the name of the model and ANTHROPIC_BASE_URL)';
  return '';
}

/** `fetch failed` and `Connection error.` say nothing; what lies below them does. */
function rootMessage(error: unknown): string {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root instanceof Error ? root.message || root.name : String(root);
}

function oneLine(message: string, secret: string): string {
  const hidden = secret === '' ? message : message.replaceAll(secret, '[key]');
  const line = hidden.replace(/\s+/g, ' ').trim();
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line;
}
