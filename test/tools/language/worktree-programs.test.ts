import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { refuseOwnPrograms } from '../../../extension/tools/language/worktree-programs.ts';
import { resolveInWorkspace } from '../../../extension/tools/workspace-path.ts';
import { tempDir } from '../../support/temp-dir.ts';

const SAME = { 'eslint.config.js': 'export default [];', 'src/a.ts': 'a', 'other/.eslintrc.cjs': 'x' };

/** Opens `src/a.ts` in a worktree with these files, beside a workspace with those of `SAME`. */
async function opened(own: Record<string, string>, inWorktree = true, link?: string): Promise<void> {
  const trunk = tempDir();
  const worktree = join(trunk, '.counterpoint/worktrees/run/call');
  const put = (root: string, files: Record<string, string>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };
  put(trunk, SAME);
  put(worktree, { ...SAME, ...own });
  if (!inWorktree) put(trunk, own);
  if (link) {
    rmSync(join(worktree, link));
    symlinkSync('/dev/zero', join(worktree, link));
  }
  const workspace = inWorktree ? worktree : trunk;
  const { signal } = new AbortController();
  await refuseOwnPrograms({ workspace, signal }, await resolveInWorkspace({ workspace }, 'src/a.ts'));
}

test.each([
  ['eslint.config.js', 'run()'],
  ['src/tailwind.config.ts', 'run()'],
  ['.prettierrc', '{"plugins":["./run.js"]}'],
  ['src/build.rs', 'fn main() {}'],
  ['pyproject.toml', '[tool.mypy]'],
])('in a worktree nothing is opened in VS Code where %s is another one', async (path, text) => {
  await expect(opened({ [path]: text })).rejects.toThrow(`In this worktree ${path} is not as in the workspace`);
});

test('what only looks like a file is another one', async () => {
  await expect(opened({}, true, 'eslint.config.js')).rejects.toThrow('eslint.config.js is not as in the workspace');
});

test('what is as in the workspace, lies elsewhere, or is run by nobody keeps nothing back; nor does anything outside of worktrees', async () => {
  await opened({});
  await opened({ 'src/a.ts': 'changed', 'src/b.ts': 'new', 'src/configure.ts': 'new' });
  await opened({ 'other/.eslintrc.cjs': 'run()' });
  await opened({ 'src/vite.config.ts': 'run()' }, false);
});
