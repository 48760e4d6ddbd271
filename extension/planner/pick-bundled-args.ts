import { stat } from 'node:fs/promises';
import { LENSES } from '../models/builtin/rules/rule.ts';
import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';
import { resolvedProperty } from '../protocol/json-schema.ts';
import type { RunService } from '../runs/run-service.ts';
import { ToolError } from '../tools/tool.ts';
import { resolveInWorkspace } from '../tools/workspace-path.ts';
import { chosen } from './pick-bundled-words.ts';

/** What the names of languages stand for. */
const LANGUAGES: [RegExp, string][] = [
  [/\bpython\b/i, '*.{py,pyw}'],
  [/\btypescript\b/i, '*.{ts,tsx,mts,cts}'],
  [/\bjavascript\b/i, '*.{js,jsx,mjs,cjs}'],
];
const PATH_ARGS = /^(paths?|folders?|director(y|ies)|files)$/;
/** A plain word is a folder where such a word comes before it, and in a list of those. */
const BEFORE_FOLDER = /^(in|under|of|within|below|inside|across|through|folder|directory)$/i;
const BETWEEN_FOLDERS = /^(and|or|the|)$/i;

type Kind = 'file' | 'folder';

/** What is read, and where it is looked whether it is so. */
interface Goal {
  text: string;
  runs: RunService;
  signal: AbortSignal;
}

/**
 * What a goal says that a workflow takes as `args`: folders and files that there are, a glob, a branch, choices it names,
 * numbers of what the args count. Only what the schema knows; everything else keeps its default.
 */
export async function argsFromGoal(schema: JsonObject, goal: Goal): Promise<JsonObject> {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const args: JsonObject = {};
  for (const name of Object.keys(properties)) {
    const value = await argOf(name, resolvedProperty(schema, properties[name]!), goal);
    if (value !== undefined) args[name] = value;
  }
  return args;
}

async function argOf(name: string, property: JsonObject, goal: Goal): Promise<Json | undefined> {
  const types = [property.type].flat();
  const fitting = (found: string[]): Json | undefined =>
    found.length === 0 ? undefined : types.includes('array') ? found : found[0];
  if (PATH_ARGS.test(name)) return fitting(await pathsIn(goal));
  if (name === 'glob') return await globIn(goal);
  if (name === 'base') return await commitIn(goal);
  if (types.includes('integer') || types.includes('number')) return numberIn(goal.text, name);
  if (types.includes('boolean')) return chosen(goal.text, [name]).length > 0 || undefined;
  const items = isJsonObject(property.items) ? property.items : {};
  const choices = [items.enum, property.enum].flat().filter((choice) => typeof choice === 'string');
  // One that the analyst does not have would leave it nothing to do.
  const possible = name === 'lenses' ? choices.filter((choice) => LENSES.some((lens) => lens === choice)) : choices;
  return fitting(chosen(goal.text, possible));
}

/** Files and folders of the workspace that a goal names, as they are written there. */
async function pathsIn({ text, runs }: Goal): Promise<string[]> {
  const paths: string[] = [];
  let folderMayFollow = false;
  for (const token of text.split(/\s+/)) {
    const word = token.replace(/^[`'"([]+|[`'")\],;:.!?]+$/g, '');
    const isPath = /[/\\]|\.\w+$/.test(word);
    const kind: Kind | null = word !== '' && (isPath || folderMayFollow) ? await kindOf(runs.workspace, word) : null;
    const isNamed: boolean = kind === 'folder' || (kind === 'file' && isPath);
    if (isNamed) paths.push(word.replace(/(?!^)[/\\]+$/, ''));
    folderMayFollow = BEFORE_FOLDER.test(word) || (folderMayFollow && (isNamed || BETWEEN_FOLDERS.test(word)));
  }
  return [...new Set(paths)];
}

/** Null for a word that is no path of the workspace, which is what most words are. */
async function kindOf(workspace: string, path: string): Promise<Kind | null> {
  try {
    const { absolute } = await resolveInWorkspace({ workspace }, path);
    return (await stat(absolute)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (error instanceof ToolError || (error as NodeJS.ErrnoException).code !== undefined) return null;
    throw error;
  }
}

/** A pattern that the goal writes out, or that a language stands for; only one that something matches. */
async function globIn({ text, runs, signal }: Goal): Promise<string | undefined> {
  const written = /(?:^|[\s`'"(])([\w./{},-]*\*[\w./{},*-]*[\w*}])/.exec(text)?.[1];
  const pattern = written ?? LANGUAGES.find(([name]) => name.test(text))?.[1];
  if (pattern === undefined) return undefined;
  const found = await runs.readTool('glob', { pattern, maxResults: 1 }, signal);
  return found.ok && !String(found.value).startsWith('No files found.') ? pattern : undefined;
}

/** A branch, tag or commit that the goal compares with; only one that git knows. */
async function commitIn({ text, runs, signal }: Goal): Promise<string | undefined> {
  for (const [, name] of text.matchAll(/\b(?:since|against|from|with|to|on)\s+[`'"]?([\w.@~^/-]+[\w@~^])/gi)) {
    const compared = await runs.readTool('git_diff', { base: name! }, signal);
    if (compared.ok) return name;
  }
  return undefined;
}

/** `50 files` is `maxFiles`, `3 rounds` is `rounds`. */
function numberIn(text: string, name: string): number | undefined {
  const counted = name.replace(/^(max|min|most)(?=[A-Z])/, '').toLowerCase();
  for (const [, number, word] of text.matchAll(/\b(\d{1,6})\s+(\p{L}+)/gu))
    if (word!.toLowerCase().replace(/s$/, '') === counted.replace(/s$/, '')) return Number(number);
  return undefined;
}
