import type * as vscode from 'vscode';
import type { TextTool, ToolContext } from '../tool.ts';
import { stringInput } from '../tool-input.ts';
import { printablePath } from '../tool-output.ts';
import { readTargets } from '../workspace-path.ts';
import { MAY_BE_UNKNOWN, throwUnsupported } from './at-symbol.ts';
import { pause } from './language-api.ts';
import type { LanguageServers } from './language-servers.ts';
import { answer, leftOut, sortPlaces, unsavedNote } from './places.ts';
import { type Problem, problemLine, problemOf } from './problem.ts';
import type { ToolFacts } from './tool-facts.ts';

const MAX_PROBLEMS = 200;

export const DIAGNOSTICS: ToolFacts = {
  name: 'diagnostics',
  description: 'Errors and warnings of language servers in a file; without path, those already known.',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } }, additionalProperties: false },
  access: 'read',
  describe: ({ path }) => (path === undefined ? 'looking at the problems' : `checking ${String(path)}`),
};

/**
 * Errors and warnings, as VS Code's language servers and linters tell them.
 * Input `{ path? }`: of a file, which is opened, and whose servers are waited for; without it, what VS Code knows of the workspace.
 * Output: `path:line: error [source code] message` each; 200 at most, of more the errors first, and how many were cut is told.
 */
export function diagnosticsTool(servers: LanguageServers): TextTool {
  const heard = new Heard(servers);
  return {
    ...DIAGNOSTICS,
    targets: async ({ path = '.' }, context) => await readTargets(context, [stringInput({ path }, 'path')]),
    run: async (input, context) =>
      input.path === undefined
        ? await known(servers, context)
        : await ofFile(stringInput(input, 'path'), servers, heard, context),
  };
}

async function known(servers: LanguageServers, context: ToolContext): Promise<string> {
  const all = servers.editor.languages
    .getDiagnostics()
    .flatMap(([uri, diagnostics]) => diagnostics.map((one) => problemOf(uri, one, servers.editor)));
  const { lines, cut } = await problemLines(all, context);
  const only = '(VS Code knows only of files that were opened in it; give a path to have one checked.)';
  return answer(lines.length > 0 ? lines : ['No problems known.'], [
    leftOut({ cut, outside: [] }, 'problems', context),
    only,
  ]);
}

async function ofFile(path: string, servers: LanguageServers, heard: Heard, context: ToolContext): Promise<string> {
  const { languages } = servers.editor;
  const listening = heard.listen();
  try {
    const file = await servers.open(path, context);
    const { document, place } = file;
    const asked = await servers.typescript(file, context.signal);
    // Where there is nobody for its language, there may still be somebody for all of them.
    const most = file.supported ? servers.waits.word : servers.waits.quiet;
    const spoke = asked !== null || (await listening.wait(document, most, context.signal));
    const told = languages.getDiagnostics(document.uri).map((one) => problemOf(document.uri, one, servers.editor));
    // What TypeScript told of itself is of a text that may be older.
    const all = asked === null ? told : [...asked, ...told.filter(({ source }) => source !== 'ts')];
    const { lines, cut } = await problemLines(all, context);
    if (lines.length === 0 && !spoke) throwUnsupported(file);
    const none = spoke
      ? 'No problems.'
      : `No problems told, but no language server has spoken within ${servers.waits.word / 1_000} s. ${MAY_BE_UNKNOWN}`;
    const unsaved = unsavedNote(document.isDirty ? [place.relative] : []);
    const more = cut > 0 ? `(${cut} more problems were cut)` : null;
    return answer(lines.length > 0 ? lines : [none], [more, unsaved]);
  } finally {
    listening.dispose();
  }
}

/** Of those in the workspace. */
async function problemLines(
  problems: readonly Problem[],
  context: ToolContext,
): Promise<{ lines: string[]; cut: number }> {
  const places = problems
    .filter(({ severity }) => severity !== null)
    .map((problem) => ({ ...problem, rank: problem.severity === 'error' ? 0 : 1 }));
  const { inside, cut } = await sortPlaces(places, context, MAX_PROBLEMS);
  return { lines: inside.map((one) => problemLine(printablePath(one.place.relative), one)), cut };
}

/** Of which texts language servers have already said what they find wrong. */
class Heard {
  readonly #servers: LanguageServers;
  readonly #versions = new WeakMap<vscode.TextDocument, number>();

  constructor(servers: LanguageServers) {
    this.#servers = servers;
  }

  /** From now on. */
  listen(): {
    wait(document: vscode.TextDocument, most: number, signal: AbortSignal): Promise<boolean>;
    dispose(): void;
  } {
    const { editor, waits } = this.#servers;
    const files = new Set<string>();
    let news = Promise.withResolvers<void>();
    const listening = editor.languages.onDidChangeDiagnostics(({ uris }) => {
      for (const uri of uris) files.add(uri.toString());
      news.resolve();
      news = Promise.withResolvers<void>();
    });
    /** Whether a server has spoken of this text, within so many milliseconds; one that tells in parts is heard out. */
    const wait = async (document: vscode.TextDocument, most: number, signal: AbortSignal): Promise<boolean> => {
      const { version } = document;
      if (this.#versions.get(document) === version) return true;
      const until = Date.now() + most;
      while (!files.has(document.uri.toString())) {
        const left = until - Date.now();
        if (left <= 0) return false;
        await pause(left, signal, news.promise);
      }
      await pause(waits.quiet, signal);
      this.#versions.set(document, version);
      return true;
    };
    return { wait, dispose: () => listening.dispose() };
  }
}
