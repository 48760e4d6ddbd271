/** Builds everything into dist/: host, CLI, sandbox, webview and the files they load at run time. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { build as viteBuild } from 'vite';
import { buildConfineChild } from './build-confine-child.ts';
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
/** Bytes of what VS Code reads before the extension can do anything. What is needed later is imported when it is. */
const MOST_AT_START = 400_000;

/** @throws Error where the extension's entry, with all that it imports at once, is larger than it may be. */
function checkStart({ outputs }: Metafile): void {
  const read = new Set<string>();
  const follow = (file: string) => {
    if (read.has(file)) return;
    read.add(file);
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') follow(path);
  };
  follow('dist/extension.js');
  const bytes = [...read].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
  if (bytes > MOST_AT_START)
    throw new Error(`The extension starts with ${bytes} bytes of script; ${MOST_AT_START} are the most it may have.`);
}

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
    metafile: true,
    chunkNames: 'chunk-[hash]',
    external: ['vscode'],
    banner: { js: requireInEsm },
  }).then(({ metafile }) => checkStart(metafile)),
  buildSandbox(dist),
  buildConfineChild(dist),
  copyGrammars(dist),
  writeThirdPartyNotices(dist),
  viteBuild({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' }),
]);
