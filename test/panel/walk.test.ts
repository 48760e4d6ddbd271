import { describe, expect, it } from 'vitest';
import type { RequestMessage } from '../../extension/protocol/panel-messages.ts';
import type { RunEvent, RunEventBody } from '../../extension/protocol/run-events.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import { keyOf, RUN, type WalkItem, WalkTree } from '../../webview/walk/items.ts';
import { labelOf, nameOf } from '../../webview/walk/names.ts';
import { newsSince, notice } from '../../webview/walk/news.ts';
import { afterKey, itemAfter, itemNamed, nearest, openTo, rowsAround, type Walked } from '../../webview/walk/steps.ts';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { questionDetails, questionRun, SAMPLE_CALLS } from '../support/sample-questions.ts';
import { sampleRun } from '../support/sample-run.ts';

const sweep = sampleRun({ agents: 350, state: 'running' });
const asking = questionRun();
const treeOf = (events: RunEvent[]) => foldRun(structuredClone(events));

/** All that is open, as keys with their level. */
function linesOf(walk: WalkTree, walked: Walked): string[] {
  const lines: string[] = [];
  for (let at: WalkItem | null = RUN; at; at = itemAfter(walk, walked.open, at))
    lines.push(`${walk.pathTo(at).length} ${keyOf(at)}`);
  return lines;
}

function everythingOpen(walk: WalkTree): Walked {
  const open = new Set<string>();
  const visit = (item: WalkItem) => {
    open.add(keyOf(item));
    walk.childrenOf(item).forEach(visit);
  };
  visit(RUN);
  return { item: RUN, open };
}

describe('the run as a tree', () => {
  it('has every group and every call that is shown in exactly one place, under what is its parent', () => {
    for (const { events } of [sweep, asking]) {
      const tree = treeOf(events);
      const walk = new WalkTree(tree);
      const lines = linesOf(walk, everythingOpen(walk)).map((each) => each.split(' ')[1]!);
      expect(new Set(lines).size).toBe(lines.length);
      const shown = [...tree.calls.values()].filter(({ info }) => info.kind !== 'timer' && info.kind !== 'workflow');
      const wanted = [
        ...shown.map(({ info }) => `call:${info.id}`),
        ...[...tree.groups.keys()].map((id) => `group:${id}`),
      ];
      expect(lines.filter((key) => /^(call|group):/.test(key)).sort()).toEqual(wanted.sort());
    }
  });

  it('is phases, groups, items of a pipeline with their stages, challengers, checkpoints and tool calls', () => {
    const walk = new WalkTree(treeOf(asking.events));
    expect(linesOf(walk, everythingOpen(walk))).toEqual([
      '0 run',
      '1 phase:Scout',
      '2 call:1',
      '2 call:2',
      '2 call:4',
      '2 call:5',
      '1 phase:Decide',
      '2 group:1',
      '3 call:6',
      '3 call:7',
      '3 call:8',
      '2 group:2',
      '3 group:3',
      '4 call:9',
      '4 call:10',
      '4 call:11',
      '3 group:4',
      '3 call:12',
      '2 call:3',
      '1 phase:Report',
    ]);
    const two = pipeline();
    expect(linesOf(two, everythingOpen(two))).toEqual([
      '0 run',
      '1 phase:Fix',
      '2 group:1',
      '3 slot:1:0',
      '4 call:1',
      '4 call:3',
      '3 slot:1:1',
      '4 call:2',
    ]);
    expect(nameOf(two, { type: 'slot', group: 1, slot: 1 })).toContain('b.ts, item');
    expect(nameOf(two, { type: 'call', id: 3 })).toContain('agent of stage 2');
  });

  it('is walked by the keys of a tree', () => {
    const walk = new WalkTree(treeOf(asking.events));
    let walked: Walked = { item: RUN, open: new Set(['run']) };
    const press = (...keys: string[]) => {
      for (const key of keys) walked = afterKey(walk, walked, key) ?? walked;
      return keyOf(walked.item);
    };
    expect(press('ArrowUp')).toBe('run');
    expect(press('ArrowDown', 'ArrowDown')).toBe('phase:Decide');
    expect(press('ArrowDown')).toBe('phase:Report');
    expect(press('ArrowRight', 'ArrowUp')).toBe('phase:Decide');
    expect(press('ArrowRight')).toBe('phase:Decide');
    expect(press('ArrowRight')).toBe('group:1');
    expect(press('ArrowRight', 'ArrowRight')).toBe('call:6');
    expect(press('ArrowRight')).toBe('call:6');
    expect(press('ArrowLeft')).toBe('group:1');
    expect(press('ArrowLeft', 'ArrowDown')).toBe('group:2');
    expect(press('End')).toBe('phase:Report');
    expect(press('ArrowUp')).toBe('call:3');
    expect(press('PageUp')).toBe('run');
    expect(press('PageDown', 'Home')).toBe('run');
    expect(afterKey(walk, walked, 'q')).toBeNull();
  });

  it('is found in by the beginning of a word, from where one is and round', () => {
    const walk = new WalkTree(treeOf(asking.events));
    const walked = { ...everythingOpen(walk), item: { type: 'call', id: 9 } as WalkItem };
    const find = (typed: string) => itemNamed(walk, walked, typed, (item) => labelOf(walk, item));
    expect(find('db')).toEqual({ type: 'call', id: 11 });
    expect(find('gr')).toEqual({ type: 'call', id: 4 });
    expect(find('sc')).toEqual({ type: 'call', id: 9 });
    expect(find('s')).toEqual({ type: 'call', id: 10 });
    expect(find('zebra')).toBeNull();
  });

  it('falls back to what is around where an agent is gone, and opens what is around where one comes to it', () => {
    const walk = new WalkTree(treeOf(asking.events));
    expect(nearest(walk, { type: 'slot', group: 3, slot: 1 })).toEqual({ type: 'group', id: 3 });
    expect(nearest(walk, { type: 'call', id: 999 })).toEqual(RUN);
    expect([...openTo(walk, new Set(), { type: 'call', id: 9 })]).toEqual([
      'run',
      'phase:Decide',
      'group:2',
      'group:3',
    ]);
  });

  it('shows of a thousand siblings those around, with what holds them', () => {
    const walk = wide(1000);
    const at: Walked = { item: { type: 'call', id: 500 }, open: new Set(['run', 'phase:Wide', 'group:1']) };
    const rows = rowsAround(walk, at, 20);
    expect(rows.length).toBe(44);
    expect(rows.slice(0, 3).map(({ key, expanded }) => [key, expanded])).toEqual([
      ['run', true],
      ['phase:Wide', true],
      ['group:1', true],
    ]);
    expect(rows[3]).toMatchObject({ key: 'call:480', level: 4, place: 480, of: 1000 });
    expect(rows.at(-1)).toMatchObject({ key: 'call:520', expanded: undefined });
  });
});

describe('names', () => {
  it('say what it is, how it stands and why, what it does, how the votes fell, and since when it waits', () => {
    const walk = new WalkTree(treeOf(asking.events));
    const call = (id: number) => nameOf(walk, { type: 'call', id });
    expect(call(SAMPLE_CALLS.failed)).toBe('scan · cli, agent, failed, 529 overloaded, 6 tries');
    expect(call(SAMPLE_CALLS.question)).toMatch(
      /^19 confirmed so far.*, checkpoint, waits for you, since .*\d\d:\d\d$/,
    );
    expect(call(SAMPLE_CALLS.answered)).toContain('answered No');
    expect(call(SAMPLE_CALLS.failedTool)).toBe('read_file, tool call, failed, There is no file src/missing.ts.');
    expect(nameOf(walk, { type: 'group', id: 1 })).toContain('small steps wins, small steps 8.5 of 10');
    expect(nameOf(walk, { type: 'group', id: 2 })).toContain('deep-scan, called workflow');
    expect(nameOf(walk, { type: 'phase', title: 'Report' })).toBe('Report, phase, not begun');
    const tree = foldRun([...structuredClone(sweep.events), ...sweep.progress]);
    const sweeping = new WalkTree(tree);
    const claims = [...tree.groups.values()].filter(({ info }) => info.kind === 'challenge');
    const decided = claims.find(({ change }) => change.verdict?.verdict === 'refuted')!;
    expect(nameOf(sweeping, { type: 'group', id: decided.info.id })).toMatch(/, claim, refuted \d–\d/);
    const voter = decided.children.find((ref) => tree.calls.get(ref.id)?.settled?.vote === 'against')!;
    expect(nameOf(sweeping, voter)).toMatch(/, challenger, refuted it, ./);
    const working = [...tree.calls.values()].find(({ state, info }) => state === 'working' && info.kind === 'agent')!;
    expect(nameOf(sweeping, { type: 'call', id: working.info.id })).toContain(working.doing);
  });
});

describe('news', () => {
  it('are told of many at once, and of the end with its census', () => {
    const { events } = sampleRun({ agents: 350, state: 'finished' });
    const begun = treeOf(events.slice(0, 3));
    const before = notice(begun);
    const after = foldRun(structuredClone(events));
    const { polite, asks } = newsSince(before, notice(after), after);
    expect(polite.join(' ')).toMatch(
      /^Report began\. \d+ agents failed\. The run completed with failures: \d+ agents answered, \d+ failed,.* \d+ upheld/,
    );
    expect(asks).toBeNull();
    expect(newsSince(notice(after), notice(after), after)).toEqual({ polite: [], asks: null });
  });

  it('say who failed where it is one, and what is asked', () => {
    const after = treeOf(asking.events);
    const index = asking.events.findIndex((event) => event.type === 'call.issued' && event.call.id === 10);
    const before = notice(treeOf(asking.events.slice(0, index)));
    expect(newsSince(before, notice(after), after)).toEqual({
      polite: ['scan · cli failed: 529 overloaded, 6 tries.'],
      asks: 'A checkpoint asks you: 19 confirmed so far. Fix them in worktrees, or only report?',
    });
  });

  it('are none where another run, or the same from its beginning, was read', () => {
    const tree = treeOf(asking.events);
    const now = notice(tree);
    expect(newsSince({ ...now, run: 'other', failed: 0, asking: [] }, now, tree)).toEqual({ polite: [], asks: null });
    expect(newsSince({ ...now, seq: now.seq + 1, failed: 0 }, now, tree)).toEqual({ polite: [], asks: null });
  });
});

type More = (...bodies: RunEventBody[]) => Promise<void>;

async function withPanel(body: (panel: Panel, more: More) => Promise<void>, options: PanelOptions = {}): Promise<void> {
  const panel = await openPanel({ now: asking.now, details: questionDetails(asking.events), ...options });
  let seq = asking.events.length;
  const send = (events: RunEvent[]) =>
    panel.send({ type: 'events', runId: 'ask-1', events, more: false, interrupted: false });
  try {
    await send(asking.events);
    await body(panel, (...bodies) => send(bodies.map((event) => ({ ...event, seq: ++seq, at: asking.now }))));
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

const press = async (panel: Panel, ...keys: string[]) => {
  for (const key of keys) await panel.page.keyboard.press(key);
};
const focused = (panel: Panel) => panel.page.locator(':focus').textContent();
const enter = (panel: Panel) => panel.page.locator('[role="treeitem"][tabindex="0"]').focus();
const acts = async (panel: Panel) =>
  (await panel.sent())
    .filter((message): message is RequestMessage => message.type === 'request')
    .map(({ request }) => request)
    .filter(({ method }) => method === 'act-on-agent');

describe('the walk', () => {
  it('is one stop of Tab, says where it is, opens the details and comes back', async () => {
    await withPanel(async (panel) => {
      expect(await panel.page.locator('[role="tree"] [tabindex="0"]').count()).toBe(1);
      await enter(panel);
      await press(
        panel,
        'End',
        'ArrowUp',
        'ArrowRight',
        'End',
        'ArrowUp',
        'ArrowUp',
        'ArrowRight',
        'ArrowRight',
        'ArrowRight',
      );
      await press(panel, 'ArrowRight', 'ArrowDown');
      expect(await focused(panel)).toBe('scan · cli, agent, failed, 529 overloaded, 6 tries');
      const here = panel.page.locator('[role="treeitem"]:focus');
      const shape = ['aria-level', 'aria-posinset', 'aria-setsize', 'aria-expanded', 'aria-selected'];
      expect(await here.evaluate((item, names) => names.map((name) => item.getAttribute(name)), shape)).toEqual([
        '5',
        '2',
        '3',
        null,
        'true',
      ]);
      expect(await panel.page.locator('.walk-line').textContent()).toContain(
        'Decide › deep-scan › parallel › scan · cli',
      );
      await press(panel, 'Enter');
      await expect.poll(() => panel.page.evaluate(() => document.activeElement?.className)).toBe('side-body');
      expect(await panel.page.locator('.side h2').first().textContent()).toBe('scan · cli');
      expect(await panel.page.locator('.walk-line').count()).toBe(0);
      await press(panel, 'Escape');
      expect(await panel.page.locator('.side').count()).toBe(0);
      expect(await focused(panel)).toContain('scan · cli');
    });
  });

  it('says what is open, is seen in the picture only while the keys are in it, and goes to what is selected elsewhere', async () => {
    await withPanel(async (panel) => {
      const expanded = () => panel.page.locator('[role="treeitem"]:focus').getAttribute('aria-expanded');
      const cursor = panel.page.locator('.at-cursor');
      await enter(panel);
      expect(await expanded()).toBe('true');
      await press(panel, 'ArrowDown');
      expect(await expanded()).toBe('false');
      await press(panel, 'ArrowRight');
      expect(await expanded()).toBe('true');
      await expect.poll(() => cursor.count()).toBe(1);
      await panel.page.locator('.top-bar').getByRole('button', { name: 'Pause' }).focus();
      await expect.poll(() => cursor.count()).toBe(0);
      const scan = panel.page.locator(`[data-id="call:${SAMPLE_CALLS.scan}"] .card-main`);
      await scan.click();
      await expect
        .poll(() => panel.page.locator('[role="treeitem"][tabindex="0"]').textContent())
        .toContain(await scan.locator('.card-title').innerText());
    });
  });

  it('steers by single keys what has the focus or is selected, says why not, and never while one types', async () => {
    await withPanel(async (panel) => {
      await panel.page.locator(`[data-id="call:${SAMPLE_CALLS.scan}"] .card-main`).click();
      await enter(panel);
      await press(panel, 'Home', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'r');
      expect(await panel.page.locator('.key-note').textContent()).toContain(
        'list source files cannot be retried: it is done',
      );
      await panel.page.locator('.side-body').focus();
      for (const key of ['r', 's', 'x', 'm', 'Delete']) {
        await press(panel, key);
        await panel.page.evaluate(() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 0)));
      }
      const on = { call: SAMPLE_CALLS.scan, key: `k${SAMPLE_CALLS.scan}` };
      const wanted = ['retry', 'skip', 'stop', 'message', 'stop'].map((action) => ({
        method: 'act-on-agent',
        action,
        on,
      }));
      expect(await acts(panel)).toEqual(wanted);
      await panel.page.getByRole('button', { name: 'Comment…' }).first().press('Enter');
      await panel.page.keyboard.type('rsxmf?');
      expect(await panel.page.locator('textarea').first().inputValue()).toBe('rsxmf?');
      await panel.page.locator('.top-bar').getByRole('button', { name: 'Pause' }).focus();
      await press(panel, 'r', 's', 'x');
      expect(await acts(panel)).toEqual(wanted);
      expect(await panel.page.locator('dialog').count()).toBe(0);
    });
  });

  it('follows by F, and shows the keys in a dialog that Escape closes', async () => {
    await withPanel(async (panel) => {
      const follow = panel.page.getByRole('button', { name: 'Follow what is at work' });
      await enter(panel);
      expect(await follow.getAttribute('aria-pressed')).toBe('true');
      await press(panel, 'f');
      await expect.poll(() => follow.getAttribute('aria-pressed')).toBe('false');
      await press(panel, '?');
      const sheet = panel.page.getByRole('dialog', { name: 'Keys' });
      await sheet.waitFor();
      expect(await sheet.locator('dl > div', { hasText: 'Shift+Alt+N' }).innerText()).toContain('add an agent');
      for (let tabs = 0; tabs < 4; tabs++) {
        await press(panel, 'Tab');
        const outside = await panel.page.evaluate(
          () => document.activeElement !== document.body && !document.activeElement?.closest('dialog'),
        );
        expect(outside).toBe(false);
      }
      await press(panel, 'Escape');
      await expect.poll(() => sheet.count()).toBe(0);
      expect(await focused(panel)).toContain('bug-sweep, run');
    });
  });

  it('carries the native menu of an agent and of a question to a menu asked for by a key', async () => {
    await withPanel(async (panel) => {
      await panel.page.evaluate(() => {
        window.addEventListener('contextmenu', (event) => {
          const context = (event.target as Element).closest('[data-vscode-context]');
          (window as unknown as { asked: unknown }).asked = JSON.parse(
            context?.getAttribute('data-vscode-context') ?? '{}',
          );
          event.preventDefault();
        });
      });
      const asked = () => panel.page.evaluate('window.asked');
      await enter(panel);
      await press(panel, 'ArrowDown', 'ArrowRight', 'ArrowRight', 'Shift+F10');
      await expect.poll(asked).toMatchObject({ webviewSection: 'agent', callId: 1, agentState: 'succeeded' });
      await press(panel, 'End', 'ArrowUp', 'ArrowRight', 'End', 'ArrowUp', 'Shift+F10');
      expect(await focused(panel)).toContain('waits for you');
      const question = { webviewSection: 'checkpoint', runId: 'ask-1', callId: 3, callKey: 'k3' };
      await expect.poll(asked).toMatchObject(question);
      const onNode = panel.page.locator('.card.checkpoint:not(.over)');
      expect(JSON.parse((await onNode.getAttribute('data-vscode-context')) ?? '{}')).toMatchObject(question);
      expect(await panel.page.locator('.card.checkpoint.over').first().getAttribute('data-vscode-context')).toBeNull();
    });
  });

  it('keeps a handful of lines of ten thousand agents, and reads nothing of them while nobody walks', async () => {
    const panel = await openPanel({ now: asking.now });
    try {
      await panel.send({ type: 'events', runId: 'r', events: wideEvents(10_000), more: false, interrupted: false });
      await panel.page.locator('.walk').waitFor({ state: 'attached' });
      expect(await panel.page.locator('[role="treeitem"]').count()).toBe(2);
      await enter(panel);
      await press(panel, 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'End');
      expect(await focused(panel)).toContain('agent 10000');
      expect(await panel.page.locator('[role="treeitem"]').count()).toBeLessThan(50);
    } finally {
      await panel.close();
    }
  });

  it('keeps the focus where it is in the run when a new attempt begins', async () => {
    await withPanel(async (panel, more) => {
      await enter(panel);
      await press(panel, 'ArrowDown', 'ArrowRight', 'ArrowRight');
      expect(await focused(panel)).toContain('list source files');
      await more({ type: 'run.started', attempt: 2, engine: 'isolated-vm' });
      await expect.poll(() => panel.page.locator('.notice, [role="tree"]').count()).toBe(1);
      await expect.poll(() => focused(panel), { timeout: 10_000 }).toMatch(/bug-sweep, run|Scout, phase/);
    });
  });
});

describe('the announcer', () => {
  /** What is said politely, and what at once: the first two of their kind, for the search says things too. */
  const said = async (panel: Panel) =>
    Promise.all(
      ['status', 'alert'].map((role) => panel.page.locator(`.app > .unseen[role="${role}"]`).first().textContent()),
    );

  it('says nothing at first, then what happened, together and once', async () => {
    await withPanel(async (panel, more) => {
      expect(await said(panel)).toEqual(['', '']);
      const failed = { kind: 'refused', message: 'No.' } as const;
      const settled = {
        outcome: 'failed',
        reused: false,
        cause: failed,
        requests: 1,
        durationMs: 5,
        spent: 0,
      } as const;
      const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };
      await more(
        { type: 'phase.began', title: 'Report' },
        { type: 'call.settled', id: 9, settled: { ...settled, usage } },
        { type: 'call.settled', id: 11, settled: { ...settled, usage } },
      );
      await expect.poll(() => said(panel)).toEqual(['Report began. 2 agents failed.', '']);
      await more({ type: 'run.paused' });
      await expect.poll(() => said(panel), { timeout: 10_000 }).toEqual(['The run is paused.', '']);
    });
  });
});

function wideEvents(agents: number): RunEvent[] {
  const group = {
    id: 1,
    kind: 'parallel',
    phase: 'Wide',
    parent: null,
    slot: [],
    label: '',
    detail: '',
    size: agents,
    stages: 0,
    labels: [],
  } as const;
  const call = (id: number) =>
    ({
      id,
      key: `k${id}`,
      kind: 'agent',
      role: 'agent',
      label: `agent ${id}`,
      phase: 'Wide',
      group: 1,
      slot: [id - 1],
      model: '',
      at: null,
    }) as const;
  const { run } = asking.events[0] as Extract<RunEvent, { type: 'run.created' }>;
  const bodies: RunEventBody[] = [
    { type: 'run.created', run: { ...run, phases: [] } },
    { type: 'run.started', attempt: 1, engine: 'isolated-vm' },
    { type: 'group.opened', group: { ...group, slot: [], labels: [] } },
    ...Array.from(
      { length: agents },
      (_, index): RunEventBody => ({ type: 'call.issued', call: { ...call(index + 1), slot: [index] } }),
    ),
  ];
  return bodies.map((body, index): RunEvent => ({ ...body, seq: index + 1, at: asking.now }));
}

function wide(agents: number): WalkTree {
  return new WalkTree(foldRun(wideEvents(agents)));
}

/** Two items, of which one has come to the second stage. */
function pipeline(): WalkTree {
  const [created, started] = asking.events;
  const call = (id: number, slot: number[]) =>
    ({
      id,
      key: `k${id}`,
      kind: 'agent',
      role: 'agent',
      label: `agent ${id}`,
      phase: 'Fix',
      group: 1,
      slot,
      model: '',
      at: null,
    }) as const;
  const bodies: RunEventBody[] = [
    {
      type: 'group.opened',
      group: {
        id: 1,
        kind: 'pipeline',
        phase: 'Fix',
        parent: null,
        slot: [],
        label: '',
        detail: '',
        size: 2,
        stages: 2,
        labels: ['a.ts', 'b.ts'],
      },
    },
    ...[call(1, [0, 0]), call(2, [1, 0]), call(3, [0, 1])].map(
      (info): RunEventBody => ({ type: 'call.issued', call: info }),
    ),
  ];
  const events = bodies.map((body, index): RunEvent => ({ ...body, seq: index + 3, at: asking.now }));
  const run = { ...(created as Extract<RunEvent, { type: 'run.created' }>).run, phases: [] };
  return new WalkTree(foldRun([{ ...created!, type: 'run.created', run }, started!, ...events]));
}
