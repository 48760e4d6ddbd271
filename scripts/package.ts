/** Builds and packs the extension into `counterpoint-VERSION.vsix`, which installs into any VS Code. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';

const MAX_MEGABYTES = 12;
const root = join(import.meta.dirname, '..');

/** Packs what is in `dist/` and returns the path of the package. @throws Error where it would be larger than it may be. */
export async function packExtension(): Promise<string> {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const packagePath = join(root, `${name}-${version}.vsix`);
  // Dependencies are bundled; npm is not asked for any.
  await createVSIX({
    cwd: root,
    packagePath,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  const megabytes = statSync(packagePath).size / 1e6;
  console.log(`${packagePath} · ${megabytes.toFixed(1)} MB`);
  if (megabytes > MAX_MEGABYTES)
    throw new Error(`The package has ${megabytes.toFixed(1)} MB; ${MAX_MEGABYTES} MB is the most it may have.`);
  return packagePath;
}

/** @throws Error where the build fails; it has said why. */
export function buildAll(): void {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('The build failed.');
}

if (import.meta.main) {
  buildAll();
  await packExtension();
}
