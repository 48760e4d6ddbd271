/** Builds everything into dist/: host, CLI, sandbox, webview and the files they load at run time. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { build as viteBuild } from 'vite';
import { buildSandbox } from './build-sandbox.ts';
import { copyGrammars } from './copy-grammars.ts';
import { writeThirdPartyNotices } from './third-party-notices.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const host: BuildOptions = {
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
  // One build for both, so that they share their chunks, and what is imported when needed (the model's SDK) stays out of the way.
  build({
    ...host,
    entryPoints: { extension: 'extension/main.ts', cli: 'extension/cli.ts' },
    outdir: 'dist',
    format: 'esm',
    splitting: true,
    chunkNames: 'chunk-[hash]',
    external: ['vscode'],
    banner: { js: requireInEsm },
  }),
  buildSandbox(dist),
  copyGrammars(dist),
  writeThirdPartyNotices(dist),
  viteBuild({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' }),
]);
