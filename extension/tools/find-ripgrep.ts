import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { findOnPath, isExecutable, programFile } from './find-program.ts';

const BINARY = programFile('rg');
const PLATFORM = `${process.platform}-${process.arch}`;

/**
 * Finds the ripgrep binary: the one from npm below each of `near`, the one that comes with VS Code, then `rg` on the PATH.
 * @param places `near`: directories that may hold `node_modules`, or a copied `ripgrep/<platform>-<arch>`; `appRoot`: that of VS Code.
 * @throws UserError `no-tool` where there is none.
 */
export async function findRipgrep(places: { near: string[]; appRoot?: string }): Promise<string> {
  const ours = places.near.flatMap((directory) => [
    join(directory, 'ripgrep', PLATFORM, BINARY),
    join(directory, 'node_modules', '@vscode', 'ripgrep-universal', 'bin', PLATFORM, BINARY),
  ]);
  for (const path of ours) {
    // An archive or a copy may have lost the permission.
    if ((await isExecutable(path)) || (await makeExecutable(path))) return path;
  }
  for (const path of insideCode(places.appRoot)) {
    if (await isExecutable(path)) return path;
  }
  const onPath = await findOnPath('rg');
  if (onPath !== undefined) return onPath;
  throw new UserError(
    'no-tool',
    'ripgrep is missing: install it (for example "apt install ripgrep"), so that "rg" is on the PATH.',
  );
}

function insideCode(appRoot: string | undefined): string[] {
  if (appRoot === undefined) return [];
  return ['node_modules', 'node_modules.asar.unpacked'].flatMap((modules) => [
    join(appRoot, modules, '@vscode', 'ripgrep-universal', 'bin', PLATFORM, BINARY),
    join(appRoot, modules, '@vscode', 'ripgrep', 'bin', BINARY),
  ]);
}

async function makeExecutable(path: string): Promise<boolean> {
  return chmod(path, 0o755).then(
    () => true,
    () => false,
  );
}
