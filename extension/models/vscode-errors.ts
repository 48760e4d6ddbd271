import { plain } from '../protocol/plain-text.ts';
import { ModelError, type ModelErrorDetails } from './provider.ts';

const MAX_MESSAGE = 400;
/** VS Code does not say when a quota is renewed: that is asked again so often. */
const ASK_QUOTA_AGAIN_MS = 10 * 60_000;

// Beside its few codes VS Code only has what the model's extension says.
const QUOTA = /quota|exhausted|allowance|premium requests|billing|out of credits/i;
const RATE = /rate.?limit|too many requests|\b429\b|throttl/i;
const TOO_LONG =
  /prompt is too long|token limit|context (length|window|size)|maximum context|too many (input )?tokens|message is too long/i;
const FILTERED = /filtered|content management policy|responsible ai|off.?topic/i;

/** What went wrong at a model of VS Code, as an error that says whether to try again. */
export function toEditorError(
  error: unknown,
  model: string,
  soFar: Pick<ModelErrorDetails, 'usage' | 'partialText'> = {},
): ModelError {
  if (error instanceof ModelError) return error;
  const said = wordsOf(error);
  const failed = (message: string, details: ModelErrorDetails) =>
    new ModelError(plain(message, 2 * MAX_MESSAGE), { ...soFar, ...details });
  if (QUOTA.test(said))
    return failed(`What VS Code grants of ${model} is used up: ${said}`, {
      retryable: true,
      usageLimit: true,
      retryAfterMs: ASK_QUOTA_AGAIN_MS,
    });
  if (RATE.test(said)) return failed(`VS Code holds back ${model}: ${said}`, { retryable: true, status: 429 });
  if (TOO_LONG.test(said))
    return failed(`The conversation is too long for ${model}: ${said}`, { retryable: false, promptTooLong: true });
  switch (codeOf(error)) {
    case 'NoPermissions':
      return failed(
        `VS Code does not let Counterpoint use ${model}: start the run yourself and allow it when you are asked, or allow it in the menu of your account (Manage Language Model Access). ${said}`,
        { retryable: false, status: 403 },
      );
    case 'Blocked':
      return failed(`${model} declined to answer: ${said}`, { retryable: false });
    case 'NotFound':
      return failed(`VS Code has no model ${model} any more: choose another for the run. ${said}`, {
        retryable: false,
        status: 404,
      });
  }
  if (FILTERED.test(said)) return failed(`${model} declined to answer: ${said}`, { retryable: false });
  return failed(`${model} failed in VS Code: ${said}`, { retryable: true });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Its message and those of its causes, each once. */
function wordsOf(error: unknown): string {
  const words = new Set<string>();
  for (let cause = error, depth = 0; cause !== undefined && cause !== null && depth < 5; depth += 1) {
    const text = cause instanceof Error ? cause.message : String(cause);
    if (text.trim() !== '') words.add(text.trim());
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return plain([...words].join(': '), MAX_MESSAGE);
}
