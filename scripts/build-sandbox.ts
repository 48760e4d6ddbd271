/** Builds what runs in the child process: the child itself, the prelude of scripts, and the engines' binaries. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const common: BuildOptions = { bundle: true, minify: true, keepNames: true, logLevel: 'warning', absWorkingDir: root };

/** Writes `sandbox/` inside `dist`, which must exist. */
export async function buildSandbox(dist: string): Promise<void> {
  await Promise.all([
    build({
      ...common,
      entryPoints: ['extension/sandbox/child/main.ts'],
      outfile: join(dist, 'sandbox/child.mjs'),
      format: 'esm',
      platform: 'node',
      // Electron's Node, too, runs this.
      target: 'node22',
    }),
    build({
      ...common,
      entryPoints: ['extension/dialect/prelude/main.ts'],
      outfile: join(dist, 'sandbox/prelude.js'),
      inject: ['extension/dialect/prelude/intrinsics.ts'],
      format: 'iife',
      platform: 'neutral',
      target: 'es2023',
      // Sloppy functions would show up with their receiver in a script's own stack formatter.
      banner: { js: '"use strict";' },
    }),
    cp(
      join(root, 'node_modules/@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.wasm'),
      join(dist, 'sandbox/quickjs.wasm'),
    ),
    cp(join(root, 'node_modules/isolated-vm/prebuilds'), join(dist, 'sandbox/isolated-vm'), { recursive: true }),
  ]);
}
