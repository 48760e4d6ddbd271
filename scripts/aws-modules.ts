import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Takes AWS's packages as the ES modules that they have beside CommonJS. They load each other when they need them, by
 * `import()`, and of a CommonJS package that esbuild has split off no names can be imported so: credentials of a profile
 * or of SSO would not be found in the built product.
 */
export const awsModules: Plugin = {
  name: 'aws-modules',
  setup(build) {
    build.onResolve({ filter: /^@(aws-sdk|smithy)\/[^/]+$/ }, ({ path, resolveDir, kind }) => {
      if (kind === 'require-call' || kind === 'require-resolve') return undefined;
      const folder = packageFolder(path, resolveDir);
      if (folder === null) return undefined;
      const { module, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      // One that says what it exports names its ES modules itself.
      return module && !exports ? { path: join(folder, module), sideEffects: false } : undefined;
    });
  },
};

/** The nearest one, as Node looks for it. */
function packageFolder(name: string, from: string): string | null {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(from);
  return above === from ? null : packageFolder(name, above);
}
