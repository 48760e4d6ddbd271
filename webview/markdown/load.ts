import * as react from 'react';
import * as jsxRuntime from 'react/jsx-runtime';

type Parts = typeof import('./parts.ts');

declare global {
  /** What the second script takes from the first. */
  var counterpointReact: { react: typeof react; jsxRuntime: typeof jsxRuntime };
  /** What it leaves once it has run. */
  var counterpointMarkdown: Parts | undefined;
}

globalThis.counterpointReact = { react, jsxRuntime };

/** Our own script element: it names the second script, and its nonce is what lets that one run. Null later on. */
const own = document.currentScript instanceof HTMLScriptElement ? document.currentScript : null;
let loading: Promise<Parts> | null = null;

/**
 * The parts that show Markdown. A page that carries all of itself has them from the start; a panel loads them at the
 * first call.
 * @throws Error where they cannot be loaded; a later call tries again.
 */
export function loadMarkdown(): Promise<Parts> {
  loading ??= insertScript().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

function insertScript(): Promise<Parts> {
  return new Promise((resolve, reject) => {
    const done = () =>
      globalThis.counterpointMarkdown
        ? resolve(globalThis.counterpointMarkdown)
        : reject(new Error('The script for Markdown did not run.'));
    const address = own?.dataset.markdown;
    // A page that carries the second script has it behind the first.
    if (!address && document.readyState === 'loading') return document.addEventListener('DOMContentLoaded', done);
    if (globalThis.counterpointMarkdown || !own || !address) return done();
    const script = document.createElement('script');
    script.nonce = own.nonce;
    script.src = address;
    script.onload = done;
    script.onerror = () => reject(new Error('The script for Markdown could not be loaded.'));
    document.head.append(script);
  });
}
