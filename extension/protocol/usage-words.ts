import type { Usage } from './run-events.ts';

/** Words about what was used, such as `12 k tokens`, as exactly as it is known: `about 12 k tokens` where the provider did not count all of them. */
export function usedWords({ estimated }: Pick<Usage, 'estimated'>, words: string): string {
  return estimated ? `about ${words}` : words;
}
