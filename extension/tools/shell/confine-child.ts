/**
 * The process that asks the sandbox runtime how a command is to be started. It lies apart from ours for three reasons: the runtime shields
 * what it finds in the folder it runs in, also by files that it makes there, and this one runs in an empty folder; its proxies would keep
 * our process from ending; and it looks through folders, which takes time.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { SandboxManager } from '@anthropic-ai/sandbox-runtime';
import type { ConfineAnswer, ConfineRequest } from './confine-wire.ts';

/** What looks for files to shield below the folder that this process runs in: there are none, for that is empty. */
const SEARCH = { command: 'true' };

let ready: Promise<void> | undefined;
/** Ids by which the proxies know which command may reach what, by that of its request. */
const commandIds = new Map<number, string>();

async function start(seccomp: string | null): Promise<void> {
  const { errors } = SandboxManager.checkDependencies(SEARCH);
  if (errors.length > 0) throw new Error(errors.join('; '));
  await SandboxManager.initialize({
    network: { allowedDomains: [], deniedDomains: [] },
    filesystem: { denyRead: [], allowWrite: [], denyWrite: [] },
    mandatoryDenySearchDepth: 1,
    ripgrep: SEARCH,
    ...(seccomp !== null && { seccomp: { applyPath: seccomp } }),
  });
}

async function confine(request: ConfineRequest): Promise<ConfineAnswer> {
  const { id, command, seccomp, allowedDomains } = request;
  const literal = (paths: string[]) => paths.map((path) => ({ path, literal: true as const }));
  try {
    ready ??= start(seccomp);
    await ready;
    // Whoever knows it may reach what this command may, so that nobody may guess it.
    const commandId = randomBytes(24).toString('base64url');
    const { argv } = await SandboxManager.wrapWithSandboxArgv(
      command,
      '/bin/bash',
      {
        filesystem: {
          denyRead: literal(request.denyRead),
          allowRead: literal(request.allowRead),
          allowWrite: literal(request.allowWrite),
          denyWrite: literal(request.denyWrite),
        },
      },
      undefined,
      undefined,
      { commandId },
    );
    SandboxManager.registerCommandNetworkLists(commandId, { allowedDomains });
    commandIds.set(id, commandId);
    return { id, argv };
  } catch (error) {
    return { id, problem: error instanceof Error ? error.message : String(error) };
  }
}

function release(id: number): void {
  const commandId = commandIds.get(id);
  if (commandId === undefined) return;
  commandIds.delete(id);
  SandboxManager.unregisterCommandNetworkLists(commandId);
  SandboxManager.cleanupAfterCommand();
}

process.on('message', (message: ConfineRequest | { release: number }) => {
  if ('release' in message) release(message.release);
  else void confine(message).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => {
  void SandboxManager.reset().finally(() => {
    // The folder around the one that it runs in was made for this process alone.
    rmSync(dirname(process.cwd()), { recursive: true, force: true });
    process.exit();
  });
});
