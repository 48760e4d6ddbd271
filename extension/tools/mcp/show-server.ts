import type { ConfigProblem, McpServer } from './config.ts';

/** What cannot be used, in a line, with its place. */
export function problemLine({ file, line, title, why }: ConfigProblem): string {
  const place = line === null ? file : `${file}:${line}`;
  const what = title === null ? place : `${place}: the server ${JSON.stringify(title)}`;
  return `${what} cannot be used: ${why}`;
}

/**
 * All that a definition says, in lines, for a person who is to allow it: whatever is neither a letter of English nor a sign of ASCII is
 * written as its number, so that nothing hides, turns the line around or passes for something else.
 */
export function definitionLines({ written }: Pick<McpServer, 'written'>): string[] {
  const text = JSON.stringify(written, null, 2);
  return text.replace(/[^\x20-\x7e\n]/g, numbered).split('\n');
}

function numbered(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** What a yes to a server comes to, in sentences: what it is bound to, what the server is given, and that nothing holds it. */
export function termsLines({ takes, names, launch }: Pick<McpServer, 'takes' | 'names' | 'launch'>): string[] {
  const given =
    takes.length === 0
      ? 'Of your environment it is given nothing but what is harmless, such as PATH.'
      : `Of your environment it is given ${takes.join(', ')}.`;
  if (launch.type !== 'stdio') return [given];
  const unheld =
    'It runs outside of every sandbox, with your rights: it can read and change your files, and reach the network.';
  return [given, boundTo(names), unheld];
}

const MAX_NAMED = 5;
/** Characters; of a longer one its end is shown. */
const MAX_PATH = 80;

function boundTo({ files, folders }: McpServer['names']): string {
  const ofFiles = files.length === 0 ? '' : ` and for ${listed(files.map(({ path }) => path))} as of now`;
  const ofFolders = folders.length === 0 ? '' : ` It names ${listed(folders)}, where anything may change.`;
  return `Your yes holds for this definition${ofFiles}; what else the program loads is not looked at.${ofFolders}`;
}

function listed(paths: readonly string[]): string {
  const shown = paths
    .slice(0, MAX_NAMED)
    .map((path) => printable(path.length > MAX_PATH ? `...${path.slice(-MAX_PATH)}` : path));
  return paths.length > MAX_NAMED ? `${shown.join(', ')} and ${paths.length - MAX_NAMED} more` : shown.join(', ');
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, numbered);
}
