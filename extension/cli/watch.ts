import { UserError } from '../protocol/errors.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { conclude, type DriveEnd, driveToEnd } from './drive.ts';
import type { Home } from './main.ts';
import { RunScreen } from './run-screen.ts';
import type { CommandLine } from './usage.ts';

/** Why there is nothing more to watch: the run has ended, nobody drives it any more, or the person has seen enough. */
type Turn = 'ended' | 'cut' | 'left';

/** Follows a run to its end, whichever process drives it; with `--take-over` in the end this one. Returns the exit code. */
export async function watch(line: CommandLine, home: Home, manager: RunManager, runId: string): Promise<number> {
  const left = Promise.withResolvers<Turn>();
  const leave = (): void => left.resolve('left');
  process.on('SIGINT', leave).on('SIGTERM', leave);
  const screen = await RunScreen.open(line, manager);
  home.servers?.showOn(screen);
  let turn: Turn;
  let driven: DriveEnd | null = null;
  try {
    screen.follow(runId, () => undefined);
    turn = await nextTurn(manager, runId, left.promise);
    while (turn === 'cut' && line.takeOver) {
      screen.say(`nobody drives run ${runId} any more; it goes on here`);
      driven = await takeOver(manager, runId);
      turn = driven ? 'ended' : await nextTurn(manager, runId, left.promise);
    }
  } finally {
    screen.close();
    process.off('SIGINT', leave).off('SIGTERM', leave);
  }
  const status = manager.summary(runId)?.status ?? 'failed';
  const code = await conclude(line, home, manager, driven ?? { runId, status });
  if (turn === 'cut') {
    console.error(
      `counterpoint: the process that drove run ${runId} is gone. \`counterpoint resume ${runId}\` goes on with it; finished agents are not asked again.`,
    );
  }
  if (turn !== 'left') return code;
  console.error(`counterpoint: run ${runId} goes on; \`counterpoint watch ${runId}\` follows it again.`);
  return 130;
}

/** Drives the run to its end; null where another process was quicker. */
async function takeOver(manager: RunManager, runId: string): Promise<DriveEnd | null> {
  try {
    return await driveToEnd(
      manager,
      async () => {
        await manager.resume(runId);
        return runId;
      },
      () => undefined,
    );
  } catch (error) {
    if (error instanceof UserError && error.code === 'run-busy') return null;
    throw error;
  }
}

async function nextTurn(manager: RunManager, runId: string, left: Promise<Turn>): Promise<Turn> {
  const { promise, resolve } = Promise.withResolvers<Turn>();
  const look = (): void => {
    const status = manager.summary(runId)?.status;
    if (status === 'interrupted') resolve('cut');
    else if (status !== 'running') resolve('ended');
  };
  // Those who watch do not keep a process alive by themselves.
  const alive = setInterval(() => undefined, 60_000);
  const stopListening = [manager.onInterrupted((id) => id === runId && look()), manager.subscribe(runId, look)];
  look();
  try {
    return await Promise.race([promise, left]);
  } finally {
    for (const stop of stopListening) stop();
    clearInterval(alive);
  }
}
