import { isJsonObject, type Json } from '../../protocol/json.ts';
import type { PermitReading } from '../../runs/permit-reading.ts';
import type { RunService } from '../../runs/run-service.ts';
import { isSource } from './prompt-reading.ts';

interface Look {
  runs: RunService;
  permit: PermitReading;
  signal: AbortSignal;
}

const MOST_FILES = 4_000;
const PLACE = /^(paths?|dirs?|director(y|ies)|folders?|roots?|files?|src|source|scope|target)$/i;
const GLOB = /[*?[{]/;

/**
 * The files that agents of a run with these args would come upon, sources first; empty where the args name places that are
 * not there. Listed by the tool that agents have, so ignored files are not among them. @throws the signal's reason.
 */
export async function workspaceFiles(look: Look, args: Json | undefined): Promise<string[]> {
  const named = placesIn(args);
  const patterns = named.filter((place) => GLOB.test(place));
  const places = named.filter((place) => !GLOB.test(place)).map(plain);
  const lists = await Promise.all((patterns.length > 0 ? patterns : ['**']).map((pattern) => list(look, pattern)));
  const files = [...new Set(lists.flat())];
  const inside = places.length === 0 ? files : files.filter((file) => places.some((place) => isUnder(file, place)));
  return [...inside.filter(isSource), ...inside.filter((file) => !isSource(file))].slice(0, MOST_FILES);
}

async function list({ runs, permit, signal }: Look, pattern: string): Promise<string[]> {
  const outcome = await runs.readTool('glob', { pattern, maxResults: MOST_FILES }, signal, permit);
  // A pattern that is none, and whatever else the tool refuses, leaves nothing to go by.
  if (!outcome.ok || typeof outcome.value !== 'string') return [];
  const [listed = ''] = outcome.value.split('\n\n');
  return listed === 'No files found.' ? [] : listed.split('\n').filter(Boolean);
}

/** Texts of the args that name places in the workspace, by the names of their properties. */
function placesIn(args: Json | undefined): string[] {
  if (!isJsonObject(args)) return [];
  return Object.entries(args).flatMap(([name, value]) => {
    const texts = Array.isArray(value) ? value : [value];
    const isPlace = PLACE.test(name) || name === 'glob';
    return isPlace ? texts.filter((text): text is string => typeof text === 'string' && text !== '') : [];
  });
}

function plain(place: string): string {
  return place
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '')
    .replace(/\/+$/, '');
}

function isUnder(file: string, place: string): boolean {
  return place === '' || place === '.' || file === place || file.startsWith(`${place}/`);
}
