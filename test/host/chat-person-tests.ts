import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import type { HostTest } from './runner.ts';
import type { ViewsDesk } from './views-person-tests.ts';

/** With the side of VS Code that other tests keep out of their pictures; its title bar stays as it is for them. */
export const WITH_CHAT = { 'chat.disableAIFeatures': false, 'chat.agentsControl.enabled': 'hidden' };

/** What a person has of VS Code's chat and of its models, which another extension brings: `test/host/models-extension`. */
export function chatTests({ window, pictures }: ViewsDesk): HostTest[] {
  const { page } = window;
  const picture = (name: string) => window.screenshot(join(pictures, `chat-${name}.png`));
  const ask = async (words: string, answer: string | RegExp): Promise<Locator> => {
    await page.locator('.interactive-input-editor').first().click();
    await page.keyboard.insertText(`@counterpoint ${words} `);
    await page.keyboard.press('Enter');
    const told = page.locator('.interactive-item-container.interactive-response', { hasText: answer }).last();
    await told.waitFor();
    return told;
  };
  return [
    {
      name: 'models of VS Code are offered among the others, and tested like them',
      async run() {
        await window.run('Counterpoint: Test Model…');
        await window.row('Echo').waitFor();
        await picture('models');
        await window.pick('Echo');
        await window.notification('Agents cannot work with counterpoint-test:echo').waitFor();
        await window.run('Notifications: Clear All Notifications');
      },
    },
    {
      name: '@counterpoint lists workflows, says what one would do, and shows it',
      async run() {
        await window.run('View: Close All Editors');
        await window.run('Chat: Open Chat (Ask)');
        await ask('/workflows', /\/deep-research · .*Takes question, paths, rounds/s);
        await picture('workflows');
        await ask('/preview nothing', 'There is no workflow "nothing". There are: ');
        const told = await ask('/preview bug-sweep', /Agents: about .*Phases: Scout → Find → Challenge/s);
        await picture('preview');
        await told.getByRole('button', { name: 'Show Preview' }).click();
        await (await window.webview('.facts')).locator('.facts', { hasText: 'agents' }).waitFor();
      },
    },
    {
      name: '@counterpoint runs a workflow, as its command does',
      async run() {
        await ask('/run nap', '/nap is previewed');
        const frame = await window.webview('.top-bar .run-name:has-text("nap")');
        await frame.locator('.top-bar .pill', { hasText: /running|completed/ }).waitFor();
        await picture('run');
        await window.run('View: Hide Secondary Side Bar');
      },
    },
  ];
}
