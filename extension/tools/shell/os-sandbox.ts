import { type ChildProcess, execFile, fork } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { homedir, platform, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath, isExecutable, pathDirectories } from '../find-program.ts';
import type { ConfineAnswer, ConfineRequest } from './confine-wire.ts';

export type OsSandbox = { available: true; name: string } | { available: false; why: string };

/** How to start a command so that the operating system holds it. */
export interface Confined {
  file: string;
  args: string[];
  /** To be called when all of it has ended. */
  release(): void;
}

const NAMES: Partial<Record<NodeJS.Platform, string>> = { linux: 'bubblewrap', darwin: 'Seatbelt' };
/** How long a "no" is believed; somebody may install what is missing. */
const NO_LASTS_MS = 60_000;

let known: { at: number; answer: Promise<OsSandbox> } | undefined;

/** Whether there is a sandbox of the operating system on this machine: it is tried with a real program. Never rejects. */
export async function osSandbox(): Promise<OsSandbox> {
  if (!known || (Date.now() - known.at > NO_LASTS_MS && !(await known.answer).available))
    known = { at: Date.now(), answer: tryIt() };
  return await known.answer;
}

async function tryIt(): Promise<OsSandbox> {
  const name = NAMES[process.platform];
  if (name === undefined) return { available: false, why: 'There is no sandbox on this machine.' };
  if (process.platform === 'linux') {
    const programs = ['bwrap', 'socat'];
    const found = await Promise.all(programs.map(findOnPath));
    const missing = programs.filter((_, at) => found[at] === undefined);
    if (missing.length > 0) return without(`${missing.join(' and ')} missing: install bubblewrap and socat`);
  }
  try {
    // As much is hidden as from a real command, so that what it needs would be missed here, too.
    const denyRead = await Promise.all([homedir(), tmpdir()].map(async (path) => await realpath(path)));
    const limits = { denyRead, allowRead: [], allowWrite: [], denyWrite: [], allowedDomains: [] };
    const { file, args, release } = await confined('true', limits);
    try {
      await promisify(execFile)(file, args, { timeout: 20_000, env: { PATH: pathDirectories().join(delimiter) } });
    } finally {
      release();
    }
    return { available: true, name };
  } catch (error) {
    return without(error instanceof Error ? error.message : String(error));
  }
}

function without(why: string): OsSandbox {
  const [line = ''] = why.trim().split('\n').slice(-1);
  return { available: false, why: `There is no sandbox on this machine (${line.slice(0, 300)}).` };
}

let lastId = 0;
const waiting = new Map<number, { resolve(answer: ConfineAnswer): void; reject(error: Error): void }>();
/** `bridges` is the folder by which programs get from their sandbox to the proxies: the only one of ours that they see. */
let child: Promise<{ process: ChildProcess; bridges: string }> | undefined;

/** @throws Error where the sandbox cannot be had. */
export async function confined(
  command: string,
  limits: Pick<ConfineRequest, 'denyRead' | 'allowRead' | 'allowWrite' | 'denyWrite' | 'allowedDomains'>,
): Promise<Confined> {
  child ??= startChild().catch((error: unknown) => {
    child = undefined;
    throw error;
  });
  const { process, bridges } = await child;
  lastId += 1;
  const id = lastId;
  const seccomp = platform() === 'linux' ? seccompFolder() : null;
  const request: ConfineRequest = {
    id,
    command,
    ...limits,
    allowRead: [...limits.allowRead, bridges, ...(seccomp === null ? [] : [seccomp])],
    seccomp: seccomp && join(seccomp, 'apply-seccomp'),
  };
  // It does not keep us from ending, but while somebody waits for it we stay.
  if (waiting.size === 0) process.channel?.ref();
  const answer = await new Promise<ConfineAnswer>((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    process.send(request, (error) => error && reject(error));
  }).finally(() => {
    waiting.delete(id);
    if (waiting.size === 0) process.channel?.unref();
  });
  if ('problem' in answer) throw new Error(answer.problem);
  const [file = '', ...args] = answer.argv;
  return { file, args, release: () => void (process.connected && process.send({ release: id })) };
}

async function startChild(): Promise<{ process: ChildProcess; bridges: string }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'counterpoint-sandbox-')));
  const [cwd, bridges] = [join(folder, 'empty'), join(folder, 'bridges')];
  await Promise.all([mkdir(cwd), mkdir(bridges)]);
  const built = join(import.meta.dirname, 'confine-child.mjs');
  if (platform() === 'linux') {
    const program = join(seccompFolder(), 'apply-seccomp');
    // An archive or a copy may have lost the permission.
    if (!(await isExecutable(program))) await chmod(program, 0o755);
  }
  const env = { PATH: pathDirectories().join(delimiter), TMPDIR: bridges, ELECTRON_RUN_AS_NODE: '1' };
  const script = existsSync(built) ? built : join(import.meta.dirname, 'confine-child.ts');
  // Detached, so that a Ctrl-C leaves it to us to end it; it ends by itself when we do.
  const started = fork(script, {
    cwd,
    env,
    execArgv: [],
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  started.unref();
  started.channel?.unref();
  started.on('message', (answer: ConfineAnswer) => waiting.get(answer.id)?.resolve(answer));
  const ended = (): void => {
    child = undefined;
    for (const { reject } of waiting.values()) reject(new Error('The process that knows the sandbox has ended.'));
  };
  started.on('exit', ended).on('error', ended);
  return { process: started, bridges };
}

/**
 * The folder of the program that shuts off sockets of this machine; commands have to see it, wherever it lies. Bundled, this file lies in
 * `dist` beside it; as a source, it is that of the package.
 */
function seccompFolder(): string {
  const built = join(import.meta.dirname, 'seccomp', process.arch);
  if (existsSync(built)) return built;
  const modules = join(import.meta.dirname, '../../../node_modules');
  return realpathSync(join(modules, '@anthropic-ai/sandbox-runtime/vendor/seccomp', process.arch));
}
