import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** The name of a program's file here. */
export function programFile(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

/** The directories of the PATH; a relative one would run whatever the workspace calls by the name of a program. */
export function pathDirectories(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((directory) => isAbsolute(directory));
}

/** The first program of that name on the PATH; undefined where there is none. */
export async function findOnPath(name: string): Promise<string | undefined> {
  for (const directory of pathDirectories()) {
    const path = join(directory, programFile(name));
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
