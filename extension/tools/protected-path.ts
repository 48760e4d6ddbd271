/** Folders and files that say what programs run, or that are ours or git's own; compared as the file system may spell them. */
const PROTECTED = new Set([
  '.git',
  '.counterpoint',
  '.vscode',
  '.idea',
  '.husky',
  '.claude',
  '.devcontainer',
  '.mcp.json',
  '.envrc',
  '.gitmodules',
]);
/** Short names that Windows gives to `.git`. */
const SHORT_GIT = /^git~\d+$/;

/**
 * Whether no agent ever writes there, for it says what editors, shells and git run: a change that waits there is a program that starts
 * later, outside of any sandbox.
 * @param path Relative to the workspace, forward slashes.
 */
export function isProtected(path: string): boolean {
  return path.split('/').some((name) => {
    const known = asFileSystemsSee(name);
    return PROTECTED.has(known) || SHORT_GIT.test(known);
  });
}

/** A name as the laxest file system takes it: without capitals, invisible characters, dots and blanks at its end, and streams. */
export function asFileSystemsSee(name: string): string {
  const bare = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return bare
    .replace(/:.*$/s, '')
    .replace(/(?<=[^. ])[. ]+$/, '')
    .toLowerCase();
}

/** Devices of Windows, whatever their extension. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\..*)?$/;

/** Why a name means something else on some file system than what it says; null where it does not. */
export function problemOfName(name: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'a name with control characters';
  if (process.platform !== 'win32') return null;
  if (/[:*?"<>|]/.test(name)) return 'a name that Windows does not have';
  if (/[. ]$/.test(name)) return 'a name that ends in a dot or a blank';
  return DEVICES.test(asFileSystemsSee(name)) ? 'the name of a device' : null;
}
