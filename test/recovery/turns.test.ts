import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { TranscriptEntry } from '../../extension/protocol/call-details.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import { type FakeAnthropic, type FakeBody, type FakeScript, startFakeAnthropic } from '../support/fake-anthropic.ts';
import { readStored, startDriver, writeScript } from '../support/recovery.ts';
import { tempDir } from '../support/temp-dir.ts';

/** An agent that reads a file so many times, one a turn, and then says what it has done. */
const TURNS = 6;
const USAGE = { input: 100, output: 10 };

async function api(script: FakeScript): Promise<FakeAnthropic> {
  const server = await startFakeAnthropic(script);
  onTestFinished(() => server.close());
  return server;
}

/** Replies so far, as a request shows them. */
function repliesIn(body: FakeBody): number {
  return body.messages.filter(({ role }) => role === 'assistant').length;
}

function reading(body: FakeBody): ReturnType<FakeScript> {
  const turn = repliesIn(body) + 1;
  if (turn > TURNS) return { text: `done after ${TURNS}`, usage: USAGE };
  return {
    thinking: `thought ${turn}`,
    text: `turn ${turn}`,
    tools: [{ name: 'read_file', input: { path: 'a.txt' }, id: `toolu_turn_${turn}` }],
    usage: USAGE,
  };
}

function workspaceWith(script: string): { workspace: string; script: string } {
  const workspace = tempDir();
  writeFileSync(join(workspace, 'a.txt'), 'the text\n');
  return { workspace, script: writeScript(workspace, script) };
}

function transcriptOf(workspace: string): TranscriptEntry[] {
  const db = new DatabaseSync(join(workspace, '.counterpoint/runs.sqlite'));
  const rows = db.prepare('SELECT body FROM transcripts ORDER BY entry').all();
  db.close();
  return rows.map(({ body }) => JSON.parse(String(body)) as TranscriptEntry);
}

function turnsLeft(workspace: string): number {
  const db = new DatabaseSync(join(workspace, '.counterpoint/runs.sqlite'));
  const left = Number(db.prepare('SELECT count(*) AS n FROM turns').get()?.n);
  db.close();
  return left;
}

test('an agent that was killed in its fifth turn goes on with its fifth request, and is paid for once', async () => {
  const server = await api(async (body, n) => {
    // The fourth turn is on disk before the fifth is asked for.
    if (n === 5) {
      driver.child.kill('SIGKILL');
      await driver.gone;
    }
    return reading(body);
  });
  const { workspace, script } = workspaceWith(`return await agent('read it')`);
  const driver = await startDriver({ workspace, api: server.url, script, limits: { budget: 1_000 } });
  await driver.gone;
  const before = structuredClone(server.requests[4]?.body);
  expect(turnsLeft(workspace)).toBeGreaterThan(0);

  const { runId } = readStored(workspace);
  const again = await startDriver({ workspace, api: server.url, resume: String(runId) });
  expect(await again.gone).toEqual({ type: 'ended', outcome: { status: 'completed', result: `done after ${TURNS}` } });
  // Word for word what the dead process asked last, signed thinking and all, with what its replies have left of the budget.
  expect(before?.max_tokens).toBe(1_000 - 40);
  expect(server.requests[5]?.body).toEqual(before);
  expect(JSON.stringify(before)).toContain('signature-4');
  expect(server.requests).toHaveLength(5 + 3);
  expect(transcriptOf(workspace)).toContainEqual(
    expect.objectContaining({ type: 'note', text: 'It goes on at turn 5 after a break.' }),
  );
  // Seven replies came: four in the first process, three in the second; the one that was killed never did.
  expect(foldRun(readStored(workspace).events).usage).toMatchObject({ inputTokens: 700, outputTokens: 70 });
  expect(turnsLeft(workspace)).toBe(0);
});
