import { UserError } from '../protocol/errors.ts';
import type { RunStatus } from '../protocol/run-events.ts';
import type { RunManager } from '../runs/run-manager.ts';
import type { Attendance, ResumeChange } from '../runs/run-service.ts';
import type { Home } from './main.ts';
import { printable } from './printable.ts';
import { answerCommand, type Question } from './questions.ts';
import { RunScreen } from './run-screen.ts';
import { show } from './show.ts';
import { printDone, scriptPath } from './steer.ts';
import type { CommandLine } from './usage.ts';

const EXIT_CODES: Record<RunStatus, number> = {
  completed: 0,
  completed_with_failures: 3,
  failed: 1,
  stopped: 130,
  created: 0,
  running: 0,
  interrupted: 1,
};

/** An unattended run was stopped at a question. */
const EXIT_UNANSWERED = 4;

/**
 * Starts or resumes a run by `begin`, shows it as it goes, and prints how it ended. Returns the exit code.
 * @param more What else belongs into the document of `--json`.
 */
export async function drive(
  line: CommandLine,
  home: Home,
  manager: RunManager,
  begin: () => Promise<string>,
  more: object = {},
): Promise<number> {
  const screen = await RunScreen.open(line, manager);
  home.servers?.showOn(screen);
  let unanswered: Question | null = null;
  let end: DriveEnd;
  try {
    end = await driveToEnd(manager, begin, (id) => {
      screen.follow(id, (question) => {
        if (unanswered) return;
        unanswered = question;
        void manager.stop(id);
      });
    });
  } finally {
    screen.close();
  }
  const code = await conclude(line, home, manager, end, more);
  return unanswered && end.status === 'stopped' ? tellUnanswered(line, end.runId, unanswered) : code;
}

export interface DriveEnd {
  runId: string;
  status: RunStatus;
}

/** A signal stops the run, a second one this process. */
export async function driveToEnd(
  manager: RunManager,
  begin: () => Promise<string>,
  onBegun: (runId: string) => void,
): Promise<DriveEnd> {
  let runId = '';
  let stopping = false;
  const onSignal = () => {
    // The second one means it.
    if (runId === '' || stopping) process.exit(130);
    stopping = true;
    void manager.stop(runId);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    runId = await begin();
    onBegun(runId);
    const { status } = await manager.finished(runId);
    return { runId, status };
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** Prints how the run ended, or how far it is. Returns the exit code. */
export async function conclude(
  line: CommandLine,
  home: Home,
  manager: RunManager,
  end: DriveEnd,
  more: object = {},
): Promise<number> {
  await show(line, home, manager, end.runId, more);
  return EXIT_CODES[end.status];
}

function tellUnanswered(line: CommandLine, runId: string, question: Question): number {
  const asked = printable(question.info.checkpoint.question);
  console.error(
    `counterpoint: run ${runId} was stopped at question ${question.info.id}, which nobody was there to answer: ${asked} ` +
      `\`${answerCommand(runId, question, line.workspace)}\` answers it, then \`counterpoint resume ${runId}\` goes on.`,
  );
  return EXIT_UNANSWERED;
}

/** Goes on with a run here, or where it is paused. Returns the exit code. */
export async function resume(line: CommandLine, home: Home, manager: RunManager, runId: string): Promise<number> {
  const change = changeOf(line);
  if (manager.summary(runId)?.status === 'running' && manager.tree(runId).paused) {
    if (Object.keys(change).length > 0) {
      throw new UserError(
        'run-busy',
        `Run ${runId} is paused in another process, which has its own script and limits. \`counterpoint replace\` and \`counterpoint set\` change them there; \`counterpoint resume ${runId}\` alone goes on.`,
      );
    }
    await manager.control(runId, { action: 'unpause' });
    const where = `in the process that drives it; \`counterpoint watch ${runId}\` follows it`;
    return printDone(line, runId, { done: 'unpaused' }, `goes on ${where}`);
  }
  return await drive(line, home, manager, async () => {
    await manager.resume(runId, { ...change, ...attendanceOf(line) });
    return runId;
  });
}

/** Begins a new run from an old one and drives it. Returns the exit code. */
export function fork(line: CommandLine, home: Home, manager: RunManager, runId: string): Promise<number> {
  const from = line.from === null ? {} : { from: line.from };
  return drive(line, home, manager, () =>
    manager.fork({ run: runId, ...from, ...changeOf(line), ...attendanceOf(line) }),
  );
}

/** What agents may do, where the command line says. */
export function permissionsOf({ profile, permissions }: CommandLine): Pick<ResumeChange, 'profile' | 'permissions'> {
  return { ...(profile && { profile }), ...(permissions && { permissions }) };
}

/** Who is there to be asked. */
export function attendanceOf({ unattended, permissionTimeoutMs }: CommandLine): Attendance {
  return { unattended, ...(permissionTimeoutMs !== null && { permissionTimeoutMs }) };
}

function changeOf(line: CommandLine): ResumeChange {
  return {
    ...(line.script !== null && { script: scriptPath(line.script) }),
    ...(line.model !== null && { model: line.model }),
    ...(Object.keys(line.models).length > 0 && { models: line.models }),
    ...(Object.keys(line.limits).length > 0 && { limits: line.limits }),
    ...permissionsOf(line),
  };
}
