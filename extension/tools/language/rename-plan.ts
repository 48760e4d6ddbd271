import { realpath } from 'node:fs/promises';
import type * as vscode from 'vscode';
import type { JsonObject } from '../../protocol/json.ts';
import { textOf } from '../edit-file.ts';
import { readBytes } from '../read-file.ts';
import { type ToolContext, ToolError } from '../tool.ts';
import { stringInput } from '../tool-input.ts';
import { printablePath } from '../tool-output.ts';
import { isInside, resolveForWriting, resolveInWorkspace, toRelative, type WorkspacePath } from '../workspace-path.ts';
import { symbolAsked, throwUnsupported } from './at-symbol.ts';
import { oneLine } from './language-api.ts';
import type { LanguageServers } from './language-servers.ts';
import { applyRename } from './placed-edits.ts';

const MAX_FILES = 100;
/** Of all files together. */
const MAX_BYTES = 20_000_000;
const MAX_NAME = 200;

/** What a rename makes of the files that it changes. */
export interface RenamePlan {
  workspace: string;
  changes: FileChange[];
}

export interface FileChange {
  place: WorkspacePath;
  before: Buffer;
  after: Buffer;
  /** Where it is changed, from 1. */
  lines: number[];
}

/**
 * Asks the language server what a rename would change, and makes it, in memory alone.
 * @throws ToolError where the server refuses, or it would do anything but change texts that agents may write, and few of them.
 */
export async function planRename(
  input: JsonObject,
  servers: LanguageServers,
  context: ToolContext,
): Promise<RenamePlan> {
  const newName = stringInput(input, 'newName');
  if (!/^[^\s\p{C}]+$/u.test(newName) || newName.length > MAX_NAME)
    throw new ToolError('"newName" must be a name, without blanks.');
  const { file, symbol, position } = await symbolAsked(input, servers, context);
  const edit = await servers.ask<vscode.WorkspaceEdit>(
    'vscode.executeDocumentRenameProvider',
    [file.document.uri, position, newName],
    context.signal,
  );
  const edits = edit?.entries() ?? [];
  if (!edit || edits.length === 0) {
    throwUnsupported(file);
    throw new ToolError(`The language server renames nothing at ${JSON.stringify(symbol)}.`);
  }
  refuseMore(edit);
  if (edits.length > MAX_FILES)
    throw new ToolError(`It would change ${edits.length} files, and may change ${MAX_FILES} at most.`);
  const targets: { place: WorkspacePath; textEdits: vscode.TextEdit[] }[] = [];
  for (const [uri, textEdits] of edits) targets.push({ place: await placeToWrite(uri, context), textEdits });
  await refuseUnsaved(targets, servers);
  const changes: FileChange[] = [];
  let bytes = 0;
  for (const { place, textEdits } of targets) {
    const change = await changeOf(place, textEdits, symbol, context.signal);
    bytes += change.before.length;
    if (bytes > MAX_BYTES) throw new ToolError(`The files that it would change have over ${MAX_BYTES} bytes together.`);
    changes.push(change);
  }
  return { workspace: context.workspace, changes };
}

/** @throws ToolError where a file has changes that a person has not saved: what is on disk is not what the server saw. */
export async function refuseUnsaved(
  changes: readonly Pick<FileChange, 'place'>[],
  servers: LanguageServers,
): Promise<void> {
  const unsaved = await servers.unsaved();
  const [first] = changes.filter(({ place }) => unsaved.has(place.absolute));
  if (first)
    throw new ToolError(
      `${first.place.relative} has unsaved changes in an editor, so nothing was renamed; a person has to save or undo them.`,
    );
}

/** What an edit has beside changes of texts can be seen in one way alone; a file that is to be moved and is not would leave broken code. */
function refuseMore(edit: vscode.WorkspaceEdit): void {
  const { _allEntries: all } = edit as { _allEntries?: () => readonly { _type: number }[] };
  const texts = edit.entries().reduce((sum, [, edits]) => sum + edits.length, 0);
  if (all?.call(edit).length === texts) return;
  throw new ToolError('It would also create, move or delete files, so nothing was renamed; do it step by step.');
}

async function placeToWrite(uri: vscode.Uri, context: ToolContext): Promise<WorkspacePath> {
  const absolute = uri.scheme === 'file' ? await realpath(uri.fsPath).catch(() => uri.fsPath) : null;
  if (absolute === null || !isInside(context.workspace, absolute)) {
    const name = printablePath(uri.path.slice(uri.path.lastIndexOf('/') + 1));
    throw new ToolError(`It would change a file outside the workspace (${name}), so nothing was renamed.`);
  }
  try {
    const place = await resolveForWriting(context, toRelative(context.workspace, absolute));
    // A server may still speak of a file that is gone.
    return await resolveInWorkspace(context, place.relative);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(`Nothing was renamed, for all of it or nothing is: ${error.message}`);
  }
}

async function changeOf(
  place: WorkspacePath,
  edits: readonly vscode.TextEdit[],
  symbol: string,
  signal: AbortSignal,
): Promise<FileChange> {
  const before = await readBytes(place.relative, place, signal);
  const text = textOf(before, place.relative);
  // VS Code takes a byte order mark for no part of the text.
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const placed = edits.map(({ range: { start, end }, newText }) => ({ start, end, newText }));
  const outcome = applyRename(text.slice(mark.length), placed, symbol);
  if ('problem' in outcome)
    throw new ToolError(
      `Nothing was renamed: in ${place.relative}, ${oneLine(outcome.problem, 200)}. The language server may have seen another text of it; try again in a moment.`,
    );
  return { place, before, after: Buffer.from(mark + outcome.text, 'utf8'), lines: outcome.lines };
}
