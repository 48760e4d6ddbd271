import type { Estimate } from '../../protocol/sandbox-wire.ts';

/**
 * How many items there are in all, found or not, from how many rounds each found item turned up in: the bias-corrected
 * Chao1 estimator with its 95 % interval (log-normal where items are missing, else after Chao 1987). It assumes that
 * the rounds look independently; rounds that are told to skip what was found make it too high.
 * Sources: A. Chao (1987), Estimating the population size for capture-recapture data with unequal catchability,
 * Biometrics 43; R. K. Colwell, EstimateS user's guide, appendix B, equations 2, 6 to 8, 13 and 14.
 * @param sightings for each item the number of rounds it turned up in, 1 at least.
 */
export function estimateTotal(sightings: readonly number[]): Estimate {
  const found = sightings.length;
  if (found === 0) return { found: 0, total: 0, low: 0, high: 0 };
  const once = sightings.filter((n) => n === 1).length;
  const twice = sightings.filter((n) => n === 2).length;
  const unseen = (once * (once - 1)) / (2 * (twice + 1));
  const total = found + unseen;
  if (unseen === 0) return { found, total, ...intervalWhenComplete(sightings) };
  const spread = Math.exp(1.96 * Math.sqrt(Math.log(1 + variance(once, twice, total) / unseen ** 2)));
  return { found, total, low: found + unseen / spread, high: found + unseen * spread };
}

function variance(once: number, twice: number, total: number): number {
  if (twice === 0) return (once * (once - 1)) / 2 + (once * (2 * once - 1) ** 2) / 4 - once ** 4 / (4 * total);
  const next = twice + 1;
  return (
    (once * (once - 1)) / (2 * next) +
    (once * (2 * once - 1) ** 2) / (4 * next ** 2) +
    (once ** 2 * twice * (once - 1) ** 2) / (4 * next ** 4)
  );
}

/** The estimate is then what was found, and its interval must hold it; the source's lower end can lie above. */
function intervalWhenComplete(sightings: readonly number[]): { low: number; high: number } {
  const found = sightings.length;
  const all = sightings.reduce((sum, n) => sum + n, 0);
  const missed = Math.exp(-all / found);
  const centre = found / (1 - missed);
  const reach = (1.96 * Math.sqrt(found * missed)) / (1 - missed);
  return { low: found, high: centre + reach };
}
