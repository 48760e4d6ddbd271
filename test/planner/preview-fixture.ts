import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Provider } from '../../extension/models/provider.ts';
import { previewScript } from '../../extension/planner/preview.ts';
import type { PreviewedRun, PreviewRequest } from '../../extension/planner/preview-request.ts';
import { openRunManager, type RunManager } from '../../extension/runs/run-manager.ts';
import { findRipgrep } from '../../extension/tools/find-ripgrep.ts';
import { builtDist } from '../support/built-dist.ts';
import { writeFiles } from '../support/workspace.ts';

const root = join(import.meta.dirname, '../..');

/** A provider that no preview may ask: its answers are made up. */
export const neverAsked: Provider = {
  id: 'test',
  title: 'a provider of a test',
  defaultModel: 'claude-sonnet-5-5',
  resolveModel: (name) => (name === 'haiku' ? 'claude-haiku-5-5' : name),
  complete: () => Promise.reject(new Error('a preview asked a model')),
};

export interface PreviewFixture {
  workspace: string;
  manager: RunManager;
  /** Another manager over the same workspace, whose scripts run on QuickJS. */
  onQuickJs(): Promise<RunManager>;
  /** Previews a script of this body; `meta` is added on the first line, so body line n is line n + 1. */
  preview(body: string, request?: Partial<PreviewRequest>): Promise<PreviewedRun>;
}

/** One workspace and one manager for all tests of a file. */
export function previewFixture(files: Record<string, string>, provider: Provider = neverAsked): PreviewFixture {
  const open = async (node: string | null): Promise<RunManager> =>
    await openRunManager({
      workspace: fixture.workspace,
      bundledWorkflows: join(root, 'workflows'),
      dist: await builtDist(),
      provider: async () => provider,
      ripgrep: await findRipgrep({ near: [root] }),
      node,
      keepWarm: true,
    });
  const fixture = {
    onQuickJs: () => open(null),
    preview: (body: string, request?: Partial<PreviewRequest>) =>
      previewScript(fixture.manager, {
        script: 'test.js',
        text: script(body),
        provider: provider.id,
        mayRead: true,
        ...request,
      }),
  } as PreviewFixture;
  beforeAll(async () => {
    fixture.workspace = realpathSync(mkdtempSync(join(tmpdir(), 'counterpoint-')));
    writeFiles(fixture.workspace, files);
    fixture.manager = await open(process.execPath);
  });
  afterAll(async () => {
    await fixture.manager.close();
    rmSync(fixture.workspace, { recursive: true, force: true });
  });
  return fixture;
}

export function script(body: string): string {
  return `export const meta = { name: 'test', description: 'A script of a test.' };\n${body}`;
}
