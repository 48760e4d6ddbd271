/** One of a provider's limits as an answer tells of it: so many requests, or tokens, until it is full again. */
export interface RateLimit {
  limit: number;
  remaining: number;
  /** Milliseconds since the epoch. */
  resetAt: number;
}
