import { expect, onTestFinished, test } from 'vitest';
import { readControls } from '../../extension/journal/controls.ts';
import { Journal } from '../../extension/journal/journal.ts';
import { Lease } from '../../extension/journal/lease.ts';
import type { RunControl } from '../../extension/protocol/run-control.ts';
import type { RunEventBody } from '../../extension/protocol/run-events.ts';
import { ControlDesk } from '../../extension/runs/control-desk.ts';
import { tempDir } from '../support/temp-dir.ts';

const STARTED: RunEventBody = { type: 'run.started', attempt: 1, engine: 'quickjs' };
const STOPPED: RunEventBody = { type: 'run.ended', status: 'stopped' };

/** Asks for a control of a run whose driver writes these events and is gone without an answer. */
async function askOfOneThatGoes(control: RunControl, ...events: RunEventBody[]): Promise<void> {
  const journal = new Journal(tempDir());
  onTestFinished(() => journal.close());
  const lease = Lease.acquire(journal, 'run', () => undefined);
  const asked = new ControlDesk(journal, () => undefined).ask('run', control);
  // Whatever comes of it is looked at below.
  asked.catch(() => undefined);
  expect(readControls(journal.database)).toHaveLength(1);
  const rows = events.map((body, index) => ({ table: 'events' as const, event: { ...body, seq: index + 1, at: 1 } }));
  await journal.append('run', rows, { durable: true });
  lease?.release();
  await asked;
}

test('a stop has come true when the run has ended, though who did it is gone without a word', async () => {
  await expect(askOfOneThatGoes({ action: 'stop' }, STARTED, STOPPED)).resolves.toBeUndefined();
});

test('a stop of a run whose driver died, and anything else of one that has ended, is refused', async () => {
  await expect(askOfOneThatGoes({ action: 'stop' }, STARTED)).rejects.toThrow('is not running');
  await expect(askOfOneThatGoes({ action: 'stop' }, STOPPED, STARTED)).rejects.toThrow('is not running');
  await expect(askOfOneThatGoes({ action: 'pause' }, STARTED, STOPPED)).rejects.toThrow('is not running');
});
