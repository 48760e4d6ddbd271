/** Fetches a real VS Code (its server build and workbench) from the npm registry, for the tests in `test/host/`. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** code-server 4.139.1 carries VS Code 1.139.1. */
const VERSION = '4.139.1';
const ATTEMPTS = 3;

/**
 * Installs VS Code's server build once and returns the folder that holds `out/server-main.js`.
 * It is put in place by one rename, so an install that was cut short is never taken for a whole one.
 * @param cache Folder that keeps it between runs.
 */
export async function installVsCodeServer(cache: string): Promise<string> {
  const home = join(cache, `code-server-${VERSION}`);
  const vscode = join(home, 'node_modules/code-server/lib/vscode');
  if (existsSync(join(vscode, 'out/server-main.js'))) return vscode;
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(join(cache, 'partial-'));
  console.log(`Installing VS Code (code-server ${VERSION}) into ${home} …`);
  try {
    await installInto(partial);
    await rename(partial, home);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    // Another process may have put its own copy there in the meantime.
    if (!existsSync(join(vscode, 'out/server-main.js'))) throw error;
  }
  return vscode;
}

/**
 * The package installs its inner packages in an install script that also builds native modules. Those need a compiler and
 * system libraries; the server does without them (it logs to its console instead), so scripts stay off.
 */
async function installInto(folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  await npm(folder, ['install', `code-server@${VERSION}`, '--save-exact']);
  const vscode = join(folder, 'node_modules/code-server/lib/vscode');
  await npm(vscode, ['install', '--omit=dev']);
  await npm(join(vscode, 'extensions'), ['install', '--omit=dev']);
}

async function npm(folder: string, args: string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const started = Date.now();
    const { code, output } = await runNpm(folder, [...args, '--prefix', folder]);
    if (code === 0) {
      console.log(`  npm ${args.join(' ')} · ${Math.round((Date.now() - started) / 1000)} s`);
      return;
    }
    if (attempt === ATTEMPTS) throw new Error(`npm ${args.join(' ')} failed in ${folder}:\n${output}`);
    console.log(`  npm ${args.join(' ')} failed, trying again`);
  }
}

function runNpm(cwd: string, args: string[]): Promise<{ code: number | null; output: string }> {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  return new Promise((resolve, reject) => {
    const child = spawn('npm', [...args, ...quiet], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: output.slice(-4000) }));
  });
}
