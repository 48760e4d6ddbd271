/** For a file of tests of the panel: one browser for all of them, opened before the first and closed after the last. */
import { afterAll, beforeAll } from 'vitest';
import * as page from './panel-page.ts';

let browser: page.Browser;
beforeAll(async () => {
  await page.webviewDist();
  browser = await page.launchBrowser();
});
afterAll(() => browser.close());

/** The browser of this file, once its tests run. */
export function testBrowser(): page.Browser {
  return browser;
}

export function openPanel(options: page.PanelOptions = {}): Promise<page.Panel> {
  return page.openPanel(browser, options);
}

/** What the side says, or a part of it. The side is a script of its own, which comes when it is first needed. */
export async function sideText({ page: view }: page.Panel, part = '.side'): Promise<string> {
  // What is shown in it may have headings of its own.
  await view.locator('.side h2').first().waitFor();
  return (await view.locator(part).first().textContent()) ?? '';
}
