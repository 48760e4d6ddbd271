import { expect, test } from 'vitest';
import { nameAndRest, planMarkdown, previewMarkdown, workflowsMarkdown } from '../../extension/commands/chat-words.ts';
import type { Plan } from '../../extension/planner/plan-request.ts';
import type { Preview } from '../../extension/protocol/preview.ts';

const SURE = { low: 3, likely: 3, high: 3 };
const PREVIEW: Preview = {
  script: { title: 'audit.js', name: 'audit', description: 'Audits.', digest: 'a'.repeat(64) },
  agents: { low: 12, likely: 40, high: 90 },
  inputTokens: SURE,
  outputTokens: SURE,
  costUsd: { low: 0.4, likely: 1.2, high: 4 },
  durationMs: { low: 30_000, likely: 240_000, high: 7_200_000 },
  phases: [
    { title: 'Find', agents: SURE },
    { title: 'Check', agents: SURE },
  ],
  models: [],
  basis: '214 agents of earlier runs',
  capped: null,
  tools: [],
  checkpoints: 0,
  advice: [],
  error: null,
};

test('a preview is told with what it comes to', () => {
  const words = previewMarkdown(PREVIEW);
  expect(words).toContain('- Agents: about 40 (12 to 90)');
  expect(words).toContain('- Cost: about $1.20 ($0.40 to $4.00)');
  expect(words).toContain('- Time: about 4 min (30 s to 2 h)');
  expect(words).toContain('- Phases: Find → Check');
});

test('what is sure has one number, what is free says so, what has no price does too, and what would fail is not left out', () => {
  expect(previewMarkdown({ ...PREVIEW, agents: SURE })).toContain('- Agents: 3\n');
  expect(previewMarkdown({ ...PREVIEW, costUsd: { low: 0, likely: 0, high: 0 } })).toContain('- Cost: none');
  expect(previewMarkdown({ ...PREVIEW, costUsd: null })).toContain('not known');
  const error = { name: 'TypeError', message: 'x is null' };
  expect(previewMarkdown({ ...PREVIEW, error })).toContain('**It would fail**: x is null');
});

test('what a model wrote has no links in the chat', () => {
  const why = 'See [here](command:workbench.action.terminal.new)\n# ![x](https://example.invalid/x.png)';
  const plan = { name: '`evil`', by: 'claude', why, preview: { preview: PREVIEW } } as Plan;
  const words = planMarkdown(plan);
  expect(words).not.toMatch(/(^|[^\\])\[|(^|[^\\])!|\n#/);
  expect(words).toContain('Written by claude');
});

test('workflows are listed by the name that they are run by, without those that cannot run', () => {
  const entry = { description: 'Audits.', whenToUse: '', path: '/a.js', source: 'project' as const };
  const broken = { ...entry, name: 'broken', error: { name: 'SyntaxError', message: 'x' } };
  const args = { line: 'paths' };
  const schema = { type: 'object', properties: { task: {}, 'r[x](command:y)': { default: 3 } }, required: ['task'] };
  expect(workflowsMarkdown([{ ...entry, name: 'audit', args }, broken])).toBe(
    '- **/audit** · Audits\\.  \n  Takes paths',
  );
  expect(workflowsMarkdown([{ ...entry, name: 'audit', args: { schema } }])).toMatch(
    / {2}\n {2}Takes \*\*task\*\*, r\\\[x\\\]/,
  );
  expect(workflowsMarkdown([])).toContain('no workflows');
});

test.each([
  ['audit src and more', { name: 'audit', rest: 'src and more' }],
  [' /audit {"a": 1}', { name: 'audit', rest: '{"a": 1}' }],
  ['', { name: '', rest: '' }],
])('%j names a workflow, and what it is run with', (prompt, parts) => {
  expect(nameAndRest(prompt)).toEqual(parts);
});
