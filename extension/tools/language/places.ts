import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import type * as vscode from 'vscode';
import { readText } from '../read-file.ts';
import { type ToolContext, ToolError } from '../tool.ts';
import { linesWithNote, printablePath } from '../tool-output.ts';
import { isInside, mayHoldSecret, toRelative, type WorkspacePath } from '../workspace-path.ts';
import { oneLine } from './language-api.ts';
import type { LanguageServers } from './language-servers.ts';

const MAX_PLACES = 200;
const MAX_TEXT = 300;
const MAX_NAMES = 10;

/** A line of a file, as a language server names it. */
export interface FoundPlace {
  uri: vscode.Uri;
  /** From 1. */
  line: number;
  /** Where not all may be told, those of a lower one are; absent: 0. */
  rank?: number;
}

/** Where a file lies as far as agents are concerned; `hidden`: they do not read it, and are not told of it. */
export type FileSide =
  | { kind: 'inside'; place: WorkspacePath }
  | { kind: 'outside'; name: string }
  | { kind: 'hidden' };

/**
 * Where a file that a language server names lies, every link resolved: in the workspace, outside of it, or where agents do not read,
 * because it may hold secrets or a rule of the run is against it.
 */
export async function sideOf(uri: vscode.Uri, context: ToolContext): Promise<FileSide> {
  const outside = { kind: 'outside', name: printablePath(basename(uri.path)) } as const;
  if (uri.scheme !== 'file') return outside;
  const absolute = await realpath(uri.fsPath).catch(() => uri.fsPath);
  if (!isInside(context.workspace, absolute)) return outside;
  const relative = toRelative(context.workspace, absolute);
  const asked = isInside(context.workspace, uri.fsPath) ? toRelative(context.workspace, uri.fsPath) : relative;
  const hidden = mayHoldSecret(relative) || mayHoldSecret(asked) || !(context.bounds?.holds(relative, 'read') ?? true);
  return hidden ? { kind: 'hidden' } : { kind: 'inside', place: { absolute, relative } };
}

/** What of some places may be told. */
export interface SortedPlaces<T> {
  /** In order. */
  inside: (T & { place: WorkspacePath })[];
  /** How many more there are inside. */
  cut: number;
  /** Names of the files outside of the workspace. */
  outside: string[];
}

/**
 * Tells apart which places agents may be told of. Those outside are told by the names of their files alone. Those hidden are not even
 * counted: how many there are would say what is in them.
 * @param most How many are told at most.
 */
export async function sortPlaces<T extends FoundPlace>(
  found: readonly T[],
  context: ToolContext,
  most: number,
): Promise<SortedPlaces<T>> {
  const sides = new Map<string, FileSide>();
  const inside: SortedPlaces<T>['inside'] = [];
  const outside = new Set<string>();
  for (const one of found) {
    const side = sides.get(one.uri.toString()) ?? (await sideOf(one.uri, context));
    sides.set(one.uri.toString(), side);
    if (side.kind === 'inside') inside.push({ ...one, place: side.place });
    else if (side.kind === 'outside') outside.add(side.name);
  }
  const byPlace = (a: (typeof inside)[0], b: (typeof inside)[0]): number =>
    byText(a.place.relative, b.place.relative) || a.line - b.line;
  inside.sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || byPlace(a, b));
  const told = inside.slice(0, most).sort(byPlace);
  return { inside: told, cut: inside.length - told.length, outside: [...outside].sort() };
}

/** What is to be said of places that are not told; null: nothing. */
export function leftOut(
  { cut, outside }: Pick<SortedPlaces<unknown>, 'cut' | 'outside'>,
  unit: string,
  { bounds }: ToolContext,
): string | null {
  const notes = [
    ...(cut > 0 ? [`${cut} more ${unit} were cut`] : []),
    ...(outside.length > 0 ? [`outside the workspace: ${someOf(outside)}`] : []),
    ...(bounds?.narrows('.', 'read') ? ['files that rules keep back are left out'] : []),
  ];
  return notes.length === 0 ? null : `(${notes.join('; ')})`;
}

/**
 * `path:line: text of the line` a place; each line once. Lines of files with unsaved changes are those of the editor.
 * @param nothing What is said where there is nothing to tell of.
 */
export async function showPlaces(
  found: readonly FoundPlace[],
  nothing: string,
  servers: LanguageServers,
  context: ToolContext,
): Promise<string> {
  const once = new Map(found.map((place) => [`${place.uri}:${place.line}`, place]));
  const { inside, cut, outside } = await sortPlaces([...once.values()], context, MAX_PLACES);
  const unsaved = await servers.unsaved();
  const texts = new Map<string, string[]>();
  const lines: string[] = [];
  for (const { place, line } of inside) {
    const known = texts.get(place.absolute);
    const text = known ?? (await linesOf(place, unsaved.get(place.absolute), context));
    texts.set(place.absolute, text);
    lines.push(`${printablePath(place.relative)}:${line}: ${oneLine(text[line - 1] ?? '', MAX_TEXT)}`);
  }
  const open = [
    ...new Set(inside.filter(({ place }) => unsaved.has(place.absolute)).map(({ place }) => place.relative)),
  ];
  const note = leftOut({ cut, outside }, 'places', context);
  return answer(lines.length > 0 || outside.length > 0 ? lines : [nothing], [note, unsavedNote(open)]);
}

/** Says that lines are not those of the disk; null where all are. */
export function unsavedNote(paths: readonly string[]): string | null {
  return paths.length === 0
    ? null
    : `(unsaved changes in an editor, lines are as there: ${someOf(paths.map(printablePath))})`;
}

/** Lines with what is to be said about them; where there are none, that alone. */
export function answer(lines: string[], notes: (string | null)[]): string {
  const note = notes.filter((one) => one !== null).join('\n');
  return lines.length === 0 ? note : linesWithNote(lines, note === '' ? null : note);
}

async function linesOf(
  place: WorkspacePath,
  unsaved: vscode.TextDocument | undefined,
  { signal }: ToolContext,
): Promise<string[]> {
  if (unsaved) return Array.from({ length: unsaved.lineCount }, (_, at) => unsaved.lineAt(at).text);
  try {
    return (await readText(place.relative, place, signal)).split('\n');
  } catch (error) {
    // It changed meanwhile, or is no text; the place itself is still worth knowing.
    if (error instanceof ToolError) return [];
    throw error;
  }
}

function someOf(names: readonly string[]): string {
  return (
    names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? `, and ${names.length - MAX_NAMES} more` : '')
  );
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
