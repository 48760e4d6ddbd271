import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FakeBody } from '../support/fake-anthropic.ts';
import { runHarness } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';

function toolsOf(body: FakeBody | undefined): string[] {
  return (body?.tools ?? []).map(({ name }) => name);
}

test('an agent of a type works by its definition: its words, its model, and fewer tools', async () => {
  const home = tempDir();
  mkdirSync(join(home, '.claude/agents'), { recursive: true });
  writeFileSync(
    join(home, '.claude/agents/critic.md'),
    '---\nname: critic\ntools: Read, Bash\nmodel: claude-opus-4-6\n---\nYou are never content.',
  );
  const harness = await runHarness((body) => ({ text: body.model }), { home });
  const { result } = await harness.run(`return [
    await agent('a', { agentType: 'critic' }), await agent('b', { agentType: 'critic', model: 'mine' }),
    await agent('c', { agentType: 'writer' }), await agent('d')]`);
  expect(result).toEqual(['claude-opus-4-6', 'mine', 'fake', 'fake']);
  const [critic, , writer, plain] = harness.api.requests.map(({ body }) => body);
  expect(toolsOf(critic)).toEqual(['read_file']);
  expect(JSON.stringify(critic?.system)).toContain('You are never content.');
  expect(writer?.tools).toBeUndefined();
  expect(JSON.stringify(writer?.system)).not.toContain('tools');
  expect(toolsOf(plain)).toHaveLength(4);
});

test('a type that there is not is an error of the script, and nothing is asked', async () => {
  const harness = await runHarness(() => ({ text: 'x' }));
  const { result } = await harness.run(
    `try { await agent('a', { agentType: 'wizard' }) } catch (e) { return e.name + ': ' + e.message }`,
  );
  expect(result).toMatch(/^TypeError: there is no agentType "wizard"; there are: general-purpose, Explore/);
  expect(harness.api.requests).toEqual([]);
});
