/** Builds everything into dist/: host, CLI, sandbox, webview and the files they load at run time. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { build as viteBuild } from 'vite';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const node: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  minify: true,
  keepNames: true,
  logLevel: 'warning',
  absWorkingDir: root,
};
// Bundled CommonJS packages call require() even inside an ES module.
const requireInEsm = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([
  build({
    ...node,
    entryPoints: ['extension/main.ts'],
    outfile: 'dist/extension.cjs',
    format: 'cjs',
    external: ['vscode'],
  }),
  build({
    ...node,
    entryPoints: { cli: 'extension/cli.ts' },
    outdir: 'dist',
    format: 'esm',
    splitting: true,
    chunkNames: 'cli-[hash]',
    banner: { js: requireInEsm },
  }),
  build({
    ...node,
    entryPoints: ['extension/sandbox/child/main.ts'],
    outfile: 'dist/sandbox/child.mjs',
    format: 'esm',
  }),
  build({
    ...node,
    entryPoints: ['extension/dialect/prelude/main.ts'],
    outfile: 'dist/sandbox/prelude.js',
    format: 'iife',
    platform: 'neutral',
    target: 'es2024',
  }),
  cp(join(root, 'node_modules/isolated-vm/prebuilds'), join(dist, 'sandbox/isolated-vm'), { recursive: true }),
  ...[
    'tree-sitter.wasm',
    'tree-sitter-javascript.wasm',
    'tree-sitter-typescript.wasm',
    'tree-sitter-tsx.wasm',
    'tree-sitter-python.wasm',
  ].map((file) => cp(join(root, 'node_modules/@vscode/tree-sitter-wasm/wasm', file), join(dist, 'wasm', file))),
  viteBuild({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' }),
]);
