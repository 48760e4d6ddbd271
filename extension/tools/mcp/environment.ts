import { delimiter, isAbsolute } from 'node:path';
import type { Environment } from './expand.ts';

/** What a program needs of a person's environment to find its files and to write as the person reads; none of it is a secret. */
const HARMLESS =
  process.platform === 'win32'
    ? [
        'APPDATA',
        'ComSpec',
        'HOMEDRIVE',
        'HOMEPATH',
        'LOCALAPPDATA',
        'NUMBER_OF_PROCESSORS',
        'OS',
        'PATH',
        'PATHEXT',
        'PROCESSOR_ARCHITECTURE',
        'ProgramData',
        'ProgramFiles',
        'ProgramFiles(x86)',
        'SystemDrive',
        'SystemRoot',
        'TEMP',
        'TMP',
        'USERNAME',
        'USERPROFILE',
        'windir',
      ]
    : ['HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'TZ', 'USER'];

const KNOWN = new Set(HARMLESS.map((name) => name.toUpperCase()));

/** Whether any program may have it. */
export function isHarmless(name: string): boolean {
  return KNOWN.has(name.toUpperCase());
}

/** The environment of a server: what is harmless of the person's, and what its definition gives it. */
export function serverEnvironment(
  environment: Environment,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && isHarmless(name)) given[name] = name.toUpperCase() === 'PATH' ? absolute(value) : value;
  return { ...given, ...own };
}

/** A relative directory would run whatever the workspace calls by the name of a program. */
function absolute(path: string): string {
  return path
    .split(delimiter)
    .filter((directory) => isAbsolute(directory))
    .join(delimiter);
}
