/** A process of its own that drives one run, to be killed: by itself at a transaction of its choice, or from outside. */
import { DatabaseSync } from 'node:sqlite';
import { createAnthropicProvider } from '../../extension/models/anthropic.ts';
import { UserError } from '../../extension/protocol/errors.ts';
import { openRunManager } from '../../extension/runs/run-manager.ts';
import type { DriverMessage, DriverTask } from '../support/recovery.ts';

const task = JSON.parse(process.env.DRIVER_TASK ?? '') as DriverTask & { dist: string; ripgrep: string };

function tell(message: DriverMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Every transaction of the product ends in this one statement: right before or right after it is the place to die. */
function dieAt(transaction: number, side: 'before' | 'after'): void {
  const exec = DatabaseSync.prototype.exec;
  let commits = 0;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
    const last = sql === 'COMMIT' && ++commits === transaction;
    if (last && side === 'before') process.kill(process.pid, 'SIGKILL');
    exec.call(this, sql);
    if (last) process.kill(process.pid, 'SIGKILL');
  };
}

async function drive(): Promise<void> {
  if (task.die) dieAt(task.die.transaction, task.die.side);
  const manager = await openRunManager({
    workspace: task.workspace,
    bundledWorkflows: task.workspace,
    dist: task.dist,
    provider: async () => createAnthropicProvider({ apiKey: 'loopback', baseUrl: task.api, defaultModel: 'fake' }),
    ripgrep: task.ripgrep,
    node: process.execPath,
    retryBaseMs: 5,
  });
  if (task.hold) {
    tell({ type: 'open' });
    await new Promise((resolve) => process.stdin.once('data', resolve));
  }
  const { resume, script = '', limits = {} } = task;
  const runId = resume ?? (await manager.start({ script, provider: 'anthropic', limits }));
  if (resume) await manager.resume(resume);
  tell({ type: 'driving', runId });
  const outcome = await manager.finished(runId);
  await manager.close();
  tell({ type: 'ended', outcome });
}

try {
  await drive();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  tell({ type: 'refused', code: error.code, message: error.message });
}
process.exit();
