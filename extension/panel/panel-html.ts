import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { webviewPage } from './webview-page.ts';

/** The only folder a panel may load from. */
function webviewRoot(extension: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extension, 'dist', 'webview');
}

/** Where a folder is not trusted, what is shown of it says how to trust it. It changes nothing by itself. */
const COMMANDS = ['workbench.trust.manage'];

/** After a reload of the window the options of the old page count for nothing, so they are set here too. */
export function loadPanel(panel: vscode.WebviewPanel, extension: vscode.Uri): void {
  const localResourceRoots = [webviewRoot(extension)];
  panel.webview.options = { enableScripts: true, enableCommandUris: COMMANDS, localResourceRoots };
  panel.webview.html = panelHtml(panel.webview, extension);
}

/** The page of one panel, with a nonce of its own. */
function panelHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  const asset = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(webviewRoot(extension), name)).toString();
  return webviewPage({
    nonce: randomBytes(16).toString('base64'),
    source: webview.cspSource,
    style: asset('panel.css'),
    script: asset('panel.js'),
    markdown: asset('panel-markdown.js'),
    code: asset('panel-code.js'),
    side: asset('panel-side.js'),
    preview: asset('panel-preview.js'),
  });
}
