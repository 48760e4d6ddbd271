/** Addresses and secrets of one showing of the panel. */
export interface WebviewPage {
  /** Fresh for each page; no script without it runs. */
  nonce: string;
  /** What the style sheet and images may come from, as `Webview.cspSource`. */
  source: string;
  style: string;
  script: string;
  /** Loaded by the panel's script, with the page's nonce, once there is Markdown, code, a selection, or a preview, to show. */
  markdown: string;
  code: string;
  side: string;
  preview: string;
}

/** The panel's page: our own scripts and one style sheet, and nothing else from anywhere. */
export function webviewPage({ nonce, source, style, script, markdown, code, side, preview }: WebviewPage): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    // The icon font lies in the style sheet.
    'font-src data:',
    `img-src ${source}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>Counterpoint</title>
</head>
<body>
<div id="root"></div>
<script nonce="${nonce}" src="${script}" data-markdown="${markdown}" data-code="${code}" data-side="${side}" data-preview="${preview}"></script>
</body>
</html>`;
}
