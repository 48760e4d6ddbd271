import fc from 'fast-check';

/** A workflow program as data: it can be made at random, written as a script, and its agents counted. */
export type Program =
  | { kind: 'agent'; prompt: number }
  | { kind: 'timer'; ms: number }
  | { kind: 'checkpoint'; question: number }
  | { kind: 'tool'; pattern: number }
  | { kind: 'sequence' | 'parallel' | 'race'; parts: Program[] }
  | { kind: 'pipeline'; items: number; stages: Program[] }
  | { kind: 'caught' | 'dropped'; part: Program }
  | { kind: 'converge'; rounds: number };

const PROMPTS = 4;

/** Programs of a few levels with 6 to 40 agents; prompts repeat often. */
export function somePrograms(): fc.Arbitrary<Program> {
  const parts = fc.array(anyProgram, { minLength: 2, maxLength: 4 });
  return fc
    .record({ kind: fc.constantFrom('sequence' as const, 'parallel' as const), parts })
    .filter((program) => countAgents(program) >= 6 && countAgents(program) <= 40);
}

const anyProgram: fc.Arbitrary<Program> = fc.letrec<{ program: Program }>((tie) => {
  const parts = fc.array(tie('program'), { minLength: 1, maxLength: 4 });
  return {
    program: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({ kind: fc.constant('agent' as const), prompt: fc.nat(PROMPTS - 1) }),
      fc.record({ kind: fc.constant('timer' as const), ms: fc.nat(12) }),
      fc.record({ kind: fc.constant('checkpoint' as const), question: fc.nat(2) }),
      fc.record({ kind: fc.constant('tool' as const), pattern: fc.nat(2) }),
      fc.record({ kind: fc.constantFrom('sequence' as const, 'parallel' as const, 'race' as const), parts }),
      fc.record({
        kind: fc.constant('pipeline' as const),
        items: fc.integer({ min: 1, max: 3 }),
        stages: fc.array(tie('program'), { minLength: 1, maxLength: 2 }),
      }),
      fc.record({ kind: fc.constantFrom('caught' as const, 'dropped' as const), part: tie('program') }),
      fc.record({ kind: fc.constant('converge' as const), rounds: fc.integer({ min: 1, max: 3 }) }),
    ),
  };
}).program;

/** Everything the script sees is in its log: who answered what, when by its clock, and what its dice said. */
const HELPERS = `
const say = (what) => log('· ' + what + ' at ' + Date.now() + ', ' + Math.random());
const ask = async (prompt) => { const text = await agent(prompt); say(prompt + ' gave ' + text); return text.split('#')[0] };
const wait = (ms) => new Promise((resolve) => setTimeout(() => { say('waited ' + ms); resolve(ms) }, ms));
const decide = async (question) => {
  const { choice } = await checkpoint(question, { choices: ['Yes', 'No'], timeoutMs: 6, default: 'No' });
  say(question + ' ' + choice);
  return choice;
};
const use = async (pattern) => { const text = await tool('glob', { pattern }); say(pattern + ' found ' + text); return text };
const race = async (thunks) => {
  say('won by ' + await Promise.race(thunks.map(async (thunk, i) => { await thunk(); return i })));
  return 'raced';
};
const all = async (thunks) => { const out = []; for (const thunk of thunks) out.push(await thunk()); return out };
const caught = async (thunk) => {
  try { await thunk(); throw new Error('thrown') } catch (error) { say('caught ' + error.message); return error.message }
};
const found = async (rounds) =>
  (await converge(async ({ round }) => [await ask('round ' + Math.min(round, rounds))], { dryRounds: 1, maxRounds: 5 })).items;
`;

/** The body of a script that runs the program and returns its value, which is the same whoever wins its races. */
export function scriptOf(program: Program): string {
  return `${HELPERS}return await ${expression(program)}`;
}

function expression(program: Program): string {
  switch (program.kind) {
    case 'agent':
      return `ask('prompt ${program.prompt}')`;
    case 'timer':
      return `wait(${program.ms})`;
    case 'checkpoint':
      return `decide('question ${program.question}')`;
    case 'tool':
      return `use('no-such-${program.pattern}')`;
    case 'sequence':
      return `all([${program.parts.map(thunk).join(', ')}])`;
    case 'parallel':
    case 'race':
      return `${program.kind}([${program.parts.map(thunk).join(', ')}])`;
    case 'pipeline':
      return `pipeline([${Array.from({ length: program.items }, (_, i) => i)}], ${program.stages.map(thunk).join(', ')})`;
    case 'caught':
      return `caught(${thunk(program.part)})`;
    case 'dropped':
      return `parallel([async () => { await ${expression(program.part)}; throw new Error('dropped') }])`;
    case 'converge':
      return `found(${program.rounds})`;
  }
}

function thunk(program: Program): string {
  return `() => ${expression(program)}`;
}

/** How many agents it can ask for at most. */
export function countAgents(program: Program): number {
  const sum = (parts: Program[]): number => parts.reduce((total, part) => total + countAgents(part), 0);
  switch (program.kind) {
    case 'agent':
      return 1;
    case 'timer':
    case 'checkpoint':
    case 'tool':
      return 0;
    case 'sequence':
    case 'parallel':
    case 'race':
      return sum(program.parts);
    case 'pipeline':
      return program.items * sum(program.stages);
    case 'caught':
    case 'dropped':
      return countAgents(program.part);
    case 'converge':
      // One more that finds nothing new.
      return program.rounds + 1;
  }
}
