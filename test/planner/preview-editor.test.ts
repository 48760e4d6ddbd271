import { expect, test } from 'vitest';
import { previewScript } from '../../extension/planner/preview.ts';
import { LANGUAGE_TOOLS } from '../../extension/tools/language/language-tools.ts';
import { runHarness } from '../support/run-harness.ts';
import { script } from './preview-fixture.ts';

const BODY = `const outline = await tool('symbols', { path: 'a.ts' });
await agent('x', { label: outline });
await tool('rename', { path: 'a.ts', line: 1, symbol: 'a', newName: 'b' }).catch((e) => agent(e.message));`;

test('a preview knows the tools of an editor where there is one, and where there is none it fails as the run would', async () => {
  const editorTools = LANGUAGE_TOOLS.map((facts) => ({ ...facts, run: async () => `real ${facts.name}` }));
  const { manager } = await runHarness(() => ({ text: 'done' }), { editorTools });
  const request = { script: 'test.js', text: script(BODY), provider: 'anthropic' };
  const { preview, events } = await previewScript(manager, { ...request, mayRead: true });
  expect(preview.error).toBeNull();
  expect(preview.tools.filter(({ by }) => by === 'script')).toEqual([
    { name: 'symbols', by: 'script', access: 'read' },
  ]);
  const names = preview.tools.filter(({ by }) => by === 'agents').map(({ name }) => name);
  expect(names).toContain('references');
  expect(names).not.toContain('rename');
  const labels = events.flatMap((event) => (event.type === 'call.issued' ? [event.call.label] : []));
  expect(labels).toContain('real symbols');
  // Where nothing may be read, nothing is asked of the editor either.
  const blind = await previewScript(manager, { ...request, mayRead: false });
  expect(blind.preview.error).toBeNull();

  const without = await runHarness(() => ({ text: 'done' }));
  const elsewhere = await previewScript(without.manager, { ...request, mayRead: true });
  expect(elsewhere.preview.error?.message).toContain('the tool symbols is there only in runs that VS Code drives');
});
