import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

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

/** The webview as one script and one stylesheet, the icon font inside it: nothing else is loaded in a panel. */
export default defineConfig({
  plugins: [leaveOut, react()],
  publicDir: false,
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: join(import.meta.dirname, 'dist/webview'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    lib: {
      entry: join(import.meta.dirname, 'webview/main.tsx'),
      formats: ['iife'],
      name: 'counterpointPanel',
      fileName: () => 'panel.js',
      cssFileName: 'panel',
    },
  },
});
