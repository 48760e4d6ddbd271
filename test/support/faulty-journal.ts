import { onTestFinished } from 'vitest';
import { Journal } from '../../extension/journal/journal.ts';
import { createAnthropicProvider } from '../../extension/models/anthropic.ts';
import { RunManager } from '../../extension/runs/run-manager.ts';
import { findRipgrep } from '../../extension/tools/find-ripgrep.ts';
import { builtDist } from './built-dist.ts';
import { ROOT } from './workspace.ts';

/** A run manager whose journal a test can get at, over a workspace and a model API. */
export async function managerOver(workspace: string, api: string): Promise<{ manager: RunManager; journal: Journal }> {
  const options = {
    workspace,
    bundledWorkflows: workspace,
    dist: await builtDist(),
    provider: async () => createAnthropicProvider({ apiKey: 'loopback', baseUrl: api, defaultModel: 'fake' }),
    ripgrep: await findRipgrep({ near: [ROOT] }),
    node: process.execPath,
    retryBaseMs: 5,
  };
  const journal = new Journal(workspace);
  const manager = new RunManager(options, journal);
  onTestFinished(() => manager.close());
  return { manager, journal };
}
