import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openRunManager } from '../../extension/runs/run-manager.ts';
import { neverAsked } from '../planner/preview-fixture.ts';
import { builtDist } from '../support/built-dist.ts';
import { tempDir } from '../support/temp-dir.ts';
import { ROOT } from '../support/workspace.ts';

test('where no trace may be left, runs and workflows can be looked at, nothing is written, and no run starts', async () => {
  const workspace = tempDir();
  const manager = await openRunManager({
    workspace,
    bundledWorkflows: join(ROOT, 'workflows'),
    dist: await builtDist(),
    provider: async () => neverAsked,
    ripgrep: '',
    node: process.execPath,
    leaveNoTrace: true,
  });
  onTestFinished(() => manager.close());
  expect(manager.runs()).toEqual([]);
  expect((await manager.workflows()).map(({ name }) => name)).toContain('bug-sweep');
  await expect(manager.start({ script: 'bug-sweep', provider: 'test' })).rejects.toMatchObject({ code: 'not-trusted' });
  expect(readdirSync(workspace)).toEqual([]);
});
