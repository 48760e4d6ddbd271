/** Votes of challengers on one claim; who failed or was unsure is in neither. */
export interface Tally {
  for: number;
  against: number;
}

/** How often a challenger refutes a claim that is false, and one that is true: assumed, the same for all of them. */
export const HIT_RATE = 0.8;
export const FALSE_ALARM_RATE = 0.2;

/** Sums of logarithms may miss a bound by the last bit. */
const ROUNDING = 1e-9;

/** What one vote adds to the log-likelihood ratio of "the claim is false" over "it is true". */
const REFUTES = Math.log(HIT_RATE / FALSE_ALARM_RATE);
const UPHOLDS = Math.log((1 - FALSE_ALARM_RATE) / (1 - HIT_RATE));

/**
 * Wald's sequential probability ratio test: what the votes so far decide at this confidence, null where they decide
 * nothing yet. Both kinds of error, upholding a false claim and refuting a true one, stay at or under 1 - confidence
 * as far as challengers vote independently at the rates above.
 * Source: A. Wald (1945), Sequential tests of statistical hypotheses, Annals of Mathematical Statistics 16, 117-186.
 * @param confidence over 0.5 and under 1.
 */
export function decide(votes: Tally, confidence: number): 'upheld' | 'refuted' | null {
  const bound = boundOf(confidence);
  const ratio = ratioOf(votes);
  if (ratio >= bound - ROUNDING) return 'refuted';
  return ratio <= ROUNDING - bound ? 'upheld' : null;
}

/** How many more votes it takes at the least to decide, all of them agreeing; 0 where it is decided. Fewer asked at a time decide nothing, more may be wasted. */
export function votesMissing(votes: Tally, confidence: number): number {
  if (decide(votes, confidence) !== null) return 0;
  const bound = boundOf(confidence);
  const ratio = ratioOf(votes);
  return Math.min(votesFor(bound - ratio, REFUTES), votesFor(bound + ratio, UPHOLDS));
}

function boundOf(confidence: number): number {
  return Math.log(confidence / (1 - confidence));
}

function ratioOf(votes: Tally): number {
  return votes.against * REFUTES - votes.for * UPHOLDS;
}

function votesFor(distance: number, step: number): number {
  return Math.ceil((distance - ROUNDING) / step);
}
