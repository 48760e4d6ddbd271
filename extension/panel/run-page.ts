import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallDetails } from '../protocol/call-details.ts';
import type { ProgressEvent, RunEvent } from '../protocol/run-events.ts';

export interface RunPage {
  /** The folder that holds `webview/panel.js`, `webview/panel-markdown.js`, `webview/panel-code.js`, `webview/panel-side.js` and `webview/panel.css`. */
  dist: string;
  events: (RunEvent | ProgressEvent)[];
  /** By id of the call; those that are absent say so when they are opened. */
  details: Record<number, CallDetails>;
  /** Markdown; null where the run has none. */
  report: string | null;
  /** The run has not ended, yet nothing drives it. */
  interrupted?: boolean;
  /** Milliseconds since the epoch; now by default. */
  generatedAt?: number;
}

/**
 * The whole run as one HTML page that needs no editor, no server and no network: the panel's own scripts and styles
 * with the run's data beside them. Its policy lets exactly those scripts run.
 * @throws Error of the file system where the webview is not built.
 */
export function renderRunPage(page: RunPage): string {
  // The others take React from the first.
  const scripts = ['panel.js', 'panel-markdown.js', 'panel-code.js', 'panel-side.js'].map((name) =>
    forScript(readFileSync(join(page.dist, 'webview', name), 'utf8')),
  );
  const style = readFileSync(join(page.dist, 'webview/panel.css'), 'utf8').replaceAll('</style', '<\\/style');
  const data = {
    events: page.events,
    details: page.details,
    report: page.report,
    interrupted: page.interrupted ?? false,
    generatedAt: page.generatedAt ?? Date.now(),
  };
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en" data-page="standalone">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<meta name="referrer" content="no-referrer">
<title>${escapeText(titleOf(page.events))}</title>
<style>${style}</style>
</head>
<body>
<div id="root"></div>
<script type="application/json" id="counterpoint-run">${forData(data)}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

function titleOf(events: RunPage['events']): string {
  const created = events.find((event) => event.type === 'run.created');
  return created?.type === 'run.created' ? `${created.run.name} · Counterpoint` : 'Counterpoint';
}

/** JSON that no text in it can break out of. U+2028 and U+2029 are line ends to some readers of scripts. */
function forData(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The two sequences that change how HTML reads a script stand only in its strings and patterns, where \x3c is the same. */
function forScript(script: string): string {
  return script.replace(/<(?=\/script|!--)/gi, '\\x3c');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
