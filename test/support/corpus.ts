import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../extension/protocol/json.ts';
import { type BundledRun, type BundledRunOptions, runBundled } from './bundled-run.ts';

const root = join(import.meta.dirname, '../..');
const CORPUS = join(root, 'test/corpus');

/** `first` was there when the rules were made; `second` was written afterwards, and the rules were not fitted to it. */
export type CorpusPart = 'first' | 'second';

export interface Label {
  file: string;
  line: number;
  lens: string;
  /** False: it tempts to be taken for a bug, and is none. */
  real: boolean;
  note: string;
}

export interface SweepFinding {
  file: string;
  line: number;
  lens: string;
  severity: string;
  title: string;
  evidence: string;
  verdict: { for: number; against: number; failed: number; reasons: string[] };
}

export interface SweepResult {
  findings: SweepFinding[];
  refuted: SweepFinding[];
  unverified: SweepFinding[];
  rounds: number;
  report: string;
}

export type Sweep = BundledRun<SweepResult>;

export function labelsOf(part: CorpusPart): Label[] {
  return JSON.parse(readFileSync(join(CORPUS, `${part}.json`), 'utf8')) as Label[];
}

/** The bundled workflow over a copy of a part of the corpus, with the built-in analyst, through the real runtime. */
export function sweepCorpus(part: CorpusPart, args: Json = {}): Promise<Sweep> {
  return sweepFolder(join(CORPUS, part), args);
}

/** The same over a copy of any folder; `wrap` may put something between the runtime and the analyst. */
export function sweepFolder(folder: string, args: Json = {}, wrap?: BundledRunOptions['wrap']): Promise<Sweep> {
  return runBundled<SweepResult>('bug-sweep', folder, { args, ...(wrap && { wrap }) });
}
