import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { findNode, isSandboxNode } from './sandbox/find-node.ts';

/**
 * The command line, `counterpoint`. Any Node may start it; where that one is too old for the journal and the sandbox,
 * the same command goes on under one that is not.
 */
const root = join(import.meta.dirname, '..');

if (isSandboxNode()) {
  followParent();
  const { main } = await import('./cli/main.ts');
  process.exitCode = await main(process.argv.slice(2), { root, node: process.execPath });
} else {
  await handOver();
}

async function handOver(): Promise<void> {
  const node = await findNode({ near: [root] });
  if (!node) {
    console.error(
      `counterpoint: Node 24 or 26 is needed, and this is ${process.version}. Install one (or run \`npm ci\` in ${root}) and try again.`,
    );
    process.exitCode = 1;
    return;
  }
  const script = process.argv[1] ?? import.meta.filename;
  const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // A terminal sends Ctrl-C to the child as well.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on('exit', (code) => process.exit(code ?? 1));
}

/** Where an older Node handed over to this one, its death must be ours: nobody else knows of this process. */
function followParent(): void {
  if (!process.channel) return;
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
