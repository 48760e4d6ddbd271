import {
  type FakeAnthropic,
  type FakeBody,
  type FakeReply,
  type FakeScript,
  startFakeAnthropic,
} from '../support/fake-anthropic.ts';

/** What the model writes for whatever goal. */
const PLAN = {
  name: 'swallowed-errors',
  why: 'One agent a folder, for there are few.',
  script: `export const meta = { name: 'swallowed-errors', description: 'Errors that nobody hears of.', phases: [{ title: 'Look' }] };
phase('Look');
const looks = await parallel(['src', 'jobs'].map((path) => () => agent('What fails silently in ' + path + '?', { label: path })));
const parts = looks.map((look) => look ?? 'Not looked at.');
return { report: ['# Errors', ...parts].join('\\n\\n') };
`,
};

/** A request that a test answers comes within this time, else the test has failed. */
const COMES_WITHIN_MS = 60_000;

/** What the test of a model is called for `release`. */
export const HELD_TEST = 'Hold a test of the model';

/** A model API that plans one thing whatever it is asked for, and whose answers to prompts that begin with `Hold`, and to tests of a model, wait until a test lets them go; all others are answered at once. */
export interface HeldApi extends FakeAnthropic {
  /** Prompts of all requests so far, with what a person said to the agent since. */
  prompts(): string[];
  /** Answers the oldest request with this prompt, that is there or comes. */
  release(prompt: string, reply?: FakeReply): Promise<void>;
}

export async function startHeldApi(): Promise<HeldApi> {
  const waiting = new Map<string, ((reply: FakeReply) => void)[]>();
  const decide: FakeScript = (body) => {
    const prompt = promptOf(body);
    if (prompt.startsWith('Size: ')) return { tools: [{ name: 'answer', input: PLAN }] };
    if (!prompt.startsWith('Hold')) return { text: 'Hello from the model' };
    return new Promise((resolve) => waiting.set(prompt, [...(waiting.get(prompt) ?? []), resolve]));
  };
  // Where a prefix is not in the cache yet, agents wait for the first token of the first: that one is not held. A test may be refused.
  const api = await startFakeAnthropic(decide, { beginsAtOnce: (body) => promptOf(body) !== HELD_TEST });
  return {
    ...api,
    prompts: () => api.requests.map(({ body }) => textOf(body)),
    async release(prompt, reply = { text: `re: ${prompt}` }) {
      const end = Date.now() + COMES_WITHIN_MS;
      while (!waiting.get(prompt)?.length) {
        if (Date.now() > end) throw new Error(`Nobody asked ${JSON.stringify(prompt)}.`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      waiting.get(prompt)?.shift()?.(reply);
    },
  };
}

/** Runs something against such an API, where the extension finds it as in any environment. */
export async function withHeldApi(use: (api: HeldApi) => Promise<void>): Promise<void> {
  const api = await startHeldApi();
  Object.assign(process.env, { ANTHROPIC_API_KEY: 'loopback', ANTHROPIC_BASE_URL: api.url });
  try {
    await use(api);
  } finally {
    delete process.env.ANTHROPIC_API_KEY;
    delete process.env.ANTHROPIC_BASE_URL;
    await api.close();
  }
}

/** The first line of what is asked. */
function promptOf(body: FakeBody): string {
  const asked = textOf(body).split('\n')[0] ?? '';
  return asked.startsWith('This is a test of the connection.') ? HELD_TEST : asked;
}

function textOf({ messages }: FakeBody): string {
  return messages.flatMap(({ content }) => content.map(({ text = '' }) => text)).join('\n');
}
