import { expect, test } from 'vitest';
import { toolNames } from '../../extension/agents/tool-aliases.ts';
import type { Profile } from '../../extension/protocol/permissions.ts';
import { toolsFor } from '../../extension/runs/offered-tools.ts';
import { rulesOf } from '../../extension/runs/run-rules.ts';
import { LANGUAGE_TOOLS } from '../../extension/tools/language/language-tools.ts';
import { runHarness } from '../support/run-harness.ts';

const LOOKING = ['diagnostics', 'definition', 'references', 'symbols'];
const EDITOR_TOOLS = LANGUAGE_TOOLS.map((facts) => ({ ...facts, run: async () => '' }));

test.each([
  ['read-only', [], LOOKING],
  ['edit-in-worktrees', [], [...LOOKING, 'rename']],
  ['trusted', [], [...LOOKING, 'rename']],
  ['read-only', ['rename(src/**)'], [...LOOKING, 'rename']],
] satisfies [Profile, string[], string[]][])(
  'in the profile %s with the rules %j agents have of an editor: %j',
  (profile, allow, expected) => {
    const rules = rulesOf({ permissions: { allow, ask: [], deny: [] } }, []);
    const others = toolsFor(profile, rules).map(({ name }) => name);
    const given = toolsFor(profile, rules, EDITOR_TOOLS).map(({ name }) => name);
    expect(given).toEqual([...others, ...expected]);
  },
);

test('outside of VS Code their rules are read all the same, and a script that calls one is told where they are', async () => {
  const { run, api } = await runHarness(() => ({ text: 'done' }));
  const permissions = { allow: ['rename'], ask: ['definition(src/**)'], deny: ['rename(src/**)', 'diagnostics'] };
  const { result } = await run(
    `await agent('x'); return await tool('definition', { path: 'a.ts', line: 1, symbol: 'a' }).catch((e) => e.message)`,
    { permissions },
  );
  expect(result).toBe('the tool definition is there only in runs that VS Code drives');
  expect(api.requests[0]?.body.tools?.map(({ name }) => name)).not.toContain('definition');
});

test('what other products call them is known', () => {
  expect(toolNames(['LSP'])).toEqual(['definition', 'references', 'symbols', 'diagnostics']);
  expect(toolNames(['search/usages', 'read/problems'])).toEqual(['definition', 'references', 'symbols', 'diagnostics']);
  expect(toolNames(['rename'])).toEqual(['rename']);
});
