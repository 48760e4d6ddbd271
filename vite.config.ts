import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import react from '@vitejs/plugin-react';
import { build, defineConfig, type Plugin, type Rolldown } from 'vite';

const nothing = (...names: string[]) => names.map((name) => `export const ${name} = () => ({});`).join('\n');

/**
 * The picture is moved at once, never by a transition of d3: React Flow begins one only where it is given a duration. What
 * remains of that library is that a gesture ends the transition before it, where there is never one.
 */
const NO_TRANSITIONS = `import { selection } from 'd3-selection';
selection.prototype.interrupt = function () { return this; };
export const interrupt = () => undefined;`;

/**
 * Parts of libraries that the panel has no use for: it writes no Markdown, follows no link, shows no SVG, and nothing of
 * it goes from one colour to another by d3. They would be a tenth of a script. A name that a library renames fails the build.
 */
const LEFT_OUT: [module: RegExp, instead: string][] = [
  [/\/d3-color\/(src|dist)\/[\w.-]+$/, nothing('color', 'rgb', 'hsl', 'lab', 'hcl', 'cubehelix')],
  [/\/d3-transition\/(src|dist)\/[\w.-]+$/, NO_TRANSITIONS],
  [/\/mdast-util-to-markdown\/index\.js$/, 'export const defaultHandlers = {};'],
  [/\/property-information\/lib\/svg\.js$/, "export const svg = { normal: {}, property: {}, space: 'svg' };"],
  [/\/micromark-extension-gfm-autolink-literal\/index\.js$/, nothing('gfmAutolinkLiteral', 'gfmAutolinkLiteralHtml')],
  [
    /\/mdast-util-gfm-autolink-literal\/index\.js$/,
    nothing('gfmAutolinkLiteralFromMarkdown', 'gfmAutolinkLiteralToMarkdown'),
  ],
  [/\/micromark-extension-gfm-footnote\/index\.js$/, nothing('gfmFootnote', 'gfmFootnoteHtml')],
  [/\/mdast-util-gfm-footnote\/index\.js$/, nothing('gfmFootnoteFromMarkdown', 'gfmFootnoteToMarkdown')],
];

const leaveOut: Plugin = {
  name: 'leave-out',
  enforce: 'pre',
  load: (id) => LEFT_OUT.find(([module]) => module.test(id))?.[1] ?? null,
};

const common = {
  target: 'es2022',
  reportCompressedSize: false,
  chunkSizeWarningLimit: 600,
} as const;
const define = { 'process.env.NODE_ENV': '"production"' };

const WEBVIEW = join(import.meta.dirname, 'webview');
const SHARED = new Set(
  [...readFileSync(join(WEBVIEW, 'details/shared.ts'), 'utf8').matchAll(/^ {2}'(.+)':/gm)].map(([, name]) => name),
);

/** The expression by which a further script finds a module in the first one; undefined for one that it holds itself. */
function globalOf(id: string): string | undefined {
  if (id === 'react') return 'counterpointReact.react';
  if (id === 'react/jsx-runtime') return 'counterpointReact.jsxRuntime';
  const name = relative(WEBVIEW, id).split(sep).join('/');
  return SHARED.has(name) ? `counterpointShared[${JSON.stringify(name)}]` : undefined;
}

function isIn(bundle: Rolldown.OutputBundle, id: string): boolean {
  return Object.values(bundle).some((file) => file.type === 'chunk' && id in file.modules);
}

/**
 * What is large and mostly not needed lies in further scripts, which the first loads when there is something to show with
 * them. They take React from the first (`webview/markdown/load.ts`), for two of them could not share a page.
 */
function beside(entry: string, name: string, fileName: string): Plugin {
  return {
    name: `${fileName}-beside`,
    async generateBundle(_, first) {
      const built = await build({
        configFile: false,
        logLevel: 'warn',
        plugins: [leaveOut, react()],
        publicDir: false,
        define,
        build: {
          ...common,
          write: false,
          lib: { entry: join(import.meta.dirname, entry), formats: ['iife'], name },
          rolldownOptions: {
            external: (id) => globalOf(id) !== undefined,
            output: { globals: (id) => globalOf(id) ?? id },
          },
        },
      });
      const [{ output }] = built as [Rolldown.RolldownOutput];
      const twice = Object.keys(output[0].modules).filter((id) => id.startsWith(WEBVIEW) && isIn(first, id));
      if (twice.length > 0)
        this.error(
          `${fileName} holds what the first script holds too; share it in details/shared.ts: ${twice.join(', ')}`,
        );
      this.emitFile({ type: 'asset', fileName, source: output[0].code });
    },
  };
}

/** The webview as one script, what is not always needed beside it, and one stylesheet with the icon font inside: nothing else is loaded. */
export default defineConfig({
  plugins: [
    leaveOut,
    react(),
    beside('webview/markdown/parts.ts', 'counterpointMarkdown', 'panel-markdown.js'),
    beside('webview/code/parts.ts', 'counterpointCode', 'panel-code.js'),
    beside('webview/details/selected.tsx', 'counterpointSide', 'panel-side.js'),
    beside('webview/preview/screen.tsx', 'counterpointPreview', 'panel-preview.js'),
  ],
  publicDir: false,
  define,
  build: {
    ...common,
    outDir: join(import.meta.dirname, 'dist/webview'),
    emptyOutDir: true,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    lib: {
      entry: join(import.meta.dirname, 'webview/main.tsx'),
      formats: ['iife'],
      name: 'counterpointPanel',
      fileName: () => 'panel.js',
      cssFileName: 'panel',
    },
  },
});
