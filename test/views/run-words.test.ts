import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import Markdown from 'react-markdown';
import { expect, test } from 'vitest';
import { NO_USAGE, type RunInfo } from '../../extension/protocol/run-events.ts';
import { emptyCounts } from '../../extension/protocol/run-tree.ts';
import type { RunOverview } from '../../extension/runs/run-service.ts';
import {
  type DescribedRun,
  descriptionOf,
  escaped,
  runningText,
  runningTooltip,
  spanText,
  spokenOf,
  tooltipOf,
} from '../../extension/views/run-words.ts';

const NOW = new Date(2026, 10, 26, 15, 0).getTime();
const HOSTILE =
  '[x](command:counterpoint.stopRun) <b>**b**</b> `c` $(gear) https://evil.example www.evil.example a@b.example &lt; ~~s~~ #h\n- item ![i](https://evil.example/i.png)';

const INFO: RunInfo = {
  id: 'r',
  name: 'bug-sweep',
  description: 'Looks for bugs.',
  script: 'bug-sweep.js',
  digest: '',
  provider: 'anthropic',
  providerTitle: 'Anthropic',
  model: 'claude',
  phases: [],
  limits: { concurrency: 1, maxAgents: 9, budget: null, maxCostUsd: 5, agentTimeoutMs: null, runTimeoutMs: null },
};

function described(
  standing: DescribedRun['standing'],
  overview: Partial<RunOverview> | null,
  name = 'bug-sweep',
): DescribedRun {
  const ended = standing !== 'running' && standing !== 'paused' && standing !== 'interrupted';
  return {
    standing,
    folder: null,
    summary: {
      run: { ...INFO, name },
      status: standing === 'paused' ? 'running' : standing,
      createdAt: NOW - 240_000,
      endedAt: ended ? NOW : null,
      here: true,
    },
    overview: overview && {
      counts: emptyCounts(),
      usage: NO_USAGE,
      paused: standing === 'paused',
      phase: null,
      questions: 0,
      startedAt: NOW - 240_000,
      endedAt: ended ? NOW : null,
      failure: null,
      ...overview,
    },
  };
}

const HALF = {
  counts: { ...emptyCounts(), succeeded: 60, reused: 2, working: 8, waiting: 280 },
  usage: { ...NO_USAGE, inputTokens: 1000, costUsd: 1.2 },
};

test('a row tells how far a run is, what it costs and how long it takes', () => {
  expect(descriptionOf(described('running', HALF), NOW)).toBe('62 of 350 · $1.20 · 4 min');
  expect(descriptionOf(described('running', { ...HALF, questions: 2 }), NOW)).toBe(
    '2 questions · 62 of 350 · $1.20 · 4 min',
  );
  expect(descriptionOf(described('running', null), NOW)).toBe('');
});

test('a row of a run that is over tells what went wrong with it', () => {
  const failed = { counts: { ...emptyCounts(), succeeded: 3, failed: 1 } };
  expect(descriptionOf(described('completed', { counts: { ...emptyCounts(), succeeded: 1 } }), NOW)).toBe(
    '1 agent · 4 min',
  );
  expect(descriptionOf(described('completed_with_failures', failed), NOW)).toBe('3 of 4 · 1 failed · 4 min');
  expect(descriptionOf(described('stopped', failed), NOW)).toBe('stopped · 3 of 4 · 1 failed · 4 min');
  expect(descriptionOf(described('failed', null), NOW)).toBe('failed');
});

test('a screen reader gets the standing in words, once', () => {
  expect(spokenOf(described('running', HALF), NOW)).toBe('bug-sweep, running, 62 of 350 · $1.20 · 4 min');
  expect(spokenOf(described('stopped', null), NOW)).toBe('bug-sweep, stopped');
});

test('a span over a minute changes once a minute', () => {
  expect([0, 59_999, 60_000, 3_599_999, 3_900_000, 90_000_000].map(spanText)).toEqual([
    '0 s',
    '59 s',
    '1 min',
    '59 min',
    '1 h 05 min',
    '1 day 1 h',
  ]);
});

/** What a reader of Markdown makes of it. */
function html(markdown: string): string {
  return renderToStaticMarkup(createElement(Markdown, null, markdown));
}

test('a tooltip tells all that is known', () => {
  const text = html(tooltipOf(described('failed', { ...HALF, phase: 'Find', failure: 'No key.' }), NOW));
  for (const part of [
    '<strong>bug-sweep</strong> · failed',
    'Phase: Find',
    '60 done, 2 reused',
    '$1.20 of $5.00',
    'Why: No key.',
    'claude · Anthropic',
    'Ended: today',
  ])
    expect(text).toContain(part);
});

test('no text of a run is markup in a tooltip', () => {
  const said = html(escaped(HOSTILE, 1000));
  expect(said.replace(/^<p>|<\/p>$/g, '')).not.toContain('<');
  const shown = said.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').replaceAll('&quot;', '"');
  // But for the space that `plain` puts where a link would begin.
  expect(shown).toBe(`<p>${HOSTILE.replace('\n', ' ').replaceAll('](', '] (')}</p>`);
  const run = described('failed', { failure: HOSTILE, phase: HOSTILE }, HOSTILE);
  run.summary.run.description = HOSTILE;
  const tooltip = html(tooltipOf(run, NOW));
  const counted = { tree: { run: { ...INFO, name: HOSTILE }, paused: false, startedAt: NOW, ...HALF } };
  for (const text of [tooltip, html(runningTooltip([counted], NOW))]) {
    expect(text).not.toMatch(/<(a|img|b|del|code|h1|script)\b/);
    expect(text).toContain('command:counterpoint');
  }
});

test('the status bar counts runs, those that are held back, and what they cost', () => {
  const run = (paused: boolean) => ({ tree: { run: INFO, paused, startedAt: NOW, ...HALF } });
  expect(runningText([run(false), run(false)])).toBe('$(sync~spin) 2 runs · $2.40');
  expect(runningText([run(false), run(true)])).toBe('$(sync~spin) 2 runs, 1 paused · $2.40');
  const estimated = run(false);
  estimated.tree.usage = { ...estimated.tree.usage, estimated: true };
  expect(runningText([estimated])).toBe('$(sync~spin) 1 run · about $1.20');
  expect(runningText([run(true)])).toBe('$(debug-pause) 1 run paused · $1.20');
});
