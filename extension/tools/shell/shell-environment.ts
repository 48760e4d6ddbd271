import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathDirectories } from '../find-program.ts';

/** What is taken over of our own environment: where things lie and how text looks. No name in it is one of a key. */
const TAKEN = [
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'JAVA_HOME',
  'GOROOT',
  'NVM_DIR',
  'VOLTA_HOME',
  'PYENV_ROOT',
  'VIRTUAL_ENV',
];

/** Settings of git that hold against those of the repository: nothing of it is run. */
const GIT_SETTINGS = { 'core.hooksPath': '/dev/null', 'core.fsmonitor': 'false', 'core.pager': 'cat' };

/** Who commits where nobody else is named; the last place where git looks. */
const GIT_CONFIG = '[user]\n\tname = Counterpoint agent\n\temail = agent@counterpoint.invalid\n';

/** A home for one command, with a folder for what it wants to keep for a moment. Whoever takes it removes it. */
export async function makeHome(): Promise<string> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'counterpoint-home-')));
  await mkdir(join(home, 'tmp'));
  await writeFile(join(home, '.gitconfig'), GIT_CONFIG);
  return home;
}

/** The whole environment of a command. @param home As `makeHome` gives it. */
export function shellEnvironment(home: string): Record<string, string> {
  const taken = TAKEN.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const git = Object.entries(GIT_SETTINGS).flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  return {
    ...Object.fromEntries(taken),
    PATH: pathDirectories().join(delimiter),
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    TERM: 'dumb',
    CI: '1',
    NO_COLOR: '1',
    PAGER: 'cat',
    // These look for their files in a home, and that is another one here.
    CARGO_HOME: process.env.CARGO_HOME ?? join(homedir(), '.cargo'),
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), '.rustup'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(Object.keys(GIT_SETTINGS).length),
    ...Object.fromEntries(git),
  };
}

/** Variables by which programs find the way to the hosts that they may reach. */
const WAYS_OUT = 'HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy'.split(' ');

/**
 * The line that runs a command in this environment and no other, whatever it is started in.
 * @param online Lets the variables through by which the sandbox leads to the hosts that may be reached.
 */
export function lineFor(command: string, environment: Readonly<Record<string, string>>, online: boolean): string {
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`);
  const ways = online ? WAYS_OUT.map((name) => `${name}="$${name}"`) : [];
  // More processes than any build has are a mistake, or worse.
  const shell = 'ulimit -u 4096 2>/dev/null; exec env -i';
  return `${shell} ${[...settings, ...ways].join(' ')} /bin/bash --noprofile --norc -c ${quoted(command)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
