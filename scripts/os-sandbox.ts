/** Brings what the sandbox of the operating system consists of, for the tests that run programs in it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PROGRAMS = ['/usr/bin/bwrap', '/usr/bin/socat'];

/** Installs bubblewrap and socat with apt where they are missing and we are root. Elsewhere tests see that there is no sandbox. */
export function installOsSandbox(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || PROGRAMS.every((path) => existsSync(path))) return;
  console.log('Installing bubblewrap and socat with apt-get …');
  apt(['update', '-qq']);
  apt(['install', '-y', '-qq', '--no-install-recommends', 'bubblewrap', 'socat']);
}

function apt(args: string[]): void {
  spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
