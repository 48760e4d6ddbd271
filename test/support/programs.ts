import { spawnSync } from 'node:child_process';

/** Processes whose command line holds a text; what is dead but has not been waited for does not count. */
export function programsWith(text: string): string[] {
  const { stdout, pid } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,state=,args='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => line.includes(text) && !/^\s*\d+\s+Z/.test(line) && Number.parseInt(line, 10) !== pid)
    .filter((line) => Number.parseInt(line, 10) !== process.pid);
}

/** Whether no such process is left; they are given some seconds to go. */
export async function programsAreGone(text: string): Promise<boolean> {
  for (let i = 0; i < 100; i += 1) {
    if (programsWith(text).length === 0) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

/** A number of seconds to sleep for that no other process here sleeps for: it can be found by it. */
export function oddSeconds(): string {
  return String(100_000 + Math.floor(Math.random() * 800_000_000));
}
