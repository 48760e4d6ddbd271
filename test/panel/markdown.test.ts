import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Panel, webviewDist } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { sampleDetails } from '../support/sample-details.ts';
import { sampleRun } from '../support/sample-run.ts';

const run = sampleRun({ agents: 10, state: 'finished' });
const REPORT = '# Heading\n\nA **strong** word.';

async function openReport(panel: Panel): Promise<void> {
  await panel.send({ type: 'events', runId: 'r', events: run.events, more: false, interrupted: false });
  await panel.page.getByRole('button', { name: 'Report', exact: true }).click();
  await panel.page.locator('.markdown').waitFor();
}

it('is loaded when there is some to show, by a script with the nonce of the page', async () => {
  const panel = await openPanel({ now: run.now, report: REPORT, details: sampleDetails(run.events) });
  const asked: string[] = [];
  panel.page.on('request', (request) => asked.push(request.url().split('/').at(-1) ?? ''));
  await panel.send({ type: 'events', runId: 'r', events: run.events, more: false, interrupted: false });
  await panel.page.getByRole('button', { name: 'list source files' }).waitFor();
  expect(asked.filter((name) => name.endsWith('.js'))).toEqual([]);
  await openReport(panel);
  await panel.page.getByRole('heading', { name: 'Heading' }).waitFor();
  await panel.page.getByRole('button', { name: 'Tree', exact: true }).click();
  await openReport(panel);
  expect(asked.filter((name) => name.endsWith('.js'))).toEqual(['panel-markdown.js']);
  expect(panel.problems).toEqual([]);
  await panel.close();
});

it('is shown as it was written where the script does not come', async () => {
  const panel = await openPanel({ now: run.now, report: REPORT, withoutMarkdown: true });
  await openReport(panel);
  await expect.poll(() => panel.problems.join('\n')).toContain('The script for Markdown could not be loaded.');
  expect(await panel.page.locator('.markdown.as-written').textContent()).toBe(REPORT);
  await panel.close();
});

it('is not run where the policy does not know it', async () => {
  const panel = await openPanel({ now: run.now, report: REPORT });
  await panel.page.evaluate(
    (address) => {
      const script = document.createElement('script');
      script.src = address;
      document.head.append(script);
    },
    `file://${join(await webviewDist(), 'webview/panel-markdown.js')}`,
  );
  await expect.poll(() => panel.problems.join('\n')).toMatch(/Content Security Policy/);
  expect(await panel.page.evaluate('typeof counterpointMarkdown')).toBe('undefined');
  await panel.close();
});
