import { execFileSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';

const root = join(import.meta.dirname, '../..');

/** What the compiler says of the body of a script with the types of its globals, one message a line. */
function check(body: string): string[] {
  const folder = tempDir();
  copyFileSync(join(root, 'extension/dialect/workflow.d.ts'), join(folder, 'workflow.d.ts'));
  writeFileSync(join(folder, 'body.ts'), `export async function body() {\n${body}\n}\n`);
  const options = { strict: true, noEmit: true, lib: ['ES2024'], types: [], target: 'ES2024', module: 'ESNext' };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options }));
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
    return [];
  } catch (error) {
    return (error as { stdout: string }).stdout.trim().split('\n');
  }
}

it('the types for editors accept what works, and know what comes back', () => {
  expect(
    check(`
phase('A'); log('a', 1); console.warn({}); const t = setTimeout((x: string) => log(x), 5, 'x'); clearTimeout(t);
const answer = await agent('p', { label: 'l', effort: 'max', isolation: 'worktree', schema: { type: 'object', properties: {} } });
await agent('p', null);
const numbers: (number | null)[] = await parallel([() => 1, async () => 2]);
const lengths: (number | null)[] = await pipeline(['a'], (previous, item, index) => agent(item + index), async (text, item) => text.length + item.length);
const verdict = await challenge({ title: 't', file: 'f', line: 1 }, { lenses: ['x'], challengers: 1 });
const upheld: boolean = verdict.verdict === 'upheld' && verdict.for > verdict.against + verdict.failed;
const { items, estimate } = await converge<{ id: number }>(async ({ round, seen }) => [{ id: round }, null, ...seen], { key: (x) => x.id });
const total: number = items[0]!.id + estimate.high + budget.remaining() + (budget.total ?? 0) + performance.now();
const { winner, scores, reasons } = await judge([answer, null], { criteria: 'c', judges: 1, label: 'l', effort: 'low' });
const best: number = (scores[winner] ?? 0) + reasons.length;
const { choice, comment } = await checkpoint('q', { choices: ['a', 'b'], timeoutMs: 5, default: 'b' });
const which: 'a' | 'b' = choice;
const { values } = await checkpoint('q', { schema: { properties: {} }, default: { choice: 'Submit', values: { x: 1 } } });
const text: string = (await tool('grep', { pattern: 'x' })) + (await tool('glob')) + (await checkpoint('q')).choice + comment;
const added: [number, string][] = (await tool('inbox', { wait: true })).map(({ number, outcome }) => [number, outcome]);
const others = [added, (await tool('inbox'))[0]?.answer, await workflow('name', 1), (await workflow({ scriptPath: 'a.js' })).x];
return [answer, args.x, numbers, lengths, upheld, total, best, which, values, text, others];`),
  ).toEqual([]);
});

it('the types for editors refuse what does not', () => {
  const problems = check(`agent(1);
agent('a', { efort: 'low' });
agent('a', { effort: 'huge' });
parallel([agent('a')]);
pipeline('ab', (x) => x);
converge(() => 'text');
budget.total = 1;
require('fs');
process.exit();
fetch('x');
judge(['a']);
judge('a', { criteria: 'c' });
checkpoint();
checkpoint('q', { choices: ['a', 'b'], default: 'c' });
tool('grep', 'x');
workflow({ path: 'x' });
(await tool('inbox')).length.wrong;
(await tool('grep')).map((one) => one);`);
  const lines = problems.flatMap((problem) => /body\.ts\((\d+),/.exec(problem)?.[1] ?? []).map(Number);
  // The first line of the body is line 2 of the file.
  expect([...new Set(lines)]).toEqual(Array.from({ length: 18 }, (_, index) => index + 2));
});
