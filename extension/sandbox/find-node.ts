import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from './child-environment.ts';

/** ABI versions that the engine's binaries are built for: Node 24 and Node 26. */
const ABIS = ['137', '147'];
const PROBE_MS = 5000;
const name = process.platform === 'win32' ? 'node.exe' : 'node';
const probed = new Map<string, Promise<boolean>>();

/** Whether this very process is a Node that the engine's binaries fit. */
export function isSandboxNode(): boolean {
  // Electron's own V8 has another ABI, even where the numbers agree.
  return !process.versions.electron && ABIS.includes(process.versions.modules);
}

export interface FindNodeOptions {
  /** A path that the user has set; tried first, for they know. */
  setting?: string | undefined;
  /** Directories with a `node_modules` that may hold the npm package `node`. */
  near?: readonly string[];
}

/** Path of a real Node that the engine's binaries fit, null where none is found. Each candidate is run once and remembered. */
export async function findNode(options: FindNodeOptions = {}): Promise<string | null> {
  for (const path of candidates(options)) {
    if ((path === process.execPath && isSandboxNode()) || (await fits(path))) return path;
  }
  return null;
}

function* candidates({ setting, near = [] }: FindNodeOptions): Generator<string> {
  if (setting) yield setting;
  if (isSandboxNode()) yield process.execPath;
  for (const directory of near) {
    yield join(directory, 'node_modules/node/bin', name);
    yield join(directory, 'node_modules/.bin', name);
  }
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    // A relative entry would let the folder we stand in supply what we run.
    if (isAbsolute(directory)) yield join(directory, name);
  }
  for (const directory of ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin']) yield join(directory, name);
  yield* versionManagers();
}

/** Where nvm, fnm, volta, asdf and mise keep their Nodes: the newest version of each first. */
function* versionManagers(): Generator<string> {
  const home = homedir();
  const places: [string, string][] = [
    [process.env.NVM_DIR ? join(process.env.NVM_DIR, 'versions/node') : join(home, '.nvm/versions/node'), 'bin'],
    [join(process.env.FNM_DIR ?? join(home, '.local/share/fnm'), 'node-versions'), 'installation/bin'],
    [join(home, 'Library/Application Support/fnm/node-versions'), 'installation/bin'],
    [join(process.env.VOLTA_HOME ?? join(home, '.volta'), 'tools/image/node'), 'bin'],
    [join(process.env.ASDF_DATA_DIR ?? join(home, '.asdf'), 'installs/nodejs'), 'bin'],
    [join(process.env.MISE_DATA_DIR ?? join(home, '.local/share/mise'), 'installs/node'), 'bin'],
    [process.env.NVM_HOME ?? join(home, 'AppData/Roaming/nvm'), ''],
    [join(home, 'AppData/Roaming/fnm/node-versions'), 'installation'],
  ];
  for (const [directory, inside] of places) {
    if (!existsSync(directory)) continue;
    const versions = readdirSync(directory).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    for (const version of versions) yield join(directory, version, inside, name);
  }
}

function fits(path: string): Promise<boolean> {
  let answer = probed.get(path);
  if (!answer) {
    answer = existsSync(path) ? probe(path) : Promise.resolve(false);
    probed.set(path, answer);
  }
  return answer;
}

async function probe(path: string): Promise<boolean> {
  const question = 'process.versions.electron ? "electron" : process.versions.modules';
  try {
    const { stdout } = await promisify(execFile)(path, ['-p', question], {
      timeout: PROBE_MS,
      // As the sandbox will be started: a shim that needs more of its environment is of no use.
      env: childEnvironment(),
      windowsHide: true,
    });
    return ABIS.includes(stdout.trim());
  } catch {
    // What does not run, or not in time, is no Node of ours.
    return false;
  }
}
