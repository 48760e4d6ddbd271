import { describe, expect, it } from 'vitest';
import type { CallSettled } from '../../extension/protocol/run-events.ts';
import { NO_USAGE, type RunEventBody } from '../../extension/protocol/run-events.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import type { Verdict } from '../../extension/protocol/sandbox-wire.ts';
import { cost, count, duration, line, shown } from '../../webview/format.ts';
import { loudest, markOf, standingOf } from '../../webview/states.ts';

function claim(outcomes: ('for' | 'against' | 'failed' | 'working' | 'waiting')[], verdict?: Verdict) {
  const bodies: RunEventBody[] = [
    {
      type: 'group.opened',
      group: {
        id: 1,
        kind: 'challenge',
        phase: 'C',
        parent: null,
        slot: [],
        label: 'a claim',
        detail: '',
        size: 3,
        stages: 0,
        labels: [],
      },
    },
  ];
  outcomes.forEach((outcome, index) => {
    const id = index + 1;
    bodies.push({
      type: 'call.issued',
      call: {
        id,
        key: `k${id}`,
        kind: 'agent',
        role: 'challenger',
        label: '',
        phase: 'C',
        group: 1,
        slot: [index],
        model: '',
        at: null,
      },
    });
    if (outcome !== 'waiting') bodies.push({ type: 'call.started', id });
    if (outcome === 'working' || outcome === 'waiting') return;
    const base = { reused: false, usage: NO_USAGE, requests: 1, durationMs: 5, spent: 0 };
    const settled: CallSettled =
      outcome === 'failed' ? { ...base, outcome: 'failed' } : { ...base, outcome: 'succeeded', vote: outcome };
    bodies.push({ type: 'call.settled', id, settled });
  });
  if (verdict) bodies.push({ type: 'group.changed', id: 1, change: { closed: true, verdict } });
  const tree = foldRun(bodies.map((body, index) => ({ ...body, seq: index + 1, at: index })));
  return { tree, group: tree.groups.get(1)! };
}

describe('where a claim stands', () => {
  it('says the votes so far and how many are at work', () => {
    const { tree, group } = claim(['for', 'working', 'working']);
    expect(standingOf(tree, group)).toEqual({ state: 'working', words: '1–0, 2 at work' });
    const none = claim(['waiting', 'waiting', 'waiting']);
    expect(standingOf(none.tree, none.group)).toEqual({ state: 'waiting', words: 'waiting' });
  });

  it.each([
    ['upheld', 'succeeded', 'upheld 3–0', { for: 3, against: 0, failed: 0 }],
    ['refuted', 'refuted', 'refuted 1–2', { for: 1, against: 2, failed: 0 }],
    ['unverified', 'unverified', 'unverified', { for: 0, against: 0, failed: 3 }],
    ['unverified', 'unverified', 'unverified 1–0', { for: 1, against: 0, failed: 2 }],
  ] as const)('says %s in words of its own', (verdict, state, words, votes) => {
    const { tree, group } = claim(['for', 'for', 'for'], { verdict, ...votes, reasons: [] });
    expect(standingOf(tree, group)).toEqual({ state, words });
  });

  it('marks a vote for what it says, and a failure as no vote', () => {
    const { tree } = claim(['for', 'against', 'failed']);
    expect([1, 2, 3].map((id) => markOf(tree.calls.get(id)).word)).toEqual([
      'upheld it',
      'refuted it',
      'failed, no vote',
    ]);
  });

  it('lets the loudest of several states speak', () => {
    expect(loudest(['succeeded', 'failed', 'working'])).toBe('failed');
    expect(loudest(['succeeded', 'waiting'])).toBe('waiting');
    expect(loudest([])).toBe('none');
  });
});

describe('text of unknown origin', () => {
  it('loses terminal sequences', () => {
    expect(shown('\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007')).toBe('red link');
  });

  it('shows what would reorder or hide it', () => {
    expect(shown('a\u202eb\u2066c\u0000d\u007f')).toBe('a[U+202E]b[U+2066]c\u2400d\u2421');
  });

  it('keeps lines and tabs, and flattens where one line is wanted', () => {
    expect(shown('a\r\n\tb')).toBe('a\n\tb');
    expect(line('a\n\n  b')).toBe('a b');
    expect(line('x'.repeat(1_000_000), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});

describe('numbers', () => {
  it('are short', () => {
    expect([0, 999, 14_000, 242_000, 3_900_000, 183_600_000].map(duration)).toEqual([
      '0 ms',
      '999 ms',
      '14 s',
      '4 m 02 s',
      '1 h 05 m',
      '2 d 03 h',
    ]);
    expect([412, 6100, 12_340, 1_840_000].map(count)).toEqual(['412', '6.1 k', '12.3 k', '1.84 M']);
    expect([0, 0.004, 0.2, 12.5].map(cost)).toEqual(['$0.00', '$0.004', '$0.20', '$12.50']);
  });
});
