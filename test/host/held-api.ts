import { type FakeAnthropic, type FakeBody, type FakeReply, startFakeAnthropic } from '../support/fake-anthropic.ts';

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

/** A model API that plans one thing whatever it is asked for, and whose answers to prompts that begin with `Hold` wait until a test lets them go; all others are answered at once. */
export interface HeldApi extends FakeAnthropic {
  /** Prompts of all requests so far, with what a person said to the agent since. */
  prompts(): string[];
  /** Answers the oldest request with this prompt, that is there or comes. */
  release(prompt: string, reply?: FakeReply): Promise<void>;
}

export async function startHeldApi(): Promise<HeldApi> {
  const waiting = new Map<string, ((reply: FakeReply) => void)[]>();
  const api = await startFakeAnthropic((body) => {
    const prompt = textOf(body).split('\n')[0] ?? '';
    if (prompt.startsWith('Size: ')) return { tools: [{ name: 'answer', input: PLAN }] };
    if (!prompt.startsWith('Hold')) return { text: 'Hello from the model' };
    return new Promise((resolve) => waiting.set(prompt, [...(waiting.get(prompt) ?? []), resolve]));
  });
  return {
    ...api,
    prompts: () => api.requests.map(({ body }) => textOf(body)),
    async release(prompt, reply = { text: `re: ${prompt}` }) {
      while (!waiting.get(prompt)?.length) await new Promise((resolve) => setTimeout(resolve, 20));
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

function textOf({ messages }: FakeBody): string {
  return messages.flatMap(({ content }) => content.map(({ text = '' }) => text)).join('\n');
}
