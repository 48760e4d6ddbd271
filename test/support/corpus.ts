import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBuiltinProvider } from '../../extension/models/builtin/provider.ts';
import type { Provider } from '../../extension/models/provider.ts';
import type { Json } from '../../extension/protocol/json.ts';
import { openRunManager } from '../../extension/runs/run-manager.ts';
import { findRipgrep } from '../../extension/tools/find-ripgrep.ts';
import { copyGrammars } from '../../scripts/copy-grammars.ts';
import { builtDist } from './built-dist.ts';

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

export interface Sweep {
  status: string;
  result: SweepResult;
  logs: string[];
}

export function labelsOf(part: CorpusPart): Label[] {
  return JSON.parse(readFileSync(join(CORPUS, `${part}.json`), 'utf8')) as Label[];
}

/** The bundled workflow over a copy of a part of the corpus, with the built-in analyst, through the real runtime. */
export function sweepCorpus(part: CorpusPart, args: Json = {}): Promise<Sweep> {
  return sweepFolder(join(CORPUS, part), args);
}

/** The same over a copy of any folder; `wrap` may put something between the runtime and the analyst. */
export async function sweepFolder(
  folder: string,
  args: Json = {},
  wrap: (provider: Provider) => Provider = (provider) => provider,
): Promise<Sweep> {
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'counterpoint-')));
  const workspace = join(temporary, 'workspace');
  const dist = join(temporary, 'dist');
  cpSync(folder, workspace, { recursive: true });
  await copyGrammars(dist);
  const manager = await openRunManager({
    workspace,
    bundledWorkflows: join(root, 'workflows'),
    dist: await builtDist(),
    provider: async () => wrap(createBuiltinProvider({ dist })),
    ripgrep: await findRipgrep({ near: [root] }),
    node: process.execPath,
  });
  try {
    const runId = await manager.start({ script: 'bug-sweep', provider: 'builtin', args });
    const { status, result, error } = await manager.finished(runId);
    if (result === undefined) throw new Error(`bug-sweep ended as ${status}: ${error?.message}`);
    const logs = manager.events(runId, 0, 100_000).flatMap((event) => (event.type === 'log' ? [event.message] : []));
    return { status, result: result as unknown as SweepResult, logs };
  } finally {
    await manager.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}
