import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readScript } from '../../extension/dialect/read-script.ts';
import { GUIDE, SHARED } from '../../extension/planner/guide.ts';
import { plannerRules } from '../../extension/planner/plan-prompt.ts';
import { previewScript } from '../../extension/planner/preview.ts';
import { patternsPage } from '../../scripts/docs.ts';
import { runHarness } from '../support/run-harness.ts';
import { ROOT } from '../support/workspace.ts';

const SECTIONS = GUIDE.flatMap(({ sections }) => sections);
/** Prose and code run at three and a half characters a token or more. */
const MOST_CHARACTERS = 4_600 * 3.5;

function scriptOf(example: string): string {
  if (example.startsWith('export const meta')) return example;
  return `export const meta = { name: 'example', description: 'an example' };\n${SHARED}\n${example}`;
}

test('docs/patterns.md is what the guide makes: `npm run docs` writes it', () => {
  expect(readFileSync(join(ROOT, 'docs/patterns.md'), 'utf8')).toBe(patternsPage());
});

test('the rules of the planner have every section, and are no longer than a plan can bear', () => {
  const rules = plannerRules();
  for (const { text, example } of SECTIONS) {
    expect(rules).toContain(text);
    expect(rules).toContain(example);
  }
  expect(rules.length).toBeLessThan(MOST_CHARACTERS);
});

test('the guide has the patterns that make a workflow good', () => {
  expect(SECTIONS.map(({ title }) => title)).toEqual(
    expect.arrayContaining([
      'Adversarial verify',
      'Perspective-diverse verify',
      'Judge panel',
      'Loop until dry',
      'Completeness critic',
      'Multi-modal sweep',
      'Generate and filter',
      'Tournament',
      'Pipeline or parallel',
      'Checkpoints',
      'Caps and budget',
      'Answers may be null',
    ]),
  );
});

test.each(SECTIONS.map(({ title, example }) => [title, example]))(
  'the example of "%s" is read without a warning',
  (_, example) => {
    expect(readScript(scriptOf(example)).warnings).toEqual([]);
  },
);

test('every example would run, with an agent or more, and nothing to mend but what it is not about', async () => {
  const { manager, workspace } = await runHarness(() => ({ status: 400 }));
  mkdirSync(join(workspace, 'src'));
  for (let n = 0; n < 12; n += 1) writeFileSync(join(workspace, `src/file-${n}.ts`), 'export {};\n');
  const problems: unknown[] = [];
  for (const { title, example } of SECTIONS) {
    const request = { script: 'example.js', text: scriptOf(example), provider: 'anthropic', mayRead: true };
    const { error, advice, agents } = (await previewScript(manager, request)).preview;
    // The examples show one thing at a time: some find without a challenge.
    const wrong = advice.filter(({ kind }) => kind !== 'unchallenged');
    if (error || wrong.length > 0 || agents.high === 0) problems.push({ title, error, wrong, agents });
  }
  expect(problems).toEqual([]);
}, 120_000);
