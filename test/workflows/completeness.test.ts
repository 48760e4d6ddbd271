import { expect, test } from 'vitest';
import type { Json } from '../../extension/protocol/json.ts';
import { challengers, claimsOf, type LibraryRun, type Line, runLibrary, thoseOf } from '../support/library-run.ts';

interface Gap {
  title: string;
  missing: string;
  place: string;
  weight: string;
  angles: string[];
  raised: number;
  verdict: { for: number; against: number; failed: number; reasons: string[] };
}
interface Result {
  gaps: Gap[];
  refuted: Gap[];
  unverified: Gap[];
  rounds: number;
  estimate: { found: number; total: number; low: number; high: number; unfound: number; unfoundReal: number };
  report: string;
}

const WORK = 'A plan of three steps: pack, drive, arrive.';
const gap = (title: string, weight = 'useful'): Json => ({
  title,
  missing: `what ${title} means`,
  place: 'plan',
  weight,
});
const UNIQUE: Line = ['gaps that were found in a piece of work', { same: [] }];

/** What the critics of an angle raise: in each round the next of these, and nothing after the last. */
function critic(angle: string, ...rounds: string[][]): Line {
  let round = 0;
  const raised = (): Json => ({ gaps: (rounds[round++] ?? []).map((title) => gap(title)) });
  return [new RegExp(`What is missing.*Look from one angle only: ${angle}`, 's'), raised];
}
const parts = (...rounds: string[][]): Line => critic('the goal, part by part', ...rounds);
const people = (...rounds: string[][]): Line => critic('everybody who will meet', ...rounds);

function look(args: Record<string, Json>, lines: Line[], files = {}): Promise<LibraryRun<Result>> {
  const given = { work: WORK, goal: 'Arrive rested', angles: ['parts', 'people'], ...args };
  return runLibrary<Result>('completeness', given, lines, files);
}
const titles = (gaps: Gap[]): string[] => gaps.map(({ title }) => title);

test('what several critics raise is one gap and is challenged once, in whatever round it turns up', async () => {
  const { status, result, prompts } = await look({}, [
    parts(['Fuel', 'Breaks'], ['fuel!']),
    people(['fuel'], ['Breaks']),
    UNIQUE,
    challengers(['Breaks']),
  ]);
  expect(status).toBe('completed');
  expect(titles(result.gaps)).toEqual(['Fuel']);
  expect(titles(result.refuted)).toEqual(['Breaks']);
  expect(result.gaps[0]).toMatchObject({ angles: ['parts', 'people'], raised: 3, verdict: { for: 3, against: 0 } });
  // One round that finds, two that bring nothing new.
  expect(result.rounds).toBe(3);
  expect(thoseOf(prompts, 'What is missing')).toHaveLength(6);
  expect(claimsOf(prompts)).toHaveLength(6);
});

test('the same gap in other words is what the matcher says it is, within a round and across rounds', async () => {
  const matcher: Line = [
    'gaps that were found in a piece of work',
    (prompt) => ({
      same: prompt.includes('Known before:\nnone')
        ? [{ number: 2, as: 1 }]
        : [
            { number: 2, as: 1 },
            { number: 9, as: 77 },
          ],
    }),
  ];
  const { result, prompts } = await look({}, [
    parts(['Fuel'], ['Petrol to drive on']),
    people(['Full tank']),
    matcher,
    challengers(),
  ]);
  expect(titles(result.gaps)).toEqual(['Fuel']);
  expect(result.gaps[0]?.raised).toBe(3);
  expect(claimsOf(prompts)).toHaveLength(3);
});

test('challengers see the gap, the goal and the work, and not who raised it or how grave it seemed', async () => {
  const { prompts } = await look({ rounds: 1 }, [parts(['Fuel']), people(), challengers()]);
  expect(claimsOf(prompts)[0]).toEqual({
    title: 'Missing: Fuel',
    missing: 'what Fuel means',
    place: 'plan',
    goal: 'Arrive rested',
    work: WORK,
  });
  const lenses = prompts.flatMap((prompt) => /^Lens: (.*)$/m.exec(prompt)?.[1] ?? []);
  expect(new Set(lenses).size).toBe(3);
});

test('critics are not told what is known, and how often gaps turn up says how many nobody has raised', async () => {
  const { result, prompts } = await look({ rounds: 4 }, [
    parts(['Fuel', 'Breaks', 'Map'], ['Fuel', 'Tyres'], ['Fuel'], ['Fuel']),
    people(),
    UNIQUE,
    challengers(['Map']),
  ]);
  const critics = thoseOf(prompts, 'What is missing');
  expect(new Set(critics.filter((prompt) => prompt.includes('part by part'))).size).toBe(1);
  const { found, total, unfound, unfoundReal, low, high } = result.estimate;
  expect(found).toBe(4);
  expect(total).toBeGreaterThan(4);
  expect(low).toBeLessThanOrEqual(total);
  expect(high).toBeGreaterThan(total);
  // Three of four held, and so would of the others.
  expect(unfoundReal).toBe(Math.round(unfound * 0.75));
  expect(result.report).toContain(
    `4 were raised; by how often each turned up, there are about ${Math.round(total)} that such`,
  );
  expect(result.report).toContain(`Of the ${unfound} that nobody raised, about ${unfoundReal} would hold.`);
});

test('gaps are ranked by weight, then by votes', async () => {
  const raised: Line = [
    'part by part',
    { gaps: [gap('Music', 'nice to have'), gap('Snacks', 'useful'), gap('Fuel', 'essential'), gap('Seats', 'useful')] },
  ];
  const votes: Line = [
    'Counterpoint-Task: challenge',
    (prompt) => ({
      verdict: prompt.includes('Snacks') && prompt.includes('notice') ? 'refuted' : 'upheld',
      reason: 'so',
    }),
  ];
  const { result } = await look({ rounds: 1 }, [votes, UNIQUE, raised, people()]);
  expect(titles(result.gaps)).toEqual(['Fuel', 'Seats', 'Snacks', 'Music']);
});

test('nothing missing is a result', async () => {
  const { status, result, prompts } = await look({}, [parts(), people()]);
  expect(status).toBe('completed');
  expect(result).toMatchObject({ gaps: [], refuted: [], unverified: [], rounds: 2 });
  expect(prompts).toHaveLength(4);
  expect(result.report).toContain('**0 gaps** held');
});

test('a work is a file or folder where there is one, a text of several words elsewhere, and else a mistake', async () => {
  const files = { 'docs/plan.md': WORK, 'docs/[id]/x.md': 'x' };
  for (const work of ['docs/plan.md', './docs/', 'docs/[id]', '.']) {
    const { prompts, result } = await look({ work, rounds: 1 }, [parts(), people()], files);
    expect(prompts[0]).toContain(`The work is in the workspace: ${JSON.stringify(work)}. Read it.`);
    expect(result.report).toContain(`- **Work:** \`${work}\`, from 2 angles.`);
  }
  const text = await look({ rounds: 1 }, [parts(), people()], files);
  expect(text.prompts[0]).toContain(`The work: ${JSON.stringify(WORK)}`);
  const { status, error } = await look({ work: 'docs/plam.md' }, [], files);
  expect(status).toBe('failed');
  expect(error?.message).toContain('"docs/plam.md": neither a file or folder here');
  // What rules keep back of the folder is told behind the answer, and is no file of that name.
  const mistyped = { work: 'docs/plam.md', goal: 'Arrive rested' };
  const kept = await runLibrary<Result>('completeness', mistyped, [], files, { deny: ['grep(docs/plan.md)'] });
  expect(kept.error?.message).toContain('"docs/plam.md": neither a file or folder here');
});

test('angles whose critics fail are told of, and so are rounds in which nobody answered', async () => {
  const some = await look({ rounds: 1 }, [
    parts(['Fuel']),
    ['everybody who will meet', { status: 400 }],
    challengers(),
  ]);
  expect(some.status).toBe('completed_with_failures');
  expect(titles(some.result.gaps)).toEqual(['Fuel']);
  expect(some.result.report).toContain('- **Not looked from:** people, for its critics failed.');
  let asked = 0;
  const tired: Line = ['What is missing', (): Json => (asked++ < 2 ? { gaps: [gap('Fuel')] } : { status: 400 })];
  const deaf = await look({}, [tired, UNIQUE, challengers()]);
  expect(deaf.result.report).toContain(
    '- **Round 2:** no critic answered, so that it brought nothing new means nothing.',
  );
  const none = await look({}, [['What is missing', { status: 400 }]]);
  expect(none.status).toBe('failed');
  expect(none.error?.message).toContain('No critic gave an answer');
});

test('without the matcher gaps are told apart by their titles, and the log says so', async () => {
  const { result, logs } = await look({ rounds: 1 }, [
    parts(['Fuel']),
    people(['FUEL', 'Petrol']),
    ['gaps that were found in a piece of work', { status: 400 }],
    challengers(),
  ]);
  expect(titles(result.gaps)).toEqual(['Fuel', 'Petrol']);
  expect(logs).toContain('Gaps are told apart by their titles alone: the same in other words counts twice.');
});

test('challengers that fail leave a gap unverified, and so does a limit of agents', async () => {
  const failed = await look({ rounds: 1 }, [
    parts(['Fuel']),
    people(),
    ['Counterpoint-Task: challenge', { status: 400 }],
  ]);
  expect(failed.result.unverified[0]?.verdict).toMatchObject({ for: 0, against: 0, failed: 3 });
  const capped = await look({ maxAgents: 6 }, [parts(['Fuel', 'Breaks']), people(), UNIQUE, challengers()]);
  expect(titles(capped.result.gaps)).toEqual(['Fuel']);
  expect(capped.result.unverified[0]?.verdict.reasons).toEqual(['Not challenged: the limit of 6 agents was reached.']);
  expect(capped.logs).toContain('Not challenged for want of agents: Breaks');
  expect(capped.prompts).toHaveLength(6);
  expect(capped.result.report).toContain('cut short by the limit of agents');
});

test('what critics write does not become markup of the report', async () => {
  const title = '# x | <img src=x> [y](command:z)';
  const raised: Line = ['part by part', { gaps: [{ title, missing: '<script>', place: '*here*', weight: 'useful' }] }];
  const { result } = await look({ rounds: 1 }, [challengers(), raised, people()]);
  expect(result.report).toContain('### 1. \\# x \\| \\<img src=x\\> \\[y\\](command:z)');
  expect(result.report).toContain('useful · \\*here\\* · seen from parts');
  expect(result.report).not.toContain('<script>');
});

test.each<[Json, string]>([
  [{ work: 'x y' }, 'goal'],
  [{ work: 'x y', goal: 'z', angles: ['style'] }, '"angles.0"'],
])('args %j are refused before anything runs', async (args, message) => {
  await expect(runLibrary('completeness', args, [])).rejects.toThrow(message);
});
