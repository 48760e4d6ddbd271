/**
 * Moments in order, each with a weight, summed as they come: how many there were by a time, what they weigh, and how
 * long ago they were in all. Times are milliseconds; those added late are sorted in.
 */
export class Moments {
  readonly times: number[] = [];
  private readonly weights: number[] = [];
  /** Sums of what lies before each place, so one longer than `times`. */
  private readonly timeSums: number[] = [0];
  private readonly weightSums: number[] = [0];

  add(at: number, weight = 0): void {
    const place = this.times.length === 0 || this.times.at(-1)! <= at ? this.times.length : this.countAt(at);
    this.times.splice(place, 0, at);
    this.weights.splice(place, 0, weight);
    for (let index = place; index < this.times.length; index++) {
      this.timeSums[index + 1] = this.timeSums[index]! + this.times[index]!;
      this.weightSums[index + 1] = this.weightSums[index]! + this.weights[index]!;
    }
  }

  /** How many were at `at` or before. */
  countAt(at: number): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  weightAt(at: number): number {
    return this.weightSums[this.countAt(at)]!;
  }

  /** How long ago they were at `at`, summed over all of them. */
  ageAt(at: number): number {
    const count = this.countAt(at);
    return count * at - this.timeSums[count]!;
  }
}

/** From one time to another, milliseconds. */
export interface Span {
  from: number;
  to: number;
}

/** How many were under way between two times, on average; exact, whatever lies between them. */
export function averageBetween(starts: Moments, ends: Moments, { from, to }: Span): number {
  if (to <= from) return starts.countAt(from) - ends.countAt(from);
  const underWay = (at: number) => starts.ageAt(at) - ends.ageAt(at);
  return (underWay(to) - underWay(from)) / (to - from);
}

/** The stretches of `within` in which nothing was under way. */
export function idleSpans(starts: Moments, ends: Moments, within: Span): Span[] {
  const idle: Span[] = [];
  let underWay = 0;
  let since = within.from;
  let ended = 0;
  const rest = (to: number) => {
    if (underWay === 0 && to > since) idle.push({ from: since, to: Math.min(to, within.to) });
  };
  for (const start of starts.times) {
    // What lasted but a moment has to begin before it ends.
    for (; ended < ends.times.length && ends.times[ended]! < start; ended++) {
      underWay -= 1;
      since = Math.max(since, ends.times[ended]!);
    }
    rest(start);
    underWay += 1;
  }
  for (; ended < ends.times.length; ended++) {
    underWay -= 1;
    since = Math.max(since, ends.times[ended]!);
  }
  rest(within.to);
  return idle;
}
