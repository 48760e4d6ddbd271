import { readdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { readBytes } from '../read-file.ts';
import { type ToolContext, ToolError } from '../tool.ts';
import { toRelative, type WorkspacePath } from '../workspace-path.ts';

/** What linters, formatters and language servers run, or read programs from, when a file beside or below it is opened. */
const RUN_BY_TOOLS = [
  /(^|[.-])config\.[cm]?[jt]s$/i,
  /^\.[\w-]+rc(\.[cm]?[jt]s|\.json|\.ya?ml)?$/i,
  /^(build\.rs|conftest\.py|setup\.(py|cfg)|pyproject\.toml|mypy\.ini|tox\.ini|pylintrc|\.flake8|\.rubocop\.yml)$/i,
];

/**
 * Where an agent works in a worktree of its own, what it writes runs in the sandbox alone until a person has seen it. But a file that is
 * opened in VS Code is looked at by its extensions, and some of them run what is beside it. So nothing is opened there where
 * such a file is another one than in the workspace.
 * @throws ToolError that names the file.
 */
export async function refuseOwnPrograms(
  { workspace, signal }: Pick<ToolContext, 'workspace' | 'signal'>,
  place: WorkspacePath,
): Promise<void> {
  const trunk = trunkOf(workspace);
  if (trunk === null) return;
  for (let folder = dirname(place.absolute); ; folder = dirname(folder)) {
    for (const name of (await readdir(folder)).filter(isRunByTools)) {
      const path = toRelative(workspace, join(folder, name));
      if (await isSame(path, workspace, trunk, signal)) continue;
      throw new ToolError(
        `In this worktree ${path} is not as in the workspace, and extensions of VS Code may run it, so nothing is opened there; use grep and read_file.`,
      );
    }
    if (folder === workspace) return;
  }
}

/** The workspace that a worktree of ours belongs to; null: it is none. */
function trunkOf(workspace: string): string | null {
  const at = workspace.lastIndexOf(`${sep}.counterpoint${sep}worktrees${sep}`);
  return at === -1 ? null : workspace.slice(0, at);
}

function isRunByTools(name: string): boolean {
  return RUN_BY_TOOLS.some((pattern) => pattern.test(name));
}

/** Whether both are files with the same content; what is no file, or a link, is none. */
async function isSame(path: string, one: string, other: string, signal: AbortSignal): Promise<boolean> {
  const read = async (root: string): Promise<Buffer | null> =>
    await readBytes(path, { absolute: join(root, path), relative: path }, signal).catch(() => null);
  const [a, b] = await Promise.all([read(one), read(other)]);
  return Boolean(a && b?.equals(a));
}
