import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { build } from 'esbuild';
import { afterAll, onTestFinished } from 'vitest';
import type { UserErrorCode } from '../../extension/protocol/errors.ts';
import type { RunEvent, RunLimits } from '../../extension/protocol/run-events.ts';
import type { CallRequest } from '../../extension/protocol/sandbox-wire.ts';
import type { RunOutcome } from '../../extension/runs/run-service.ts';
import { findRipgrep } from '../../extension/tools/find-ripgrep.ts';
import { builtDist } from './built-dist.ts';
import { ROOT } from './workspace.ts';

/** What a driver process is to do: start `script`, or resume the run `resume`. */
export interface DriverTask {
  workspace: string;
  /** Address of the model API. */
  api: string;
  script?: string;
  resume?: string;
  limits?: Partial<RunLimits>;
  /** SIGKILL to itself around its so-manyth transaction, counted from 1. */
  die?: { transaction: number; side: 'before' | 'after' };
  /** Says `open` once the journal is open, and goes on only when something is written to its input. */
  hold?: boolean;
}

export type DriverMessage =
  | { type: 'open' }
  | { type: 'driving'; runId: string }
  | { type: 'ended'; outcome: RunOutcome }
  | { type: 'refused'; code: UserErrorCode; message: string };

export interface DriverProcess {
  child: ChildProcess;
  /** Resolves with the first message of this type; null where the process ends without one. */
  heard<T extends DriverMessage['type']>(type: T): Promise<Extract<DriverMessage, { type: T }> | null>;
  /** Resolves when the process is gone, with its last message. Rejects where it failed by itself. */
  gone: Promise<DriverMessage | null>;
}

/** Starts a process that drives one run, and is gone when the test is. */
export async function startDriver(task: DriverTask): Promise<DriverProcess> {
  const tools = { dist: await builtDist(), ripgrep: await findRipgrep({ near: [ROOT] }) };
  const child = spawn(process.execPath, [await builtDriver()], {
    env: { DRIVER_TASK: JSON.stringify({ ...task, ...tools }) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const messages: DriverMessage[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    messages.push(JSON.parse(line) as DriverMessage);
    for (const look of waiting) look();
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const gone = new Promise<DriverMessage | null>((resolve, reject) => {
    child.on('close', (code, signal) => {
      for (const look of waiting) look();
      if (code !== 0 && signal !== 'SIGKILL') reject(new Error(`the driver failed: ${stderr}`));
      else resolve(messages.at(-1) ?? null);
    });
  });
  return {
    child,
    gone,
    heard: <T extends DriverMessage['type']>(type: T) =>
      new Promise<Extract<DriverMessage, { type: T }> | null>((resolve) => {
        const look = (): void => {
          const found = messages.find((message) => message.type === type);
          if (!found && child.exitCode === null && child.signalCode === null) return;
          waiting.delete(look);
          resolve((found as Extract<DriverMessage, { type: T }> | undefined) ?? null);
        };
        waiting.add(look);
        look();
      }),
  };
}

let driver: Promise<string> | undefined;

/** The driver bundled, for it starts five times as fast so; what is imported when needed stays apart, as in the product. */
function builtDriver(): Promise<string> {
  driver ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'counterpoint-driver-'));
    await build({
      entryPoints: [join(ROOT, 'test/recovery/driver.ts')],
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
      banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    });
    return join(folder, 'driver.mjs');
  })();
  return driver;
}

afterAll(async () => {
  if (driver) await rm(join(await driver, '..'), { recursive: true, force: true });
});

/** Writes a script (its body; `meta` is added) and returns its path. */
export function writeScript(workspace: string, body: string): string {
  const path = join(workspace, 'script.js');
  writeFileSync(path, `export const meta = { name: 'test', description: 'a test' }\n${body}`);
  return path;
}

/** What a journal holds, read past the product. */
export interface StoredState {
  runId: string | null;
  events: RunEvent[];
  /** Prompts of the agents whose result is on disk. */
  finished: string[];
}

export function readStored(workspace: string): StoredState {
  const path = join(workspace, '.counterpoint/runs.sqlite');
  const none = { runId: null, events: [], finished: [] };
  if (!existsSync(path)) return none;
  const db = new DatabaseSync(path, { timeout: 5_000 });
  try {
    if (Number(db.prepare('PRAGMA user_version').get()?.user_version) === 0) return none;
    const id = db.prepare('SELECT id FROM runs').get()?.id;
    if (id === undefined) return none;
    const runId = String(id);
    const events = db.prepare('SELECT seq, at, body FROM events WHERE run = ? ORDER BY seq').all(runId);
    const requests = db
      .prepare('SELECT request FROM results JOIN requests USING (run, key) WHERE run = ? ORDER BY seq')
      .all(runId)
      .map((row) => JSON.parse(String(row.request)) as CallRequest);
    return {
      runId,
      events: events.map((row) => ({ seq: row.seq, at: row.at, ...JSON.parse(String(row.body)) }) as RunEvent),
      finished: requests.flatMap((request) => (request.kind === 'agent' ? [request.prompt] : [])),
    };
  } finally {
    db.close();
  }
}

/** Whether events are numbered from 1 without a gap. */
export function isGapless(events: RunEvent[]): boolean {
  return events.every((event, index) => event.seq === index + 1);
}
