import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Provider } from '../../extension/models/provider.ts';
import { NO_USAGE } from '../../extension/protocol/run-events.ts';
import { openRunManager, type RunManager } from '../../extension/runs/run-manager.ts';
import { findRipgrep } from '../../extension/tools/find-ripgrep.ts';

const root = join(import.meta.dirname, '../..');

/** A workspace of its own with a run manager in it, for one measurement. */
export interface Bench {
  manager: RunManager;
  workspace: string;
  /** Writes a script (its body; `meta` is added) and returns its path. */
  save(body: string): Promise<string>;
}

/** Costs nothing and answers at once, so that what is measured is ours. */
export const answersAtOnce: Provider = {
  id: 'instant',
  title: 'answers at once',
  defaultModel: 'instant',
  free: true,
  resolveModel: (name) => name,
  complete: async () => ({ content: [{ type: 'text', text: 'done' }], stopReason: 'end_turn', usage: NO_USAGE }),
};

/** A manager over a workspace that is there already, as another process would open it. */
export async function reopened(workspace: string, provider: Provider, keepWarm = false): Promise<RunManager> {
  return await openRunManager({
    workspace,
    bundledWorkflows: join(root, 'workflows'),
    dist: join(root, 'dist'),
    provider: async () => provider,
    ripgrep: await findRipgrep({ near: [root] }),
    node: process.execPath,
    keepWarm,
  });
}

/** Opens one over the built sandbox, and removes it afterwards. */
export async function withManager<T>(provider: Provider, work: (bench: Bench) => Promise<T>): Promise<T> {
  const workspace = await mkdtemp(join(tmpdir(), 'counterpoint-bench-'));
  const manager = await reopened(workspace, provider);
  const save = async (body: string): Promise<string> => {
    const path = join(workspace, 'script.js');
    await writeFile(path, `export const meta = { name: 'bench', description: 'measured' }\n${body}`);
    return path;
  };
  try {
    return await work({ manager, workspace, save });
  } finally {
    await manager.close();
    await rm(workspace, { recursive: true, force: true });
  }
}
