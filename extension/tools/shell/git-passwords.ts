import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findRepository } from '../git-repository.ts';
import { ToolError } from '../tool.ts';

/** Shorter ones are no passwords, and stand in many a word. */
const MIN_LENGTH = 8;

/**
 * What the settings of a repository hold to get at its remotes with: passwords and tokens in addresses, and headers. Programs have to be
 * able to read it, or git would not work.
 */
export async function gitPasswords(workspace: string): Promise<string[]> {
  const settings = await settingsOf(workspace);
  const inAddresses = [...settings.matchAll(/:\/\/([^\s/@"]+)@/g)].flatMap(([, user = '']) => {
    const password = user.slice(user.indexOf(':') + 1);
    return [password, decoded(password)];
  });
  const inHeaders = [...settings.matchAll(/^\s*extraheader\s*=\s*"?(?:[^"\n]*\s)?([^\s"]+)"?\s*$/gim)].map(
    ([, value = '']) => value,
  );
  const long = [...inAddresses, ...inHeaders].filter(({ length }) => length >= MIN_LENGTH);
  // The longest first, so that none is left in part.
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}

async function settingsOf(workspace: string): Promise<string> {
  try {
    const { commonDir } = await findRepository(workspace);
    return await readFile(join(commonDir, 'config'), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // There is no repository, or nothing of it that could be read: programs run as the same user.
    if (error instanceof ToolError || code !== undefined) return '';
    throw error;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // It is not written like a part of an address.
    return text;
  }
}

/** A text without these. */
export function withoutPasswords(text: string, passwords: readonly string[]): string {
  return passwords.reduce((rest, password) => rest.replaceAll(password, '***'), text);
}
