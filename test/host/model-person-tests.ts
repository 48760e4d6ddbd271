import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { FakeReply } from '../support/fake-anthropic.ts';
import { HELD_TEST } from './held-api.ts';
import { type Desk, startRun } from './person-tests.ts';
import type { HostTest } from './runner.ts';
import type { Window } from './window.ts';

/** Not a key of anybody. */
const SERVER_KEY = 'server-key-84c1';

const GOOD: FakeReply = {
  text: 'Hello there, and welcome to this small test of mine.',
  tools: [{ name: 'answer', input: { word: 'ready', number: 7 } }],
};
/** What a test of the model comes to: what it is said to be, and the buttons of the message. */
const TESTS: [reply: FakeReply, words: string | RegExp, buttons: string[]][] = [
  [GOOD, /Agents can work with claude-\S+ \(Anthropic\)\. It writes text, calls tools/, ['Run Workflow…']],
  [
    { status: 401, type: 'authentication_error', message: 'invalid x-api-key' },
    'check the key with “Counterpoint: Set Anthropic API Key…”',
    ['Set API Key…', 'Test Again…'],
  ],
  [{ status: 529, type: 'overloaded_error', message: 'Overloaded' }, 'gives no answer now', ['Test Again…']],
];

/** Each step of the walkthrough, its button, and the title of what that opens. */
const STEPS = [
  ['Begin without a model', 'Run Workflow…', 'Run Workflow'],
  ['Let Claude answer', 'Set Anthropic API Key…', 'Set Anthropic API Key'],
  ['Or somebody else', 'Set Model Server…', 'Set Model Server'],
  ['Test it', 'Test Model…', 'Test Model'],
] as const;

/** A model is set up and tested, with a key that was given before. */
export function modelTests({ window, pictures, api }: Desk): HostTest[] {
  const { page } = window;
  const picture = (name: string) => window.screenshot(join(pictures, `model-${name}.png`));
  return [
    {
      name: 'Set Up a Model leads through its steps, whose buttons do what they say and check them off',
      async run() {
        await window.run('Counterpoint: Set Up a Model');
        for (const [title, button, opened] of STEPS) {
          const step = page.locator('.getting-started-step', { hasText: title });
          await step.locator('h3').click();
          await step.getByRole('button', { name: button }).click();
          await window.step(opened);
          await page.keyboard.press('Escape');
          await step.locator('.codicon.complete').waitFor();
        }
        await picture('walkthrough');
        await window.run('View: Close All Editors');
      },
    },
    {
      name: 'Test Model… says all of what a model can do, or why agents cannot work with it, and what to do',
      async run() {
        for (const [reply, words, buttons] of TESTS) {
          await window.runAndPick('Counterpoint: Test Model…', 'Claude Haiku');
          await api.release(HELD_TEST, reply);
          await toldWith(window, words, buttons);
          await picture(`test-${'status' in reply ? reply.status : 'good'}`);
        }
        await window.run('Notifications: Clear All Notifications');
      },
    },
    {
      name: 'Set Model Server… refuses what is no address, keeps the key apart, and forgets both',
      async run() {
        await window.run('Counterpoint: Set Model Server…');
        await window.step('1/2');
        await window.type('localhost:11434');
        await window.says('An address begins with http:// or https://.');
        await picture('server-address');
        await window.type(`${api.url}/`);
        await window.enter();
        await window.step('2/2');
        assert.equal(await page.locator('.quick-input-widget input.input').first().getAttribute('type'), 'password');
        await window.type(SERVER_KEY);
        await window.enter();
        await startRun(window, 'ask', `Model server at ${api.url}…`);
        await window.says('Empty: the first that it lists');
        await picture('name');
        // It lists none, and need not: one is named.
        await window.type('qwen3');
        await window.enter();
        const frame = await window.webview('.top-bar .run-name:has-text("ask")');
        await frame.locator('.top-bar .pill', { hasText: 'completed' }).waitFor();
        const { headers, body } = api.requests.at(-1) ?? {};
        assert.deepEqual([body?.model, headers?.authorization], ['qwen3', `Bearer ${SERVER_KEY}`]);
        await window.run('Counterpoint: Set Model Server…');
        await window.says('An empty address forgets the server and its key.');
        await window.type('');
        await window.enter();
        await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
        await window.run('Notifications: Clear All Notifications');
      },
    },
  ];
}

/** Waits for a message of which all can be read, with these buttons. */
async function toldWith(window: Window, words: string | RegExp, buttons: string[]): Promise<void> {
  const told = window.notification(words);
  for (const button of buttons) await told.getByRole('button', { name: button, exact: true }).waitFor();
  const text = told.locator('.notification-list-item-message');
  assert(await text.evaluate((element) => element.scrollWidth <= element.clientWidth), 'the message is cut');
}
