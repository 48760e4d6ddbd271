import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunPage, renderRunPage } from '../../extension/panel/run-page.ts';
import { type Browser, launchBrowser, watchProblems, webviewDist } from '../support/panel-page.ts';
import { SAMPLE_REPORT, sampleDetails } from '../support/sample-details.ts';
import { questionRun } from '../support/sample-questions.ts';
import { sampleRun } from '../support/sample-run.ts';

let browser: Browser;
let folder: string;
let dist: string;
beforeAll(async () => {
  dist = await webviewDist();
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), 'counterpoint-page-'));
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

function pageOf(change: Partial<RunPage> = {}): RunPage {
  const { events } = sampleRun({ agents: 350, state: 'finished' });
  return { dist, events, details: sampleDetails(events), report: SAMPLE_REPORT, ...change };
}

async function open(run: RunPage, colorScheme: 'light' | 'dark' = 'dark') {
  const file = join(folder, 'run.html');
  await writeFile(file, renderRunPage(run));
  const context = await browser.newContext({ viewport: { width: 1400, height: 860 }, colorScheme, offline: true });
  const page = await context.newPage();
  const problems = watchProblems(page);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  await page.locator('.phase-title').first().waitFor();
  return { page, problems, asked: () => asked.filter((url) => !url.startsWith('data:')), close: () => context.close() };
}

describe('the page of a run', () => {
  it('opens from a file, whole, without asking for anything', async () => {
    const shown = await open(pageOf());
    expect(await shown.page.locator('.phase-title').allInnerTexts()).toEqual(['Scout', 'Find', 'Challenge', 'Report']);
    await shown.page.getByRole('button', { name: 'list source files' }).click();
    await shown.page.locator('.side .transcript').waitFor();
    await shown.page.getByRole('button', { name: 'Report', exact: true }).click();
    await shown.page.getByRole('heading', { name: 'Bug sweep' }).waitFor();
    expect(await shown.page.evaluate(() => document.fonts.check('16px codicon'))).toBe(true);
    expect(shown.problems).toEqual([]);
    expect(shown.asked()).toHaveLength(1);
    await shown.close();
  });

  it('hides what needs an editor', async () => {
    const shown = await open(
      pageOf({ events: sampleRun({ agents: 10, state: 'interrupted' }).events, interrupted: true }),
    );
    expect(await shown.page.getByRole('button', { name: /Resume|Stop/ }).count()).toBe(0);
    await shown.page.locator('.card.agent').first().click();
    expect(await shown.page.getByRole('button', { name: /Copy|Open|bug-sweep.js/ }).count()).toBe(0);
    expect(shown.problems).toEqual([]);
    await shown.close();
  });

  it('shows a question with what it can be answered with, and no way to answer or to steer', async () => {
    const shown = await open(pageOf({ events: questionRun().events, report: null }));
    const card = shown.page.locator('.checkpoint', { hasText: '19 confirmed so far' });
    expect(await card.textContent()).toContain('It can be answered with: Fix · Report only.');
    await card.locator('.checkpoint-head').click();
    await shown.page.locator('.side').getByText('Each fix is tried').waitFor();
    expect(await shown.page.getByRole('button', { name: /^(Fix|Comment…|Pause|More actions|Retry.*)$/ }).count()).toBe(
      0,
    );
    expect(shown.problems).toEqual([]);
    await shown.close();
  });

  it('has colours of its own, by what the reader prefers', async () => {
    const grounds = await Promise.all(
      (['dark', 'light'] as const).map(async (scheme) => {
        const shown = await open(pageOf(), scheme);
        const ground = await shown.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        await shown.close();
        return ground;
      }),
    );
    expect(grounds).toEqual(['rgb(31, 31, 31)', 'rgb(255, 255, 255)']);
  });

  it('does not tick, and says so of agents without details', async () => {
    const run = sampleRun({ agents: 10, state: 'running' });
    const shown = await open(pageOf({ events: run.events, details: {} }));
    expect(await shown.page.locator('.pill-time').first().textContent()).toBe('31 s');
    await shown.page.locator('.card.agent').first().click();
    await shown.page.getByText('This page carries no details of that agent.').waitFor();
    expect(shown.problems).toEqual([]);
    await shown.close();
  });

  it('lets no text break out of its data', async () => {
    const evil = '</script><script>window.pwned = 1</script><!-- \u2028 &lt;';
    const { events } = sampleRun({ agents: 10, state: 'finished' });
    const poisoned = events.map((event) => {
      if (event.type === 'run.created') return { ...event, run: { ...event.run, name: evil } };
      return event.type === 'call.issued' ? { ...event, call: { ...event.call, label: evil } } : event;
    });
    const shown = await open(pageOf({ events: poisoned, report: evil }));
    expect(await shown.page.evaluate('window.pwned')).toBeUndefined();
    expect(await shown.page.title()).toContain('</script>');
    expect(await shown.page.locator('.run-name').textContent()).toContain('</script><script>');
    expect(shown.problems).toEqual([]);
    await shown.close();
  });

  it('names the built webview when it is missing', () => {
    expect(() => renderRunPage(pageOf({ dist: join(folder, 'nowhere') }))).toThrow(/nowhere/);
  });
});
