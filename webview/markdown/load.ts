import * as react from 'react';
import * as jsxRuntime from 'react/jsx-runtime';

type MarkdownParts = typeof import('./parts.ts');
type CodeParts = typeof import('../code/parts.ts');
type SideParts = typeof import('../details/selected.tsx');
type PreviewParts = typeof import('../preview/screen.tsx');

declare global {
  /** What the further scripts take from the first. */
  var counterpointReact: { react: typeof react; jsxRuntime: typeof jsxRuntime };
  /** What each of them leaves once it has run. */
  var counterpointMarkdown: MarkdownParts | undefined;
  var counterpointCode: CodeParts | undefined;
  var counterpointSide: SideParts | undefined;
  var counterpointPreview: PreviewParts | undefined;
}

globalThis.counterpointReact = { react, jsxRuntime };

/** Our own script element: it names the further scripts, and its nonce is what lets those run. Null later on. */
const own = document.currentScript instanceof HTMLScriptElement ? document.currentScript : null;

/** A script beside the panel's own. A page that carries all of itself has it from the start; a panel loads it at the first call. */
export interface Further<Parts> {
  /** What it has brought, once it has. */
  now(): Parts | undefined;
  /** @throws Error where it cannot be loaded; a later call tries again. */
  load(): Promise<Parts>;
}

export const MARKDOWN = further(
  'Markdown',
  () => own?.dataset.markdown,
  () => globalThis.counterpointMarkdown,
);
export const CODE = further(
  'code',
  () => own?.dataset.code,
  () => globalThis.counterpointCode,
);
export const SIDE = further(
  'details',
  () => own?.dataset.side,
  () => globalThis.counterpointSide,
);
export const PREVIEW = further(
  'the preview',
  () => own?.dataset.preview,
  () => globalThis.counterpointPreview,
);

function further<Parts>(name: string, address: () => string | undefined, now: () => Parts | undefined): Further<Parts> {
  let loading: Promise<Parts> | null = null;
  return {
    now,
    load() {
      loading ??= insertScript(name, address(), now).catch((error: unknown) => {
        loading = null;
        throw error;
      });
      return loading;
    },
  };
}

function insertScript<Parts>(name: string, address: string | undefined, now: () => Parts | undefined): Promise<Parts> {
  return new Promise((resolve, reject) => {
    const done = () => {
      const parts = now();
      if (parts) resolve(parts);
      else reject(new Error(`The script for ${name} did not run.`));
    };
    // A page that carries the further scripts has them behind the first.
    if (!address && document.readyState === 'loading') return document.addEventListener('DOMContentLoaded', done);
    if (now() || !own || !address) return done();
    const script = document.createElement('script');
    script.nonce = own.nonce;
    script.src = address;
    script.onload = done;
    script.onerror = () => reject(new Error(`The script for ${name} could not be loaded.`));
    document.head.append(script);
  });
}
