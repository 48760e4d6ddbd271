import { join } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import type { RunService } from '../runs/run-service.ts';
import { findNode } from '../sandbox/find-node.ts';
import { findRipgrep } from '../tools/find-ripgrep.ts';
import { createProvider, type ModelAccess } from './create-provider.ts';
import type { ServerConsents } from './mcp-servers.ts';

/**
 * Opens the runs of a folder with the tools of this machine. The runtime is loaded here, on first need, so that activation stays cheap. A tool that is missing does not keep anybody from looking:
 * it is said when a run is to start.
 * @throws UserError where the folder or its journal cannot be used.
 */
export async function openRuns(
  folder: vscode.WorkspaceFolder,
  extension: vscode.Uri,
  access: ModelAccess,
  consents: ServerConsents,
  leaveNoTrace: boolean,
): Promise<RunService> {
  const root = extension.fsPath;
  const dist = join(root, 'dist');
  const setting = vscode.workspace.getConfiguration('counterpoint').get<string>('nodePath', '').trim();
  const node = await findNode({ near: [root], ...(setting && { setting }) });
  const ripgrep = await findRipgrep({ near: [root], appRoot: vscode.env.appRoot }).catch((error: unknown) => {
    if (error instanceof UserError) return error;
    throw error;
  });
  const [{ openRunManager }, { createLanguageTools }] = await Promise.all([
    import('../runs/run-manager.ts'),
    import('../tools/language/language-tools.ts'),
  ]);
  return openRunManager({
    workspace: folder.uri.fsPath,
    bundledWorkflows: join(root, 'workflows'),
    dist,
    provider: async (id, model) => {
      if (ripgrep instanceof UserError) throw ripgrep;
      return createProvider(id, access, model);
    },
    ripgrep: typeof ripgrep === 'string' ? ripgrep : '',
    node,
    editorTools: createLanguageTools(vscode),
    mayStartServer: async (server) => vscode.workspace.isTrusted && (await consents.of(folder).mayStart(server)),
    // A window lives on between runs; a folder where none may start needs no process for one.
    keepWarm: vscode.workspace.isTrusted,
    leaveNoTrace,
  });
}
