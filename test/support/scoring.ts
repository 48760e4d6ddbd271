import type { Label } from './corpus.ts';

type Place = Pick<Label, 'file' | 'line' | 'lens'>;

export interface Score {
  /** Right findings, findings in all, and bugs there are. */
  right: number;
  found: number;
  real: number;
  precision: number;
  recall: number;
}

const keyOf = ({ file, line, lens }: Place): string => `${file}:${line} ${lens}`;

/** A finding is right where a label says that there is a bug of that lens in that very line; every other is wrong. */
export function score(found: readonly Place[], labels: readonly Label[]): Score {
  const real = new Set(labels.filter((label) => label.real).map(keyOf));
  const keys = new Set(found.map(keyOf));
  const right = [...keys].filter((key) => real.has(key)).length;
  return {
    right,
    found: keys.size,
    real: real.size,
    precision: keys.size === 0 ? 1 : right / keys.size,
    recall: real.size === 0 ? 1 : right / real.size,
  };
}

/** What was reported and is no bug. */
export function wrong<P extends Place>(found: readonly P[], labels: readonly Label[]): P[] {
  const real = new Set(labels.filter((label) => label.real).map(keyOf));
  return found.filter((finding) => !real.has(keyOf(finding)));
}

/** The bugs that were not reported. */
export function missed(found: readonly Place[], labels: readonly Label[]): Label[] {
  const keys = new Set(found.map(keyOf));
  return labels.filter((label) => label.real && !keys.has(keyOf(label)));
}
