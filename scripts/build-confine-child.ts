/** Builds the process that knows the sandbox of the operating system, with what it needs of the package. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const VENDOR = join(root, 'node_modules/@anthropic-ai/sandbox-runtime/vendor/seccomp');

/** Writes `confine-child.mjs` and `seccomp/` into `dist`, which must exist. */
export async function buildConfineChild(dist: string): Promise<void> {
  await Promise.all([
    build({
      bundle: true,
      minify: true,
      keepNames: true,
      logLevel: 'warning',
      absWorkingDir: root,
      entryPoints: ['extension/tools/shell/confine-child.ts'],
      outfile: join(dist, 'confine-child.mjs'),
      format: 'esm',
      platform: 'node',
      target: 'node22',
      // A backend for Windows that we do not use.
      external: ['@microsoft/mxc-sdk'],
      // Bundled CommonJS packages call require() even inside an ES module.
      banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    }),
    ...['x64', 'arm64'].map((arch) =>
      cp(join(VENDOR, arch, 'apply-seccomp'), join(dist, 'seccomp', arch, 'apply-seccomp')),
    ),
  ]);
}
