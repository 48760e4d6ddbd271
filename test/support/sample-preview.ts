/** Previews made up for tests: of the runs that are made up for them, what a dry run would have seen. */
import type { PreviewMessage } from '../../extension/protocol/panel-messages.ts';
import type { Preview, Range } from '../../extension/protocol/preview.ts';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import { pictureRun } from './picture-run.ts';
import { sampleRun } from './sample-run.ts';

export const DIGEST = 'd'.repeat(64);
const PLANNED: ReadonlySet<RunEvent['type']> = new Set(['run.created', 'phase.began', 'group.opened', 'call.issued']);

/** The events that a run and its preview have in common: nothing was begun, and nothing has ended. */
export function plannedEvents(events: RunEvent[], id: string): RunEvent[] {
  const at = events[0]!.at;
  return events
    .filter(({ type }) => PLANNED.has(type))
    .map((event, index): RunEvent => {
      const planned = { ...event, seq: index + 1, at };
      return planned.type === 'run.created' ? { ...planned, run: { ...planned.run, id, preview: true } } : planned;
    });
}

export const range = (low: number, likely: number, high: number): Range => ({ low, likely, high });

export function samplePreview(change: Partial<Preview> = {}): Preview {
  return {
    script: {
      title: '.counterpoint/workflows/security-review.js',
      name: 'security-review',
      description: 'Finders cast wide, challengers refute, rounds until nothing new.',
      digest: DIGEST,
    },
    agents: range(220, 486, 900),
    inputTokens: range(900_000, 1_700_000, 3_900_000),
    outputTokens: range(60_000, 140_000, 310_000),
    costUsd: range(1.1, 2.31, 6.4),
    durationMs: range(140_000, 372_000, 910_000),
    phases: [
      { title: 'Scout', agents: range(1, 1, 1) },
      { title: 'Prepare', agents: range(20, 48, 80) },
      { title: 'Find', agents: range(150, 400, 640) },
      { title: 'Challenge', agents: range(12, 141, 300) },
      { title: 'Decide', agents: range(1, 1, 1) },
    ],
    models: [
      { model: 'claude-opus-5-5', agents: range(60, 142, 301) },
      { model: 'claude-haiku-4-5', agents: range(160, 344, 599) },
    ],
    basis: '214 agents of this machine’s earlier runs',
    capped: null,
    tools: [
      { name: 'read_file', by: 'agents', access: 'read' },
      { name: 'grep', by: 'agents', access: 'read' },
      { name: 'list_directory', by: 'script', access: 'read' },
      { name: 'run_command', by: 'agents', access: 'execute' },
      { name: 'write_file', by: 'agents', access: 'write' },
      { name: 'fetch_url', by: 'agents', access: 'network' },
    ],
    checkpoints: 1,
    advice: [
      {
        kind: 'null-not-filtered',
        message:
          'An agent that fails answers null here, and `.findings` of null throws. Filter first: `answers.filter(Boolean)`.',
        line: 41,
      },
      {
        kind: 'barrier',
        message:
          '`parallel` waits for the slowest of 48 before the next stage begins. `pipeline` lets each go on by itself.',
        line: 27,
      },
      {
        kind: 'unchallenged',
        message: 'What “Prepare” finds goes into the report, and nobody tries to refute it.',
        line: null,
      },
    ],
    error: null,
    ...change,
  };
}

export const ASKED = {
  reasons: ['This version has not run here before.', 'Its agents may run programs and change files.'],
  restricted: false,
};

export function previewMessage(change: Partial<PreviewMessage> = {}): PreviewMessage {
  return { type: 'preview', preview: samplePreview(), problem: null, stale: false, approval: ASKED, ...change };
}

/** As wide as the run of the README's picture. */
export function picturePlan(id = 'preview-1'): RunEvent[] {
  return plannedEvents(pictureRun().events, id);
}

export function sweepPlan(agents: number, id = 'preview-1'): RunEvent[] {
  return plannedEvents(sampleRun({ agents, state: 'finished' }).events, id);
}
