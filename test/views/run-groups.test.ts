import { expect, test } from 'vitest';
import type { Standing } from '../../extension/runs/run-standing.ts';
import { groupRuns } from '../../extension/views/run-groups.ts';

/** A Thursday. */
const NOW = new Date(2026, 10, 26, 15, 0).getTime();

function run(standing: Standing, at: number, questions = 0) {
  return { standing, questions, createdAt: at };
}

/** Such as `['Today', 2]`. */
function labels(runs: ReturnType<typeof run>[], now = NOW): [string, number][] {
  const newestFirst = runs.toSorted((a, b) => b.createdAt - a.createdAt);
  return groupRuns(newestFirst, now).map((group) => [group.label, group.runs.length]);
}

test('what needs a person stands first, then what goes on, then what was cut; all others by day', () => {
  const hour = 3_600_000;
  const all = [
    run('completed', NOW - hour),
    run('interrupted', NOW - 2 * hour, 1),
    run('paused', NOW - 3 * hour),
    run('running', NOW - 4 * hour),
    run('running', NOW - 5 * hour, 2),
    run('paused', NOW - 6 * hour, 1),
    run('failed', NOW - 7 * hour),
  ];
  expect(labels(all)).toEqual([
    ['Waiting for You', 2],
    ['Running', 1],
    ['Paused', 1],
    ['Interrupted', 1],
    ['Today', 2],
  ]);
});

test('days are those of the calendar, a week begins on Monday, and months bear their names', () => {
  const on = (year: number, month: number, day: number, hour = 0, minute = 0) =>
    run('completed', new Date(year, month - 1, day, hour, minute).getTime());
  const all = [
    on(2026, 11, 26),
    on(2026, 11, 25, 23, 59),
    on(2026, 11, 25),
    on(2026, 11, 24, 23, 59),
    on(2026, 11, 23),
    on(2026, 11, 22, 23, 59),
    on(2026, 11, 1),
    on(2026, 10, 31),
    on(2026, 10, 1),
    on(2026, 1, 1),
    on(2025, 12, 31),
    on(2025, 11, 30),
  ];
  expect(labels(all)).toEqual([
    ['Today', 1],
    ['Yesterday', 2],
    ['Earlier This Week', 2],
    ['Earlier This Month', 2],
    ['October', 2],
    ['January', 1],
    ['December 2025', 1],
    ['November 2025', 1],
  ]);
});

test('on a Monday nothing is of earlier this week, and on the first of a month nothing of earlier this month', () => {
  const monday = new Date(2026, 10, 30, 9).getTime();
  const days = (ago: number) => run('completed', new Date(2026, 10, 30 - ago, 8).getTime());
  expect(labels([days(0), days(1), days(2)], monday).map(([label]) => label)).toEqual([
    'Today',
    'Yesterday',
    'Earlier This Month',
  ]);
  const first = new Date(2026, 9, 1, 9).getTime();
  const september = [29, 20].map((day) => run('completed', new Date(2026, 8, day).getTime()));
  expect(labels(september, first).map(([label]) => label)).toEqual(['Earlier This Week', 'September']);
});

test('only what is recent is unfolded, for what is folded is never read', () => {
  const days = [0, 1, 3, 20, 40].map((ago) => run('completed', NOW - ago * 86_400_000));
  expect(groupRuns(days, NOW).map(({ open }) => open)).toEqual([true, true, false, false, false]);
});
