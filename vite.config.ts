import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The webview as one script and one stylesheet, the icon font inside it: nothing else is loaded in a panel. */
export default defineConfig({
  plugins: [react()],
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
