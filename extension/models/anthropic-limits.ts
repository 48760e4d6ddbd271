import type { RateLimit } from '../protocol/rate-limit.ts';

/** Source: https://platform.claude.com/docs/en/api/rate-limits#response-headers */
const LIMITS = ['requests', 'tokens', 'input-tokens', 'output-tokens'];

/** The limit that is nearest to being used up; undefined where the answer tells of none. */
export function rateLimitOf(headers: Headers | undefined): RateLimit | undefined {
  let tightest: RateLimit | undefined;
  for (const name of LIMITS) {
    const found = headers && readLimit(headers, `anthropic-ratelimit-${name}`);
    if (found && (!tightest || found.remaining / found.limit < tightest.remaining / tightest.limit)) tightest = found;
  }
  return tightest;
}

function readLimit(headers: Headers, name: string): RateLimit | undefined {
  const left = headers.get(`${name}-remaining`);
  if (left === null) return undefined;
  const limit = Number(headers.get(`${name}-limit`));
  const remaining = Number(left);
  const resetAt = Date.parse(headers.get(`${name}-reset`) ?? '');
  return limit > 0 && remaining >= 0 && resetAt > 0 ? { limit, remaining, resetAt } : undefined;
}

/**
 * Milliseconds of `retry-after-ms`, else of `retry-after` in seconds or as a date (RFC 9110, 10.2.3), else until the
 * reset of a subscription's limit.
 */
export function retryAfterMs(headers: Headers | undefined): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const after = headers?.get('retry-after') ?? subscriptionReset(headers);
  if (after === undefined) return undefined;
  const wait = /^\s*\d+(\.\d+)?\s*$/.test(after) ? Number(after) * 1_000 : Date.parse(after) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** Of a subscription that is used up: it is given in seconds since the epoch. */
function subscriptionReset(headers: Headers | undefined): string | undefined {
  if (headers?.get('anthropic-ratelimit-unified-status') !== 'rejected') return undefined;
  const seconds = Number(headers.get('anthropic-ratelimit-unified-reset'));
  return seconds > 0 && seconds < 1e11 ? new Date(seconds * 1_000).toISOString() : undefined;
}

/** The end of a spending limit, in milliseconds since the epoch: the API tells it in words alone, with status 400. */
export function usageLimitEnd(message: string): number | undefined {
  const told = /usage limits?\b.*\bregain access on (\d{4}-\d\d-\d\d) at (\d\d:\d\d) UTC/is.exec(message);
  const end = told ? Date.parse(`${told[1]}T${told[2]}Z`) : Number.NaN;
  return Number.isNaN(end) ? undefined : end;
}
