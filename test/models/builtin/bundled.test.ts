import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { copyGrammars } from '../../../scripts/copy-grammars.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { ROOT } from '../../support/workspace.ts';

/** What the parser makes of a line, from a bundle that lies where nothing of this repository is near. */
const ENTRY = `
import { createParser } from './extension/models/builtin/syntax/parser.ts';
createParser(process.argv[2]).parse('a.py', 'x = 1').then((source) => console.log(source.root.type));
`;
const BANNER = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

test.each([
  ['esm', 'mjs', { js: BANNER }],
  ['cjs', 'cjs', {}],
] as const)('the parser works in a bundle (%s), minified', async (format, extension, banner) => {
  const folder = tempDir();
  const outfile = join(folder, `bundle.${extension}`);
  await copyGrammars(folder);
  const stdin = { contents: ENTRY, resolveDir: ROOT, loader: 'ts' as const };
  await build({
    stdin,
    outfile,
    format,
    banner,
    bundle: true,
    platform: 'node',
    minify: true,
    keepNames: true,
    logLevel: 'error',
  });
  const output = execFileSync(process.execPath, [outfile, folder], { cwd: folder, env: {}, encoding: 'utf8' });
  expect(output.trim()).toBe('module');
});
