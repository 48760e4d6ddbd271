/** `npm run demo [-- PATH]`: the main job, bug-sweep with the built-in analyst, on this repository or another. */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
// npm runs scripts in the package's folder; a path is meant from where the person stood.
const workspace = resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2] ?? root);

const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'dist/cli.js'),
    'run',
    'bug-sweep',
    '--provider',
    'builtin',
    '--workspace',
    workspace,
    '--report',
    join(workspace, '.counterpoint/reports'),
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
