import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

interface Listed {
  pid: number;
  parent: number;
  group: number;
}

/** A tree that makes new processes while it is ended is looked through again. */
const ROUNDS = 20;

/**
 * Ends a process, all that it started and what that started, also what has left its group or lost its parent.
 * @param root It leads a group of its own. @param mark A text in the environment of all of them, by which those are found that have no
 * parent any more; that works on Linux only.
 */
export async function endTree(root: number, mark: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = await treeOf(root, mark);
    kill(-root);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It is gone by itself, or has become somebody else's: nothing that we could end.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function treeOf(root: number, mark: string): Promise<number[]> {
  const all = process.platform === 'linux' ? await listLinux() : await listOthers();
  const ours = new Set<number>(all.filter(({ pid, group }) => pid === root || group === root).map(({ pid }) => pid));
  for (let size = -1; size !== ours.size; ) {
    size = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent) || parent === root) ours.add(pid);
  }
  if (process.platform !== 'linux') return [...ours];
  const marked = all
    .filter(({ parent, pid }) => parent === 1 && !ours.has(pid))
    .map(async ({ pid }) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return environment.includes(mark) ? [pid] : [];
    });
  return [...ours, ...(await Promise.all(marked)).flat()];
}

async function listLinux(): Promise<Listed[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    pids.map(async (pid) => await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')),
  );
  return stats.flatMap((stat) => {
    // The name stands in brackets and may hold some itself.
    const [, pid, state, parent, group] = /^(\d+) \(.*\) (\S) (\d+) (\d+)/s.exec(stat) ?? [];
    // What is dead and only waits to be asked for needs no end.
    return pid === undefined || state === 'Z'
      ? []
      : [{ pid: Number(pid), parent: Number(parent), group: Number(group) }];
  });
}

async function listOthers(): Promise<Listed[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,pgid=,state=']);
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, group, state] = line.trim().split(/\s+/);
    return !pid || state?.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent), group: Number(group) }];
  });
}
