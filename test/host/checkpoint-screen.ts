import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Frame, Locator } from 'playwright-core';
import type { CheckpointAnswer } from '../../extension/protocol/sandbox-wire.ts';
import type { Window } from './window.ts';

const ANSWER_MS = 20_000;

/** Where the questions of one run stand in a window, beside its panel: view, lenses, comments, status bar. */
export class CheckpointScreen {
  readonly window: Window;
  #run: string;
  #workspace: string;
  constructor(window: Window, run: string, workspace: string) {
    this.window = window;
    this.#run = run;
    this.#workspace = workspace;
  }

  panel(): Promise<Frame> {
    return this.window.webview(`.top-bar .run-name:has-text("${this.#run}")`);
  }

  badge(): Locator {
    return this.#activity().locator('.badge-content');
  }

  #activity(): Locator {
    return this.window.page.locator('.activitybar .action-item', { has: this.window.page.getByLabel(/^Counterpoint/) });
  }

  async openView(): Promise<void> {
    const header = this.window.page.locator('.pane-header', { hasText: 'Checkpoints' });
    if (!(await header.isVisible())) await this.#activity().click();
    await header.waitFor();
    if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
  }

  row(text: string): Locator {
    return this.#pane().locator('.monaco-list-row', { hasText: text }).first();
  }

  #pane(): Locator {
    const { page } = this.window;
    return page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Checkpoints' }) });
  }

  lens(text: string): Locator {
    return this.window.page.locator('.codelens-decoration a', { hasText: text }).first();
  }

  comment(text: string): Locator {
    return this.window.page.locator('.review-widget', { hasText: text }).first();
  }

  /** What tells of a question, not what may say later what became of it. */
  message(question: string): Locator {
    return this.window.notification(`“${this.#run}” asks: ${question}`);
  }

  glyphs(): Locator {
    return this.window.page.locator('.comment-range-glyph.comment-thread');
  }

  async reply(text: string): Promise<void> {
    const { page } = this.window;
    await page.locator('.review-widget .review-thread-reply-button').click();
    await page.locator('.review-widget .comment-form .monaco-editor').click();
    await page.keyboard.type(text);
  }

  /** Opens a script of the folder, and a group of editors beside it for the panel. */
  async openBeside(file: string): Promise<void> {
    await this.openFile(file);
    await this.window.run('View: Split Editor Right');
    await this.window.page.locator('.editor-group-container').nth(1).waitFor();
  }

  async openFile(file: string): Promise<void> {
    const { window } = this;
    await window.page.locator('.command-center-quick-pick').first().click();
    await window.type(file);
    await window.pick(file);
    await window.tab(file).waitFor();
  }

  /** Waits until a question stands in each of its places. */
  async shows(question: string): Promise<void> {
    const node = (await this.panel()).locator('.card.checkpoint', { hasText: question });
    await node.getByRole('button', { name: 'Ship' }).waitFor({ timeout: ANSWER_MS });
    await this.row(question).waitFor({ timeout: ANSWER_MS });
    await this.lens(question).waitFor({ timeout: ANSWER_MS });
    await this.glyphs().first().waitFor({ timeout: ANSWER_MS });
    await this.message(question).waitFor({ timeout: ANSWER_MS });
    await this.window.statusBar('1 question').waitFor({ timeout: ANSWER_MS });
    await this.badge().filter({ hasText: '1' }).waitFor({ timeout: ANSWER_MS });
  }

  /** Waits until a question can be answered in none of its places. */
  async isGone(question: string): Promise<void> {
    const gone = { state: 'hidden', timeout: ANSWER_MS } as const;
    await this.row(question).waitFor(gone);
    await this.lens(question).waitFor(gone);
    await this.comment(question).waitFor(gone);
    await this.message(question).waitFor(gone);
    const node = (await this.panel()).locator('.card.checkpoint', { hasText: question });
    await node.getByRole('button', { name: 'Ship' }).first().waitFor(gone);
  }

  /** What the newest run of this name got for its questions so far, in the order of the answers. */
  answers(): CheckpointAnswer[] {
    const events = this.#events().filter(({ type }) => type === 'call.settled');
    return events.flatMap(({ settled }) => settled?.answer ?? []);
  }

  runId(): string {
    return this.#read((db) => {
      const created = db.prepare(`SELECT run, body FROM events WHERE type = 'run.created' ORDER BY at DESC`).all();
      const run = created.find(({ body }) => String(body).includes(`"name":"${this.#run}"`))?.run;
      if (!run) throw new Error(`There is no run ${this.#run}.`);
      return String(run);
    });
  }

  #events(): { type: string; settled?: { answer?: CheckpointAnswer } }[] {
    const run = this.runId();
    return this.#read((db) =>
      db
        .prepare('SELECT body FROM events WHERE run = ? ORDER BY seq')
        .all(run)
        .map(({ body }) => JSON.parse(String(body))),
    );
  }

  #read<T>(use: (db: DatabaseSync) => T): T {
    const db = new DatabaseSync(join(this.#workspace, '.counterpoint/runs.sqlite'), { readOnly: true });
    try {
      return use(db);
    } finally {
      db.close();
    }
  }
}

export async function setTheme(window: Window, theme: string): Promise<void> {
  await window.run('Preferences: Color Theme');
  await window.type(theme);
  await window.row(theme).waitFor();
  await window.pick(theme);
  await window.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}
