import { planWorkflow } from '../../extension/planner/plan.ts';
import type { Plan, PlanRequest } from '../../extension/planner/plan-request.ts';
import type { FakeBody, FakeMessage, FakeReply, FakeScript } from './fake-anthropic.ts';
import { type RunHarness, runHarness } from './run-harness.ts';

/** A script that every check takes. */
export const GOOD_SCRIPT = `export const meta = {
  name: 'whatever',
  description: 'Looks at each of some folders',
  args: { type: 'object', properties: { paths: { type: 'array', items: { type: 'string' }, default: ['src', 'test'] } } },
};
const looks = await parallel(args.paths.map((path) => () => agent(\`What is in \${path}?\`, { label: path })));
return { report: looks.map((look) => look ?? 'The agent failed.').join('\\n') };
`;

/** A reply that gives a script, with whatever else the answer is to have. */
export function answering(script: unknown, more: object = {}): FakeMessage {
  const input = { name: 'Look Around', script, why: 'One agent a folder.', ...more };
  return { tools: [{ name: 'answer', input }] };
}

/** Gives one reply after the other; there is none beyond the last. */
export function inTurn(...replies: FakeReply[]): FakeScript {
  return (_, n) => replies[n - 1] ?? { status: 400, message: `There was no request ${n} to be expected.` };
}

/** What the planner was last told of its answer. */
export function sentBack({ messages }: FakeBody): string {
  return (
    messages
      .at(-1)
      ?.content.map((block) => block.content ?? block.text ?? '')
      .join('\n') ?? ''
  );
}

export interface Planned extends RunHarness {
  plan(request?: Partial<PlanRequest>): Promise<Plan>;
}

/** A workspace whose planner asks a loopback API. */
export async function planHarness(script: FakeScript): Promise<Planned> {
  const harness = await runHarness(script);
  return {
    ...harness,
    plan: (request) =>
      planWorkflow(harness.manager, {
        goal: 'What is in src and test?',
        size: 'auto',
        provider: 'anthropic',
        ...request,
      }),
  };
}
