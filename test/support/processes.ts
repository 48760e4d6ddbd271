import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

interface ListedProcess {
  pid: number;
  parent: number;
}

/** All that run now. What is dead but has not been waited for does not. */
function listProcesses(): ListedProcess[] {
  const { stdout, pid: lister } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([pid, , state]) => Number(pid) !== lister && !state?.startsWith('Z'))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}

/** Ids of the running processes that `parent` has started. */
export function childrenOf(parent: number): number[] {
  return listProcesses()
    .filter((process) => process.parent === parent)
    .map(({ pid }) => pid);
}

/** Whether a process is gone; it is given some seconds to go. */
export async function processIsGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 100; i += 1) {
    if (!listProcesses().some((process) => process.pid === pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

/** How many threads of a process there still are: one that was killed dies thread by thread, and is told of after the last. */
export function threadsOf(pid: number): number {
  return existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`).length : 0;
}
