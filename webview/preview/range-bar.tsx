import type { Range } from '../../extension/protocol/preview.ts';

/** A range as a bar: pale from its least to its most, full up to its likeliest; what it says stands beside it in words. */
export function RangeBar({ range: { low, likely, high }, most }: { range: Range; most: number }) {
  const share = (value: number) => `${(100 * Math.min(1, Math.max(0, value / (most || 1)))).toFixed(2)}%`;
  return (
    <span className="range-bar" aria-hidden="true">
      <span className="range-high" style={{ width: share(high) }} />
      <span className="range-likely" style={{ width: share(likely) }} />
      {low < high && <span className="range-low" style={{ left: share(low) }} />}
    </span>
  );
}
