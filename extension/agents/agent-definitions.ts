import { constants } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { errorInfo } from '../protocol/errors.ts';
import { type FrontMatter, readFrontMatter, splitList } from './front-matter.ts';
import { toolNames } from './tool-aliases.ts';

/** A kind of agent: what it is told beside its task, and which of the tools that there are it is given. */
export interface AgentType {
  name: string;
  description: string;
  /** Empty: nothing. */
  prompt: string;
  /** Null: all that agents of the run have. A definition takes tools away, and can add none. */
  tools: readonly string[] | null;
  /** As a script would name it; null: that of the run. */
  model: string | null;
  /** The file it comes from, as people find it; null: it is one of ours. */
  file: string | null;
}

export interface Definitions {
  types: AgentType[];
  /** Files that are no definitions, and why. */
  problems: { file: string; problem: string }[];
}

/** Where definitions lie, in the order in which they count: of two of one name the first does. */
const PLACES = [
  { of: 'workspace', folder: '.claude/agents', ending: '.md' },
  { of: 'workspace', folder: '.github/agents', ending: '.agent.md' },
  { of: 'home', folder: '.claude/agents', ending: '.md' },
] as const;

const MAX_FILES = 200;
const MAX_BYTES = 64_000;
const MAX_DESCRIPTION = 1_000;
/** What no text has, though it is valid UTF-8: control characters, but for tab and the ends of lines. */
const NO_TEXT = /[^\P{Cc}\t\n\f\r]/u;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u;

/**
 * Reads the agents that a project and its user have defined for Claude Code and VS Code. They are foreign text: whatever is
 * wrong with one is in `problems`, and nothing is thrown.
 * @param reserved names that no file may take.
 */
export async function readDefinitions(
  roots: { workspace: string; home: string },
  reserved: readonly string[],
): Promise<Definitions> {
  const found: Definitions = { types: [], problems: [] };
  const taken = new Map(reserved.map((name) => [name, 'Counterpoint itself']));
  for (const { of, folder, ending } of PLACES) {
    const root = roots[of];
    const shown = of === 'home' ? `~/${folder}` : folder;
    for (const name of await filesIn(root, { folder, ending, shown, mayLink: of === 'home' }, found)) {
      const file = `${shown}/${name}`;
      try {
        const text = await readText(join(root, folder, name), of === 'home');
        const type = definition(text, name.slice(0, -ending.length), file);
        const by = taken.get(type.name);
        if (by !== undefined) throw new Error(`its name "${type.name}" is that of one of ${by}`);
        taken.set(type.name, file);
        found.types.push(type);
      } catch (error) {
        found.problems.push({ file, problem: errorInfo(error).message });
      }
    }
  }
  return found;
}

/** A link in a repository could lead to anything of the person's; in their own home it is their own affair. */
async function filesIn(
  root: string,
  { folder, ending, shown, mayLink }: { folder: string; ending: string; shown: string; mayLink: boolean },
  { problems }: Definitions,
): Promise<string[]> {
  try {
    const path = join(root, folder);
    const [real, realRoot] = await Promise.all([realpath(path), realpath(root)]);
    if (!mayLink && relative(realRoot, real) !== folder.replaceAll('/', sep)) {
      problems.push({ file: shown, problem: 'the folder is a link to another one, and was not looked at' });
      return [];
    }
    const names = (await readdir(real)).filter((name) => name.endsWith(ending)).sort();
    if (names.length > MAX_FILES)
      problems.push({
        file: shown,
        problem: `only the first ${MAX_FILES} of its ${names.length} files were looked at`,
      });
    return names.slice(0, MAX_FILES);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') problems.push({ file: shown, problem: errorInfo(error).message });
    return [];
  }
}

/** @throws Error for a link where there may be none, and for what is no text. */
async function readText(path: string, mayLink: boolean): Promise<string> {
  if (!mayLink && (await lstat(path)).isSymbolicLink()) throw new Error('it is a link, and was not followed');
  // A pipe in its place must not hold us up.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | (mayLink ? 0 : constants.O_NOFOLLOW));
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('it is no file');
    if (stat.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1_000} kB`);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
    if (NO_TEXT.test(text)) throw new Error('it is no text');
    return text;
  } catch (error) {
    throw error instanceof TypeError ? new Error('it is no text') : error;
  } finally {
    await file.close();
  }
}

/** @throws Error that says what is wrong with it. */
function definition(text: string, stem: string, file: string): AgentType {
  const { fields, body } = readFrontMatter(text);
  const name = one(fields, 'name') || stem;
  if (!NAME.test(name)) throw new Error('its name has characters that no name has, or is too long');
  if (body === '') throw new Error('it has no text below its front matter');
  const offered = list(fields, 'tools');
  const taken = toolNames(list(fields, 'disallowedTools') ?? []);
  const tools = offered === null || offered.includes('*') ? null : toolNames(offered);
  if (taken.length > 0 && tools === null)
    throw new Error('it takes tools away ("disallowedTools") without saying which it has: name them under "tools"');
  return {
    name,
    description: (one(fields, 'description') || '').slice(0, MAX_DESCRIPTION),
    prompt: body,
    tools: tools?.filter((tool) => !taken.includes(tool)) ?? null,
    model: modelIn(fields),
    file,
  };
}

function one(fields: FrontMatter['fields'], key: string): string {
  const value = fields.get(key) ?? '';
  if (typeof value === 'string') return value;
  throw new Error(`its "${key}" is no text`);
}

/** Null where it is not said. What is said and cannot be read must not become "all of them". */
function list(fields: FrontMatter['fields'], key: string): string[] | null {
  if (!fields.has(key)) return null;
  const value = fields.get(key);
  if (value === null || value === undefined) throw new Error(`its "${key}" is no list`);
  return typeof value === 'string' ? splitList(value) : value;
}

/** What other products call a model says nothing to us; then the run's is taken. */
function modelIn(fields: FrontMatter['fields']): string | null {
  const value = fields.get('model');
  return typeof value === 'string' && /^(opus|sonnet|haiku|claude-[\w.@-]{1,80})$/.test(value) ? value : null;
}
