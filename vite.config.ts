import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { build, defineConfig, type Plugin, type Rolldown } from 'vite';

const nothing = (...names: string[]) => names.map((name) => `export const ${name} = () => ({});`).join('\n');

/**
 * Parts of the Markdown libraries that the panel has no use for: it writes no Markdown, follows no link, shows no SVG.
 * They would be a tenth of its script. A name that a library renames fails the build.
 */
const LEFT_OUT: [module: RegExp, instead: string][] = [
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

/**
 * Markdown is a quarter of all the code and mostly not needed: a second script, which the first loads when there is
 * some to show. It takes React from the first (`webview/markdown/load.ts`), for two of them could not share a page.
 */
const markdownBeside: Plugin = {
  name: 'markdown-beside',
  async generateBundle() {
    const built = await build({
      configFile: false,
      logLevel: 'warn',
      plugins: [leaveOut],
      publicDir: false,
      define,
      build: {
        ...common,
        write: false,
        lib: {
          entry: join(import.meta.dirname, 'webview/markdown/parts.ts'),
          formats: ['iife'],
          name: 'counterpointMarkdown',
        },
        rolldownOptions: {
          external: ['react', 'react/jsx-runtime'],
          output: {
            globals: { react: 'counterpointReact.react', 'react/jsx-runtime': 'counterpointReact.jsxRuntime' },
          },
        },
      },
    });
    const [{ output }] = built as [Rolldown.RolldownOutput];
    this.emitFile({ type: 'asset', fileName: 'panel-markdown.js', source: output[0].code });
  },
};

/** The webview as one script, Markdown beside it, and one stylesheet with the icon font inside: nothing else is loaded. */
export default defineConfig({
  plugins: [leaveOut, react(), markdownBeside],
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
