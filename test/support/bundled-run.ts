import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
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

export interface BundledRun<R> {
  status: string;
  result: R;
  logs: string[];
}

export interface BundledRunOptions {
  args?: Json;
  /** May put something between the runtime and the analyst, or another provider in its place. */
  wrap?(analyst: Provider): Provider;
}

/** A bundled workflow over a copy of a folder, by default with the built-in analyst, through the real runtime. */
export async function runBundled<R>(
  script: string,
  folder: string,
  { args = {}, wrap = (provider) => provider }: BundledRunOptions = {},
): Promise<BundledRun<R>> {
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'counterpoint-')));
  const workspace = join(temporary, 'workspace');
  const dist = join(temporary, 'dist');
  cpSync(folder, workspace, { recursive: true, verbatimSymlinks: true });
  await copyGrammars(dist);
  const manager = await openRunManager({
    workspace,
    bundledWorkflows: join(root, 'workflows'),
    dist: await builtDist(),
    provider: async () => wrap(createBuiltinProvider({ dist })),
    ripgrep: await findRipgrep({ near: [root] }),
    node: process.execPath,
    retryBaseMs: 5,
  });
  try {
    const runId = await manager.start({ script, provider: 'builtin', args });
    const { status, result, error } = await manager.finished(runId);
    if (result === undefined) throw new Error(`${script} ended as ${status}: ${error?.message}`);
    const logs = manager.events(runId, 0, 100_000).flatMap((event) => (event.type === 'log' ? [event.message] : []));
    return { status, result: result as unknown as R, logs };
  } finally {
    await manager.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}
