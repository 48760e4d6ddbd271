import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it, vi } from 'vitest';
import type { CallDetails } from '../../extension/protocol/call-details.ts';
import type { PanelRequest, SearchHit, ViewToHost } from '../../extension/protocol/panel-messages.ts';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import { type CallState, foldRun } from '../../extension/protocol/run-tree.ts';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { richDetails } from '../support/sample-details.ts';
import { sampleRun } from '../support/sample-run.ts';
import { THEME_NAMES } from '../support/themes.ts';

const run = sampleRun({ agents: 350, state: 'running' });
const calls = [...foldRun(structuredClone(run.events)).calls.values()];

const LOGGED = { type: 'log', seq: run.events.length + 1, at: run.now, level: 'info', message: 'It goes on.' } as const;

interface Shown {
  state?: CallState;
  details?: Partial<CallDetails>;
  options?: PanelOptions;
  events?: RunEvent[];
}

/** A panel with one agent selected, whose details are rich. */
async function withAgent(
  { state = 'succeeded', details = {}, options = {}, events = run.events }: Shown,
  look: (panel: Panel, id: number) => Promise<void>,
): Promise<void> {
  const call = calls.filter((one) => one.state === state && one.info.kind === 'agent').at(-1)!;
  const { id } = call.info;
  const rich = { ...richDetails(id, call.startedAt ?? 0), ...(call.settled && { settled: call.settled }), ...details };
  const selected = { runId: 'r', selected: { type: 'call', id } };
  const panel = await openPanel({ now: run.now, details: { [id]: rich }, state: selected, ...options });
  try {
    await panel.send({
      type: 'events',
      runId: 'r',
      events: [...events, ...run.progress],
      more: false,
      interrupted: false,
    });
    await panel.page.locator('.side .section-title', { hasText: 'Prompt' }).waitFor();
    await look(panel, id);
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

function section(panel: Panel, title: string) {
  const heading = panel.page.getByRole('heading', { name: title, exact: true });
  return panel.page.locator('.side-section', { has: heading });
}

function requests(sent: ViewToHost[]): PanelRequest[] {
  return sent.flatMap((message) => (message.type === 'request' ? [message.request] : []));
}

describe('a live transcript', () => {
  it('shows the reply that is on its way, and fetches only the entry that it becomes', async () => {
    await withAgent({ state: 'working' }, async (panel, id) => {
      const entries = await panel.page.locator('.transcript > li').count();
      await panel.send({ type: 'live', call: id, entries, text: 'The router does **install** a hook, so' });
      const saying = panel.page.locator('.saying');
      await saying.locator('strong', { hasText: 'install' }).waitFor();
      await panel.send({ type: 'live', call: id + 1, entries: 99, text: 'of another' });
      expect(await saying.textContent()).toContain('The router');
      const said = { type: 'text', at: run.now, text: 'The router does **install** a hook, so it holds.' };
      await panel.page.evaluate(
        ([key, entry]) => {
          const { details } = (window as unknown as { hostSide: { details: Record<string, CallDetails> } }).hostSide;
          details[key as string]!.transcript.push(entry as never);
        },
        [String(id), said] as const,
      );
      await panel.send({ type: 'live', call: id, entries: entries + 1, text: '' });
      await panel.page.locator('.transcript > li', { hasText: 'so it holds.' }).waitFor();
      expect(await panel.page.locator('.transcript > li').count()).toBe(entries + 1);
      expect(await saying.count()).toBe(0);
      expect(requests(await panel.sent())).toEqual([
        { method: 'details', call: id },
        { method: 'details', call: id, after: entries },
      ]);
    });
  });

  it('is watched while the agent is at work and shown, and no longer', async () => {
    const watches = async (panel: Panel) => (await panel.sent()).filter(({ type }) => type === 'watch');
    await withAgent({ state: 'working' }, async (panel, id) => {
      expect(await watches(panel)).toEqual([{ type: 'watch', call: id }]);
      const settled = { ...calls.find((call) => call.settled)!.settled!, outcome: 'succeeded' as const };
      const end: RunEvent = { seq: run.events.length + 1, at: run.now, type: 'call.settled', id, settled };
      await panel.send({ type: 'events', runId: 'r', events: [end], more: false, interrupted: false });
      await section(panel, 'Transcript').waitFor();
      expect((await watches(panel)).at(-1)).toEqual({ type: 'watch', call: null });
    });
    await withAgent({ state: 'working' }, async (panel) => {
      await panel.page.keyboard.press('Escape');
      await vi.waitFor(async () => expect((await watches(panel)).at(-1)).toEqual({ type: 'watch', call: null }));
    });
    await withAgent({}, async (panel) => expect(await watches(panel)).toEqual([]));
  });

  it('stays at the end while the person is there, and lets go when they scroll up', async () => {
    await withAgent({ state: 'working' }, async (panel, id) => {
      const isInSight = () =>
        panel.page.locator('.doing-now').evaluate((now) => {
          const side = now.closest('.side-body')!.getBoundingClientRect();
          return now.getBoundingClientRect().bottom <= side.bottom + 1;
        });
      const grow = (words: number) => panel.send({ type: 'live', call: id, entries: 9, text: 'word '.repeat(words) });
      const jump = panel.page.getByRole('button', { name: 'Jump to newest' });
      await jump.click();
      expect(await isInSight()).toBe(true);
      await jump.waitFor({ state: 'detached' });
      await grow(400);
      await vi.waitFor(async () => expect(await isInSight()).toBe(true));
      await panel.page.locator('.side-body').hover();
      await panel.page.mouse.wheel(0, -400);
      await jump.waitFor();
      const at = () => panel.page.locator('.side-body').evaluate((side) => side.scrollTop);
      const before = await at();
      await grow(800);
      expect(await at()).toBe(before);
      await jump.click();
      await vi.waitFor(async () => expect(await isInSight()).toBe(true));
    });
  });
});

describe('code', () => {
  it('has the colours of its language, brought by a script of its own, and stays text', async () => {
    const evil = '```html\n<img src=x onerror="window.pwned = 1"><script>window.pwned = 2</script>\n```';
    const transcript = [...richDetails(1, run.now).transcript, { type: 'text' as const, at: run.now, text: evil }];
    await withAgent({ details: { transcript } }, async (panel) => {
      await panel.page.locator('.script-line .hljs-keyword', { hasText: 'const' }).waitFor();
      await panel.page.locator('.transcript .markdown .hljs-keyword', { hasText: 'export' }).waitFor();
      expect(await panel.page.locator('.transcript .hljs-tag').count()).toBeGreaterThan(0);
      expect(await panel.page.evaluate('window.pwned')).toBeUndefined();
      await panel.page.locator('.tool', { hasText: 'read_file' }).first().locator('summary').click();
      await panel.page.locator('.numbered .hljs-comment', { hasText: '// pooled' }).waitFor();
      expect(await panel.page.locator('.line-numbers').textContent()).toBe('86\n87\n88');
    });
  });

  it('has one colour where it is too long, and waits behind a button from 12,000 characters on', async () => {
    const long = 'const a = 1;\n'.repeat(5000);
    const [, tool] = richDetails(1, run.now).transcript;
    const transcript = [{ ...tool!, output: long } as CallDetails['transcript'][number]];
    await withAgent({ details: { transcript } }, async (panel) => {
      await panel.page.locator('.tool summary').click();
      const output = panel.page.locator('.tool > .block');
      await output.locator('.hljs-keyword').first().waitFor();
      expect((await output.textContent())?.length).toBe(12_000);
      await panel.page.getByRole('button', { name: 'Show all 65,000 characters' }).click();
      expect((await output.textContent())?.length).toBe(65_000);
      expect(await output.locator('span').count()).toBe(0);
    });
  });
});

describe('a diff', () => {
  it('marks lines by sign and colour: an edit, what git says, and a fence', async () => {
    await withAgent({}, async (panel) => {
      const edit = panel.page.locator('.tool', { hasText: 'edit_file' });
      await edit.locator('summary').click();
      await expect
        .poll(() => edit.locator('.diff-line').allTextContents())
        .toEqual([
          ' const db = open();\n',
          '−return db.query("select " + name);\n',
          "+return db.query('select ?', [name]);\n",
        ]);
      const grounds = await edit
        .locator('.diff-line')
        .evaluateAll((lines) => lines.map((line) => getComputedStyle(line).backgroundColor));
      expect(new Set(grounds).size).toBe(3);
      const git = panel.page.locator('.tool', { hasText: 'git_diff' });
      await git.locator('summary').click();
      expect(await git.locator('.diff').getAttribute('aria-label')).toBe('Changes: 1 line added, 1 removed');
      // The names of the files are no lines of theirs.
      expect(await git.locator('.diff-line.is-file').count()).toBe(4);
      expect(await panel.page.locator('.transcript .markdown .diff-line.is-added').textContent()).toBe('+  [name]\n');
    });
  });
});

describe('an answer', () => {
  it('is a table with what its schema says of each field, and JSON where that is wanted', async () => {
    await withAgent({}, async (panel) => {
      const answer = section(panel, 'Answer');
      const text = await answer.innerText();
      expect(text).toContain('It matches its schema, after 1 answer that did not:');
      expect(text).toContain('/severity must be one of "low", "high"');
      expect(text).toMatch(/severity\s+How bad it was\s+high/);
      expect(await answer.locator('.value-table tr').allInnerTexts()).toEqual([
        'file\tline',
        'db/report.ts\t88',
        'db/export.ts\t12',
      ]);
      // The description of a definition that a list refers to.
      expect(await answer.locator('th', { hasText: 'line' }).getAttribute('title')).toBe('From 1');
      await answer.locator('strong', { hasText: 'bound' }).waitFor();
      await answer.getByRole('button', { name: 'Raw JSON' }).click();
      expect(await answer.locator('.block').textContent()).toContain('"severity": "high"');
      expect(await answer.locator('.value').count()).toBe(0);
    });
  });

  it('says so where a person gave it in place of the agent', async () => {
    const { settled } = calls.find((call) => call.settled)!;
    await withAgent({ details: { settled: { ...settled!, requests: 0, reused: false } } }, async (panel) => {
      expect(await section(panel, 'Answer').innerText()).toContain('it was not held against the schema');
    });
  });
});

describe('what it took', () => {
  it('tells usage, attempts with the reason of each retry, and times', async () => {
    await withAgent({}, async (panel) => {
      expect(await section(panel, 'Usage').innerText()).toMatch(/In\s.* tokens\s+Out\s.*tokens[\s\S]*Cost\s+\$/);
      const attempts = await section(panel, 'Attempts').innerText();
      expect(attempts).toMatch(/Retries\s+1 request/);
      expect(attempts).toContain('529 overloaded; again after 2 s');
      expect(await section(panel, 'Timing').innerText()).toMatch(
        /Asked for[\s\S]*Waited[\s\S]*Started[\s\S]*Worked[\s\S]*Ended/,
      );
    });
  });

  it('tells what was begun anew, by a person or after a cut', async () => {
    const at = calls.filter((call) => call.state === 'succeeded' && call.info.kind === 'agent').at(-1)!.startedAt!;
    const transcript: CallDetails['transcript'] = [
      { type: 'text', at: at - 9000, text: 'first' },
      { type: 'note', at: at - 8000, text: 'A person had it begin anew.' },
      { type: 'text', at: at - 5000, text: 'second' },
      { type: 'text', at: at + 10, text: 'third' },
    ];
    await withAgent({ details: { transcript } }, async (panel) => {
      const anew = panel.page.locator('.transcript > li', { has: panel.page.locator('.begun-anew') });
      expect(await anew.locator('.markdown').allTextContents()).toEqual(['second', 'third']);
      const attempts = await section(panel, 'Attempts').innerText();
      expect(attempts).toMatch(/Begun anew\s+1 time, by a person/);
      expect(attempts).toContain('an earlier try ended with the process that drove the run');
    });
  });

  it('says what can be done about a failure', async () => {
    await withAgent({ state: 'failed' }, async (panel) => {
      expect(await panel.page.locator('.cause-way').innerText()).toContain('“Retry” asks it again');
    });
  });
});

it('leads to the line of the script that asked, in a script that was called too', async () => {
  const events = run.events.map((event) =>
    event.type === 'call.issued'
      ? { ...event, call: { ...event.call, at: { line: 7, column: 3, script: 'flows/inner.js' } } }
      : event,
  );
  await withAgent({ events }, async (panel) => {
    await panel.page.getByRole('button', { name: 'inner.js:7' }).click();
    const script = 'flows/inner.js';
    expect(requests(await panel.sent()).at(-1)).toEqual({ method: 'open-script', line: 7, column: 3, script });
    expect(await panel.page.locator('.script-line pre').textContent()).toContain('const fixed = await agent(');
  });
});

it('copies and opens the whole transcript as Markdown', async () => {
  await withAgent({}, async (panel) => {
    await section(panel, 'Transcript')
      .getByRole('button', { name: /^Copy: Transcript of/ })
      .click();
    const copied = requests(await panel.sent()).at(-1);
    const text = copied?.method === 'copy' ? copied.text : '';
    const parts = ['## Prompt', 'task: fix', '### read_file (done in 12 ms)', 'Leave the exporter alone.', '## Answer'];
    expect(parts.filter((part) => !text.includes(part))).toEqual([]);
    // What was said holds fences itself.
    expect(text).toContain('```diff\n-  a + name\n+  [name]\n```');
    await section(panel, 'Transcript')
      .getByRole('button', { name: /^Open as a document: Transcript of/ })
      .click();
    expect(requests(await panel.sent()).at(-1)).toMatchObject({ method: 'open-document', text, language: 'markdown' });
  });
});

describe('axe', () => {
  it.each(THEME_NAMES)(
    'finds nothing in a rich side in the %s theme, with every tool unfolded',
    async (theme) => {
      await withAgent({ options: { theme } }, async (panel) => {
        for (const summary of await panel.page.locator('.tool summary, .aside summary').all()) await summary.click();
        await panel.page.locator('.numbered .hljs-comment').waitFor();
        // Axe fetches the style sheet, which the policy refuses.
        const met = [...panel.problems];
        const { violations } = await new AxeBuilder({ page: panel.page }).include('.side').analyze();
        panel.problems.splice(0, Infinity, ...met);
        expect(
          violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`)),
        ).toEqual([]);
      });
    },
    120_000,
  );
});

describe('what is looked for', () => {
  const marks = ({ page }: Panel) =>
    page.evaluate(() => {
      const texts = (name: string) => [...(CSS.highlights.get(name) ?? [])].map(String);
      return { found: texts('found'), here: texts('found-here') };
    });
  /** Whether the place that was walked to lies where it can be seen. */
  const inSight = ({ page }: Panel) =>
    page.evaluate(() => {
      const [range] = (CSS.highlights.get('found-here') ?? []) as unknown as Iterable<Range>;
      const place = range?.getBoundingClientRect();
      const side = document.querySelector('.side-body')!.getBoundingClientRect();
      return place !== undefined && place.height > 0 && place.top >= side.top && place.bottom <= side.bottom;
    });
  const open = ({ page }: Panel) => page.locator('.side details[open]').count();
  const look = async ({ page }: Panel, text: string) => {
    await page.keyboard.press('Control+f');
    await page.keyboard.type(text);
    await page.getByText('1 found').waitFor();
  };
  const options = (id: number, text: string, where: SearchHit['in']): PanelOptions => ({
    height: 460,
    hits: { [text]: [{ call: id, in: where, excerpt: text }] },
  });
  const { id } = calls.filter((one) => one.state === 'succeeded' && one.info.kind === 'agent').at(-1)!.info;

  it('is marked, and unfolded and brought into sight once for each walk to it, not again as the run goes on', async () => {
    await withAgent({ options: options(id, 'POOLED', 'transcript') }, async (panel) => {
      const { page } = panel;
      await look(panel, 'POOLED');
      await vi.waitFor(async () => expect(await marks(panel)).toEqual({ found: ['pooled'], here: [] }));
      expect(await open(panel)).toBe(0);
      await page.keyboard.press('Enter');
      await vi.waitFor(async () => expect(await inSight(panel)).toBe(true));
      expect(await marks(panel)).toEqual({ found: ['pooled'], here: ['pooled'] });
      expect(await open(panel)).toBe(1);
      const side = page.locator('.side-body');
      await side.evaluate((body) => body.scrollTo(0, 0));
      const before = await page.evaluateHandle(() => CSS.highlights.get('found'));
      await panel.send({ type: 'events', runId: 'r', events: [LOGGED], more: false, interrupted: false });
      // Not by the pointer: whoever uses that in the side wants nothing brought to them any more.
      await page.getByRole('button', { name: 'Raw JSON' }).evaluate((button: HTMLElement) => button.click());
      await page.waitForFunction((old) => CSS.highlights.get('found') !== old, before);
      expect(await marks(panel)).toEqual({ found: ['pooled'], here: ['pooled'] });
      expect(await inSight(panel)).toBe(false);
      await page.locator('.find input').press('Enter');
      await vi.waitFor(async () => expect(await inSight(panel)).toBe(true));
      await page.keyboard.press('Escape');
      await vi.waitFor(async () => expect(await marks(panel)).toEqual({ found: [], here: [] }));
    });
  });

  it('is found across the colours of code and the ends of lines, as the search finds it', async () => {
    const text = 'OPEN(); return db.query("SELECT';
    await withAgent({ options: options(id, text, 'transcript') }, async (panel) => {
      await look(panel, text);
      await panel.page.keyboard.press('Enter');
      await vi.waitFor(async () => expect(await inSight(panel)).toBe(true));
      const [here] = (await marks(panel)).here;
      expect(here?.replace(/\s+/g, ' ')).toBe('open(); return db.query("select');
    });
  });

  it('is shown in the part that the hit is of, also beyond what is shown of a long text', async () => {
    const prompt = `${'straw\n'.repeat(4000)}a needle${'\nstraw'.repeat(400)}`;
    const details = { prompt, answer: 'No needle here.' };
    await withAgent({ details, options: options(id, 'needle', 'prompt') }, async (panel) => {
      await look(panel, 'needle');
      await panel.page.keyboard.press('Enter');
      await vi.waitFor(async () => expect(await inSight(panel)).toBe(true));
      const part = await panel.page.evaluate(() => {
        const [range] = CSS.highlights.get('found-here') as unknown as Iterable<Range>;
        return range?.startContainer.parentElement?.closest('[data-part]')?.getAttribute('data-part');
      });
      expect(part).toBe('prompt');
      expect((await marks(panel)).found).toEqual(['needle', 'needle']);
    });
  });

  it('goes unmarked where the browser cannot', async () => {
    const setup = 'delete CSS.highlights; delete window.Highlight; delete CSS.__proto__.highlights;';
    await withAgent({ options: { ...options(id, 'POOLED', 'transcript'), setup } }, async (panel) => {
      await look(panel, 'POOLED');
      await panel.page.keyboard.press('Enter');
      expect(await panel.page.evaluate(() => 'highlights' in CSS)).toBe(false);
      expect(await panel.page.locator('.find-count').textContent()).toBe('1 of 1');
      expect(await panel.page.locator('.side h2').count()).toBe(1);
    });
  });
});

describe('what an agent left in a worktree', () => {
  const files = ['src/a.ts', 'src/b\u202ets.exe', ...Array.from({ length: 10 }, (_, at) => `src/c${at}.ts`)];
  const call = calls.filter((one) => one.state === 'succeeded' && one.info.kind === 'agent').at(-1)!;
  const { id, key } = call.info;
  const events = run.events.map(
    (event): RunEvent =>
      event.type === 'call.settled' && event.id === id
        ? { ...event, settled: { ...event.settled, changedFiles: files.length } }
        : event,
  );
  const changes = { [id]: { count: files.length, files, applied: false, conflicts: [] } };
  const apply = (panel: Panel) => section(panel, 'Changes').getByRole('button', { name: 'Apply Changes…' });
  const wanted = async (panel: Panel) =>
    requests(await panel.sent()).filter(({ method }) => method.endsWith('-changes'));

  it('is listed, shown as a diff, and put into the workspace by one who agrees; then it says so, with conflicts', async () => {
    const patch = '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1 +1 @@\n-const a = 1;\n+const a = 2;\n';
    const note = { type: 'note', at: 0, text: `It changed 12 files; the diff lies in x.diff.\n\n${patch}` } as const;
    await withAgent({ events, details: { transcript: [note] }, options: { changes } }, async (panel) => {
      const shown = section(panel, 'Changes');
      await apply(panel).waitFor();
      expect(await shown.innerText()).toContain('src/bU+202Ets.exe');
      expect(await shown.locator('li').count()).toBe(10);
      await shown.getByRole('button', { name: 'Show all 12 files' }).click();
      expect(await shown.locator('li').count()).toBe(12);
      await shown.getByRole('button', { name: 'Show Diff' }).click();
      expect(await wanted(panel)).toEqual([{ method: 'show-changes', on: { call: id, key } }]);
      const entry = section(panel, 'Transcript').locator('.aside');
      await entry.locator('summary', { hasText: 'The diff' }).click();
      await entry.locator('.diff-line, .added').first().waitFor();
      await panel.page.evaluate((of) => {
        const { hostSide } = window as unknown as { hostSide: { changes: Record<number, object> } };
        hostSide.changes[of] = { ...hostSide.changes[of], applied: true, conflicts: ['src/a.ts'] };
      }, id);
      await apply(panel).click();
      await shown.getByText('Applied, but others had changed the same places').waitFor();
      expect((await wanted(panel)).at(-1)).toEqual({ method: 'apply-changes', on: { call: id, key } });
      expect(await apply(panel).count()).toBe(0);
      const { violations } = await new AxeBuilder({ page: panel.page }).include('.side').analyze();
      expect(violations.map(({ id: rule }) => rule)).toEqual([]);
      // The policy has kept axe from the style sheet, as it should.
      panel.problems.length = 0;
    });
  });

  it('is not applied where the host refuses, which says why, and not offered where nothing is left of it', async () => {
    await withAgent(
      { events, options: { changes, refusal: 'The changes could not be applied: a.ts differs.' } },
      async (panel) => {
        await apply(panel).click();
        await section(panel, 'Changes').getByRole('alert').waitFor();
        expect(await section(panel, 'Changes').innerText()).toContain('a.ts differs');
        const context = panel.page.locator(
          `[data-vscode-context*='"callId":${id},'][data-vscode-context*='"leftChanges":true']`,
        );
        expect(await context.count()).toBeGreaterThan(0);
      },
    );
    await withAgent({ events }, async (panel) => {
      await vi.waitFor(async () =>
        expect(requests(await panel.sent()).map(({ method }) => method)).toContain('changes'),
      );
      await vi.waitFor(async () => expect(await section(panel, 'Changes').count()).toBe(0));
    });
  });
});
