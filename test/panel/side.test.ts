import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it, test } from 'vitest';
import type { CallDetails, TranscriptEntry } from '../../extension/protocol/call-details.ts';
import type { Json } from '../../extension/protocol/json.ts';
import type { PanelRequest } from '../../extension/protocol/panel-messages.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import { beginningsIn, earlierTries } from '../../webview/details/attempts.ts';
import { toldWords } from '../../webview/details/told.ts';
import { whatToDo } from '../../webview/details/what-to-do.ts';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { questionRun } from '../support/sample-questions.ts';
import { sampleRun } from '../support/sample-run.ts';

const run = sampleRun({ agents: 20, state: 'finished' });
const calls = [...foldRun(structuredClone(run.events)).calls.values()];
const done = calls.find(({ info, state }) => info.kind === 'agent' && state === 'succeeded');

interface Open {
  details?: Partial<CallDetails>;
  options?: PanelOptions;
  of?: Pick<typeof run, 'events' | 'now'>;
  call?: number;
}

/** A panel with one agent selected, of which the host says this. */
async function withSide(
  { details = {}, options = {}, of = run, call = done!.info.id }: Open,
  look: (panel: Panel) => Promise<void>,
): Promise<void> {
  const told: CallDetails = { id: call, prompt: 'Look.', options: {}, transcript: [], ...details };
  const state = { runId: 'r', selected: { type: 'call', id: call } };
  const panel = await openPanel({ now: of.now, details: { [call]: told }, state, ...options });
  try {
    await panel.send({ type: 'events', runId: 'r', events: of.events, more: false, interrupted: false });
    await panel.page.locator('.side .section-title', { hasText: 'Prompt' }).waitFor();
    await look(panel);
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

const section = (panel: Panel, title: string) =>
  panel.page.locator('.side-section', { has: panel.page.getByRole('heading', { name: title, exact: true }) });
const asked = async (panel: Panel): Promise<PanelRequest | undefined> =>
  (await panel.sent()).flatMap((message) => (message.type === 'request' ? [message.request] : [])).at(-1);

function nested(levels: number): Json {
  return levels === 0 ? 'core' : { inner: nested(levels - 1) };
}

describe('an answer', () => {
  it('is shown whole where it is long, deep, uneven, empty or code', async () => {
    const code = 'const a = x *b* y;\nreturn **c**;';
    const answer: Json = {
      long: Array.from({ length: 60 }, (_, index) => ({ file: `f${index}.ts`, line: index })),
      deep: nested(9),
      uneven: [{ file: 'a.ts' } as Json, { file: 'b.ts', line: 2 }],
      nothing: '',
      none: [],
      code,
    };
    await withSide({ details: { answer } }, async (panel) => {
      const shown = section(panel, 'Answer');
      expect(await shown.locator('.schema-line').count()).toBe(0);
      const [long, uneven] = [shown.locator('.value-table').first(), shown.locator('.value-table').last()];
      expect(await long.locator('tbody tr').count()).toBe(50);
      await shown.getByRole('button', { name: 'Show all 60 entries' }).click();
      expect(await long.locator('tbody tr').count()).toBe(60);
      expect(await uneven.locator('tr').allInnerTexts()).toEqual(['file\tline', 'a.ts\t', 'b.ts\t2']);
      expect(await shown.locator('.block', { hasText: 'core' }).textContent()).toMatch(/^\{\n {2}"inner": \{/);
      const words = await shown.innerText();
      expect(words).toMatch(/nothing\s+empty text/);
      expect(words).toMatch(/none\s+none/);
      expect(await shown.locator('.block', { hasText: 'return' }).textContent()).toBe(code);
      expect(await shown.locator('strong, em').count()).toBe(0);
    });
  });

  it('says that it is an empty text, and whether it is shown as JSON', async () => {
    await withSide({ details: { answer: '' } }, async (panel) => {
      expect(await section(panel, 'Answer').innerText()).toContain('An empty text.');
      expect(await panel.page.getByRole('button', { name: 'Raw JSON' }).count()).toBe(0);
    });
    await withSide({ details: { answer: { a: 1 } } }, async (panel) => {
      const raw = panel.page.getByRole('button', { name: 'Raw JSON' });
      expect(await raw.getAttribute('aria-pressed')).toBe('false');
      await raw.click();
      expect(await raw.getAttribute('aria-pressed')).toBe('true');
    });
  });
});

describe('what is copied and opened', () => {
  it('is all of it, as what it is', async () => {
    const prompt = 'word '.repeat(4000);
    await withSide({ details: { prompt, answer: { a: 1 } } }, async (panel) => {
      const [asks, answer] = [section(panel, 'Prompt'), section(panel, 'Answer')];
      expect((await asks.locator('.block').textContent())?.length).toBe(12_000);
      await asks.getByRole('button', { name: /^Copy/ }).click();
      expect(await asked(panel)).toEqual({ method: 'copy', text: prompt });
      await asks.getByRole('button', { name: /^Open/ }).click();
      expect(await asked(panel)).toMatchObject({ method: 'open-document', text: prompt, language: 'markdown' });
      await answer.getByRole('button', { name: /^Open/ }).click();
      expect(await asked(panel)).toMatchObject({ text: '{\n  "a": 1\n}', language: 'json' });
    });
  });
});

describe('a change', () => {
  const tool = (input: Json, output = 'ok'): TranscriptEntry => ({
    type: 'tool',
    at: run.now,
    id: 't',
    name: 'edit_file',
    input,
    output,
    isError: false,
    durationMs: 1,
  });

  it('of thousands of lines is cut, and what would reorder its text is seen', async () => {
    const fresh = 'line\n'.repeat(4000);
    const transcript = [
      tool({ path: 'a.ts', old_string: '', new_string: fresh }),
      tool({ path: 'b.ts', old_string: 'a', new_string: 'b\u202ec' }),
    ];
    await withSide({ details: { transcript } }, async (panel) => {
      for (const summary of await panel.page.locator('.tool summary').all()) await summary.click();
      const [long, odd] = [panel.page.locator('.tool').first(), panel.page.locator('.tool').last()];
      expect(await long.locator('.diff-line').count()).toBe(3000);
      expect(await long.innerText()).toContain('1000 more lines are not shown.');
      expect(await odd.locator('.diff').textContent()).not.toContain('\u202e');
    });
  });

  it('of a line that looks like the name of a file is one of a line', async () => {
    const diff = '--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,2 @@\n--- old comment\n+++ new\n same\n';
    await withSide({ details: { transcript: [tool({}, diff)] } }, async (panel) => {
      await panel.page.locator('.tool summary').click();
      expect(await panel.page.locator('.diff').getAttribute('aria-label')).toBe('Changes: 1 line added, 1 removed');
    });
  });
});

describe('the side', () => {
  it('says how long an agent waits for its place, and watches none that has not begun', async () => {
    const of = questionRun();
    const waiting = [...foldRun(structuredClone(of.events)).calls.values()].find(
      ({ info, state }) => info.kind === 'agent' && state === 'waiting',
    );
    await withSide({ of, call: waiting!.info.id }, async (panel) => {
      expect(await section(panel, 'Timing').innerText()).toMatch(/Asked for[\s\S]*Waits\s+\d/);
      expect((await panel.sent()).filter(({ type }) => type === 'watch')).toEqual([]);
    });
  });

  it('keeps a reply that has ended until its entry is there', async () => {
    // The far side answers only when it is told to, once it holds back.
    const setup = `
      const post = window.postMessage.bind(window);
      window.held = null;
      window.postMessage = (message, target) =>
        window.held && message.type === 'response' ? void window.held.push(message) : post(message, target);
      window.release = () => { for (const message of window.held.splice(0)) post(message, '*'); };`;
    const of = questionRun();
    const working = [...foldRun(structuredClone(of.events)).calls.values()].find(
      ({ info, state }) => info.kind === 'agent' && state === 'working',
    );
    const { id } = working!.info;
    await withSide({ of, call: id, options: { setup } }, async (panel) => {
      const saying = panel.page.locator('.saying');
      await panel.send({ type: 'live', call: id, entries: 0, text: 'So it holds.' });
      await saying.waitFor();
      await panel.page.evaluate(
        ([call, at]) => {
          const far = window as unknown as { held: unknown[]; hostSide: { details: Record<number, CallDetails> } };
          far.held = [];
          far.hostSide.details[call as number]!.transcript.push({
            type: 'text',
            at: at as number,
            text: 'So it holds.',
          });
        },
        [id, of.now] as const,
      );
      await panel.send({ type: 'live', call: id, entries: 1, text: '' });
      expect(await saying.textContent()).toContain('So it holds.');
      await panel.page.evaluate('window.release()');
      await panel.page.locator('.transcript > li', { hasText: 'So it holds.' }).waitFor();
      expect(await saying.count()).toBe(0);
    });
  });
});

test('a side whose script does not come says so, and comes when it is tried again', async () => {
  const panel = await openPanel({ now: run.now });
  const { page } = panel;
  const moveScript = (from: string, to: string) =>
    page.evaluate(
      ([before, after]) => {
        const { dataset } = document.querySelector<HTMLElement>('script[data-side]')!;
        dataset.side = dataset.side!.replace(before!, after!);
      },
      [from, to],
    );
  const refusals = () => panel.problems.filter((each) => each.includes('The script for details could not be loaded.'));
  await moveScript('panel-side.js', 'nowhere.js');
  await panel.send({ type: 'events', runId: 'r', events: run.events, more: false, interrupted: false });
  await page.getByRole('button', { name: 'list source files' }).click();
  const said = page.locator('.side').getByRole('alert');
  await expect.poll(() => said.textContent()).toContain('The details could not be loaded');
  expect(await page.locator('.side').textContent()).not.toContain('Fetching');
  const again = said.getByRole('button', { name: 'Try again' });
  await again.click();
  await expect.poll(() => refusals().length).toBe(2);
  await moveScript('nowhere.js', 'panel-side.js');
  await again.press('Enter');
  await page.locator('.side h2', { hasText: 'list source files' }).waitFor();
  expect(await said.count()).toBe(0);
  await panel.close();
});

test('a try that a person cut is no death of whoever drove the run', () => {
  const transcript: TranscriptEntry[] = [
    { type: 'text', at: 10, text: 'first' },
    { type: 'note', at: 20, text: 'A person had it begin anew.' },
    { type: 'text', at: 40, text: 'second' },
  ];
  expect(earlierTries(transcript, 30)).toEqual({ byPerson: 1, cut: 0 });
  expect(earlierTries(transcript.slice(0, 1), 30)).toEqual({ byPerson: 0, cut: 1 });
  expect(earlierTries(transcript, null)).toEqual({ byPerson: 1, cut: 0 });
  expect([...beginningsIn(transcript, 30)]).toEqual([2]);
  expect([...beginningsIn(transcript.slice(0, 1), 5)]).toEqual([]);
});

test.each([
  [{ kind: 'refused', status: 401 }, 'failed', /set another key/],
  [{ kind: 'refused', status: 400 }, 'failed', /Another prompt or another model.*“Resume”/],
  [{ kind: 'turns' }, 'running', /“Retry”/],
  [{ kind: 'turns' }, 'completed', /“Fork…”/],
  [{ kind: 'turns' }, 'completed_with_failures', /“Resume”/],
  [{ kind: 'workflow' }, 'running', /“Replace script…”/],
  [{ kind: 'bad-request' }, 'failed', /“Fork…” starts a run with another script/],
] as const)('what can be done about %j of a run that is %s', (cause, status, words) => {
  const told = whatToDo({ message: '', ...cause }, status);
  expect(told).toMatch(words);
  // Nobody answers "Retry" for a run that is over, or resumes one that goes on.
  expect(told.includes('“Retry”')).toBe(status === 'running' && cause.kind !== 'workflow');
  expect(told.includes('“Resume”')).toBe(
    status !== 'running' && status !== 'completed' && cause.kind !== 'bad-request',
  );
});

describe('all that a tool brought', () => {
  const evil = '\u202e\u001b[8m<img src=x onerror="window.pwned=1">';
  const lines = Array.from({ length: 2000 }, (_, at) => `line ${at + 1}`);
  const whole = `${lines.join('\n')}\n${evil} the end\n`;
  const output = `${lines.slice(0, 400).join('\n')}\n\n(1,601 more lines were cut: the answer is too long. Ask for less.)`;

  it('is said of what the model was told: its first lines, its beginning and end, or a part', () => {
    expect(toldWords(output, whole)).toBe('the first 400 of 2,001 lines');
    const middle = `${whole.slice(0, 3000)}\n\n(9 characters left out)\n\n${whole.slice(-3000)}`;
    expect(toldWords(middle, whole)).toMatch(/^the beginning and the end, 6,0\d\d of 1\d,\d{3} characters$/);
    expect(toldWords(whole.slice(5000, 9000), whole)).toBe('a part of 2,001 lines');
    expect(toldWords(`${'x'.repeat(50)}\n\n(cut)`, 'x'.repeat(90))).toBe('the first 50 of 90 characters');
  });

  it('waits folded below what the model was told, is drawn once it is wanted, and is what is copied', async () => {
    const entry: TranscriptEntry = {
      ...{ type: 'tool', at: 0, id: 't', name: 'bash', input: { command: 'make' }, output, whole },
      ...{ isError: false, durationMs: 9 },
    };
    await withSide({ details: { transcript: [entry] } }, async (panel) => {
      const call = panel.page.locator('.tool');
      await call.locator('summary').first().click();
      expect(await call.innerText()).toContain('The model was told the first 400 of 2,001 lines.');
      expect(await call.locator('pre', { hasText: 'line 700' }).count()).toBe(0);
      await call.locator('summary', { hasText: 'All that it brought, 2,001 lines' }).click();
      await call
        .locator('.tool-whole')
        .getByRole('button', { name: /^Show all/ })
        .click();
      const text = (await call.locator('.tool-whole pre').textContent()) ?? '';
      expect(text).toContain('line 2000\n[U+202E]<img src=x onerror="window.pwned=1"> the end');
      expect(await panel.page.evaluate('window.pwned')).toBeUndefined();
      await call.getByRole('button', { name: 'Copy: Output of bash' }).click();
      expect(await asked(panel)).toEqual({ method: 'copy', text: whole });
      const { violations } = await new AxeBuilder({ page: panel.page }).include('.tool').analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
      // The policy has kept axe from the style sheet, as it should.
      panel.problems.length = 0;
    });
  });
});
