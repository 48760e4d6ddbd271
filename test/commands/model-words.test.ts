import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addressProblem, keyWords, serverWords, testWords } from '../../extension/commands/model-words.ts';
import type { ModelTest } from '../../extension/models/test-model.ts';

const ROOT = join(import.meta.dirname, '../..');
const GOOD: ModelTest = {
  provider: 'Anthropic',
  model: 'claude-haiku-4-5',
  problem: null,
  text: true,
  tools: true,
  structured: true,
  streaming: true,
  usage: { inputTokens: 900, outputTokens: 40, cacheReadTokens: 200, cacheWriteTokens: 0, costUsd: 0.02 },
  firstTextMs: 300,
  ms: 1240,
  notes: [],
};

test('a model that agents can work with is told with what it does, took and cost', () => {
  expect(testWords(GOOD)).toBe(
    'Agents can work with claude-haiku-4-5 (Anthropic). It writes text, calls tools, keeps to a schema and streams. ' +
      'This took 1.2 s and 1,140 tokens; it cost $0.02.',
  );
});

test('what is lacking, estimated or not known is said', () => {
  const usage = { ...GOOD.usage!, costUsd: null, estimated: true as const };
  const notes = ['The server takes no tool_choice', 'It streams no text.'];
  expect(testWords({ ...GOOD, text: false, streaming: false, usage, notes })).toBe(
    'Agents can work with claude-haiku-4-5 (Anthropic). It calls tools, keeps to a schema and gives its replies whole. ' +
      'This took 1.2 s and about 1,140 tokens; what it costs is not known. The server takes no tool_choice. It streams no text.',
  );
});

test('why agents cannot work with it is one line, whatever the server says', () => {
  const problem = `No.\n\u202E${'x'.repeat(900)}`;
  const words = testWords({ ...GOOD, model: 'evil\nname', problem });
  expect(words).toMatch(/^Agents cannot work with evil name \(Anthropic\): No\. x+…$/);
  expect(words.length).toBeLessThan(500);
});

test('what passes by itself is no word against a model', () => {
  expect(testWords({ ...GOOD, problem: 'It answered 529', remedy: 'time' })).toBe(
    'claude-haiku-4-5 (Anthropic) gives no answer now; agents would ask again for a while: It answered 529',
  );
});

test.each([
  ['http://localhost:11434', null],
  ['  https://models.example/base/ ', null],
  ['localhost:11434', 'An address begins with http:// or https://.'],
  ['file:///etc/passwd', 'An address begins with http:// or https://.'],
  ['', 'An address begins with http:// or https://.'],
  ['http://me:secret@host', 'The key comes next; here it would lie in your settings.'],
  ['http://host/?key=1', 'Without ? and #, please: the path of each request is put behind it.'],
  ['http://localhost:8000/v1/', 'Without /v1 at its end, please: that is added.'],
])('the address “%s” of a server is judged before it is kept', (address, problem) => {
  expect(addressProblem(address)).toBe(problem);
});

test('every step of the walkthrough has its text in the package, and leads to a command that there is', () => {
  const { contributes } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const commands = contributes.commands.map(({ command }: { command: string }) => command);
  const steps = contributes.walkthroughs[0].steps;
  expect(steps).toHaveLength(4);
  for (const { description, media } of steps) {
    expect(existsSync(join(ROOT, media.markdown))).toBe(true);
    expect(commands).toContain(/\(command:([\w.]+)\)/.exec(description)?.[1]);
  }
  expect(readFileSync(join(ROOT, '.vscodeignore'), 'utf8')).toContain('!media/walkthrough/**');
});

test('what became of a key and of a server is said, and which key counts then', () => {
  const kept = { had: true, has: true, inEnvironment: true };
  expect(keyWords(kept)).toBe('The Anthropic API key is kept.');
  expect(keyWords({ ...kept, has: false })).toBe(
    'The Anthropic API key is forgotten; that of the environment is used.',
  );
  expect(keyWords({ had: false, has: false, inEnvironment: false })).toBe('There was no Anthropic API key to forget.');
  expect(serverWords('http://localhost:1/$(x)', true)).toBe(
    'The model server http://localhost:1/\\$(x) is kept, with its key.',
  );
  expect(serverWords('http://localhost:1', false)).toMatch(/is kept, without a key\.$/);
  expect(serverWords(null, false)).toBe('The model server and its key are forgotten.');
});
