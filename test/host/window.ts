import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';

/** How long each attempt waits for a command. VS Code's list waits 0.8 s for extensions once; on a slow machine all takes its time. */
const ATTEMPTS_MS = [1_000, 1_000, 1_500, ...Array.from({ length: 13 }, () => 2_000)];

/** One VS Code window, driven as a person would: keys, clicks and what can be read on the screen. */
export class Window {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  /** Waits until the workbench takes keys. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 60_000 });
  }

  /**
   * Opens the command palette and runs a command by its title. By the mouse, for a panel that is just loading swallows keys;
   * and more than once, for a window that has just opened learns of its commands a little later.
   */
  async run(title: string): Promise<void> {
    let failure: unknown;
    for (const timeout of ATTEMPTS_MS) {
      await this.page.locator('.command-center-quick-pick').first().click();
      try {
        await this.type(`>${title}`, 2_000);
        await this.row(title).waitFor({ timeout });
        return await this.row(title).click();
      } catch (error) {
        failure = error;
        await this.page.keyboard.press('Escape');
      }
    }
    throw failure;
  }

  /**
   * Runs a command that asks for one of a list, and picks that. What has just been opened may take the focus a moment later, and the list
   * goes with it: then the command is run again.
   */
  async runAndPick(title: string, row: string): Promise<void> {
    for (let tries = 0; ; tries++) {
      await this.run(title);
      try {
        await this.row(row).waitFor();
        return await this.row(row).click({ timeout: 3_000 });
      } catch (error) {
        if (tries === 2) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Reloads the window as a person does, so that VS Code can save what is open. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.run('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  /** Fills the open quick input. */
  async type(text: string, timeout = 10_000): Promise<void> {
    await this.page.locator('.quick-input-widget input.input').first().fill(text, { timeout });
  }

  async enter(): Promise<void> {
    await this.page.keyboard.press('Enter');
  }

  /** The row of the open quick input that holds a text. */
  row(text: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  async pick(text: string): Promise<void> {
    await this.row(text).waitFor();
    await this.row(text).click();
  }

  /** Waits for the step of the open quick input with this title, such as `2/3`. */
  async step(title: string): Promise<void> {
    await this.page.locator('.quick-input-title', { hasText: title }).waitFor();
  }

  /** What the open quick input says of what is typed. */
  async says(text: string): Promise<void> {
    await this.page.locator('.quick-input-message', { hasText: text }).waitFor();
  }

  async back(): Promise<void> {
    await this.page.locator('.quick-input-widget .codicon-quick-input-back').click();
  }

  /** Chooses from the open menu. A menu that has just come up passes over clicks, so it is asked until it goes. */
  async choose(text: string): Promise<void> {
    const menu = this.page.locator('.monaco-menu');
    for (let tries = 0; tries < 5; tries++) {
      await menu.getByText(text).click();
      const gone = await menu.waitFor({ state: 'hidden', timeout: 2_000 }).then(
        () => true,
        () => false,
      );
      if (gone) return;
    }
    throw new Error(`The menu did not take ${JSON.stringify(text)}.`);
  }

  quickTitle(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-title').first();
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-list-item', { hasText: text }).first();
  }

  statusBar(text: string): Locator {
    return this.page.locator('.statusbar-item', { hasText: text }).first();
  }

  dialog(text: string): Locator {
    return this.page.locator('.monaco-dialog-box', { hasText: text });
  }

  tab(name: string): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: name }).first();
  }

  /** The inner frame of the visible webview that holds `selector`: a webview is two frames, one in the other. */
  async webview(selector: string, limitMs = 30_000): Promise<Frame> {
    const end = Date.now() + limitMs;
    while (Date.now() < end) {
      for (const frame of this.page.frames()) if (await shows(frame, selector)) return frame;
      await this.page.waitForTimeout(40);
    }
    throw new Error(`No webview shows ${selector}.`);
  }

  async screenshot(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path, animations: 'disabled' });
  }
}

async function shows(frame: Frame, selector: string): Promise<boolean> {
  if (!frame.parentFrame()) return false;
  try {
    const outer = await frame.parentFrame()?.frameElement();
    return (await frame.locator(selector).first().isVisible()) && ((await outer?.isVisible()) ?? false);
  } catch {
    // The frame went away while it was asked.
    return false;
  }
}

export async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? '';
}
