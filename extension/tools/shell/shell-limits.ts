import { execFile } from 'node:child_process';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pathDirectories } from '../find-program.ts';
import { findRepository } from '../git-repository.ts';
import { isProtected } from '../protected-path.ts';
import { type ToolContext, ToolError, ToolRefusal } from '../tool.ts';
import { isInside, mayHoldSecret } from '../workspace-path.ts';
import type { ConfineRequest } from './confine-wire.ts';
import type { KeptPlaces } from './kept-places.ts';

export type ShellLimits = Pick<
  ConfineRequest,
  'denyRead' | 'allowRead' | 'allowWrite' | 'denyWrite' | 'allowedDomains'
>;

/** Where toolchains lie in a home; the rest of it is not seen. */
const TOOLCHAINS =
  `.asdf .bun .cargo .deno .fnm .local/bin .local/lib .local/share/fnm .local/share/mise .local/share/pnpm .local/share/uv
  .nvm .pyenv .rbenv .rustup .sdkman .volta go`.split(/\s+/);
/** Never seen, also where the whole home is the workspace, or lies in it. */
const SECRETS =
  `.ssh .aws .azure .config/gcloud .config/gh .config/git .docker .kube .gnupg .netrc .npmrc .pypirc .git-credentials .counterpoint
  .claude .cargo/credentials .cargo/credentials.toml .terraform.d .vault-token .password-store .local/share/keyrings .bash_history
  .zsh_history`.split(/\s+/);
const SECRETS_OF_SYSTEM = ['/etc/shadow', '/etc/gshadow', '/etc/sudoers', '/etc/ssh', '/etc/ssl/private'];
/** Of a repository, what says which programs git runs. */
const OF_GIT = ['config', 'config.worktree', 'hooks', 'modules', 'worktrees', 'info/attributes'];

/** The workspace, and around an agent's own worktree that which it belongs to. */
export function rootsOf(workspace: string): string[] {
  return [workspace, ...repositoryAround(workspace)];
}

/**
 * What the commands of an agent may see and change.
 * @param home A folder of theirs alone.
 * @param kept What rules keep back beside that.
 */
export async function shellLimits(context: ToolContext, home: string, kept: KeptPlaces): Promise<ShellLimits> {
  const { workspace, bounds } = context;
  const homes = await existing([homedir(), userInfo().homedir]);
  const roots = rootsOf(workspace);
  const secrets = (await Promise.all(roots.map(async (root) => await secretFiles(root, context)))).flat();
  const ofHomes = homes.flatMap((path) => SECRETS.map((name) => join(path, name)));
  const ours = roots.map((root) => join(root, '.counterpoint'));
  const temporary = await existing([tmpdir(), '/tmp', '/var/tmp']);
  const hidden = await existing([...homes, ...temporary, ...SECRETS_OF_SYSTEM, ...ofHomes, ...ours]);
  const ofPath = pathDirectories().filter((path) => homes.some((one) => path !== one && isInside(one, path)));
  const toolchains = await existing([
    ...homes.flatMap((path) => TOOLCHAINS.map((name) => join(path, name))),
    ...ofPath,
  ]);
  return {
    denyRead: [...hidden, ...secrets, ...kept.read, ...kept.history],
    allowRead: [workspace, home, ...toolchains, ...(await repositoryOf(workspace))],
    allowWrite: [workspace, home],
    denyWrite: [...(await unwritable(workspace)), ...kept.write],
    allowedDomains: [...(bounds?.hosts ?? [])],
  };
}

/** An agent's own worktree lies in a folder of ours, and the files beside it are not its own. */
function repositoryAround(workspace: string): string[] {
  const at = workspace.indexOf(join('/', '.counterpoint', '/'));
  return at <= 0 ? [] : [workspace.slice(0, at)];
}

/** What git reads of the repository of a worktree: it lies outside of that, and none of it may be changed. */
async function repositoryOf(workspace: string): Promise<string[]> {
  if (repositoryAround(workspace).length === 0) return [];
  try {
    const { root, gitDir, commonDir } = await findRepository(workspace);
    return [join(root, '.git'), gitDir, commonDir];
  } catch (error) {
    // It leads to no repository of its own any more: then git does not work in it, and nothing else is lost.
    if (error instanceof ToolError) return [];
    throw error;
  }
}

/** Real paths of those that there are. */
async function existing(paths: readonly string[]): Promise<string[]> {
  const real = await Promise.all(paths.map(async (path) => await realpath(path).catch(() => null)));
  // A sandbox without its root would hold nothing.
  return [...new Set(real.filter((path) => path !== null && path !== '/'))] as string[];
}

const SECRET_GLOBS =
  `.env .env.* *.pem *.p12 *.pfx *.jks *.keystore *.ppk *.kdbx id_* .netrc .npmrc .pypirc .pgpass .git-credentials`.split(
    ' ',
  );
/** More would be more than the sandbox takes. */
const MAX_SECRETS = 1_000;

/** Files below a folder whose names say that they hold secrets. @throws ToolRefusal where they are more than a sandbox can hide. */
async function secretFiles(root: string, { ripgrep, signal }: ToolContext): Promise<string[]> {
  const globs = [...SECRET_GLOBS.map((glob) => `--iglob=${glob}`), '--iglob=!.git', '--iglob=!node_modules'];
  const args = [
    '--files',
    '--no-config',
    '--hidden',
    '--no-ignore',
    '--no-follow',
    '--no-messages',
    '--null',
    ...globs,
  ];
  const found = await promisify(execFile)(ripgrep, args, { cwd: root, signal, maxBuffer: 16_000_000, env: {} }).then(
    ({ stdout }) => stdout,
    // Code 1 says that there is none, 2 that some folder could not be read: what was found counts.
    (error: { code?: unknown; stdout?: string }) => {
      if (error.code === 1 || error.code === 2) return error.stdout ?? '';
      throw error;
    },
  );
  const files = found.split('\0').filter((file) => file !== '' && mayHoldSecret(file));
  // Whoever wrote the repository may have put decoys before what is to be hidden.
  if (files.length > MAX_SECRETS)
    throw new ToolRefusal(
      `Nothing can be run here: more than ${MAX_SECRETS} files may hold secrets by their names, which is more than a sandbox can hide. A person can open a folder below it as the workspace.`,
    );
  return files.map((file) => join(root, file));
}

/** What is in the workspace and says which programs run. What is not there yet is not held back: its place would have to be taken. */
async function unwritable(workspace: string): Promise<string[]> {
  const names = (await readdir(workspace)).filter((name) => name !== '.git' && isProtected(name));
  const git = join(workspace, '.git');
  const kind = await lstat(git).catch(() => null);
  const ofGit = kind?.isDirectory() ? OF_GIT.map((name) => join(git, name)) : kind ? [git] : [];
  const there = await Promise.all(ofGit.map(async (path) => ((await lstat(path).catch(() => null)) ? [path] : [])));
  // Hooks are there to be made, and nobody minds an empty folder of that name.
  const hooks = kind?.isDirectory() ? [join(git, 'hooks')] : [];
  return [...new Set([...names.map((name) => join(workspace, name)), ...there.flat(), ...hooks])];
}
