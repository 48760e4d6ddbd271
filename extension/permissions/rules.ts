import { UserError } from '../protocol/errors.ts';
import type { PermissionRules } from '../protocol/permissions.ts';
import { OUTCOMES, type Outcome } from './profiles.ts';

/** A rule that was read: what becomes of the calls that it fits. */
export interface Rule {
  outcome: Outcome;
  tool: string;
  /** What of a call it fits; null: the tool, whatever it touches. */
  pattern: Pattern | null;
  /** As the person wrote it. */
  text: string;
}

export type Pattern =
  | { kind: 'path'; access: 'read' | 'write'; glob: string }
  /** `open`: any further words may follow. */
  | { kind: 'command'; words: string[]; open: boolean }
  /** `below`: the hosts below it, not itself. */
  | { kind: 'address'; host: string; below: boolean }
  /** What programs may reach from within their sandbox, on any port. */
  | { kind: 'host'; host: string; below: boolean }
  /** `tool` null: all of them. */
  | { kind: 'server'; server: string; tool: string | null };

const MAX_RULES = 1_000;
const MAX_TEXT = 1_000;

/**
 * Reads rules as a person wrote them.
 * @param tools Names of all tools that there are; one of no tool is a mistake, and a `deny` that fits nothing would deny nothing.
 * @throws UserError `bad-arguments` that names the first rule that cannot be read, what is wrong with it, and one that is right.
 */
export function readRules(rules: PermissionRules, tools: readonly string[]): Rule[] {
  return OUTCOMES.flatMap((outcome) => {
    const texts: unknown = rules[outcome];
    if (!Array.isArray(texts) || texts.length > MAX_RULES)
      throw new UserError(
        'bad-arguments',
        `The permission rules "${outcome}" have to be a list of texts, ${MAX_RULES} at most.`,
      );
    return texts.map((text: unknown) => readRule(outcome, text, tools));
  });
}

function readRule(outcome: Outcome, text: unknown, tools: readonly string[]): Rule {
  const wrong = (what: string, example: string): UserError => {
    const rule = JSON.stringify(text)?.slice(0, 120);
    return new UserError(
      'bad-arguments',
      `The permission rule ${rule} (${outcome}) cannot be read: ${what}. Write for example ${example}.`,
    );
  };
  if (typeof text !== 'string' || text.length > MAX_TEXT) throw wrong('it is no short text', 'bash(npm test)');
  const [, tool, inner] = /^\s*([A-Za-z][\w-]*)(?:\((.*)\))?\s*$/s.exec(text) ?? [];
  if (tool === undefined)
    throw wrong('it is neither a tool nor a tool with what it may touch in round brackets', 'bash(npm test)');
  const reader = Object.hasOwn(READERS, tool) ? READERS[tool] : undefined;
  if (!reader && !tools.includes(tool) && !tool.startsWith('mcp__'))
    throw wrong(
      `there is no tool ${tool}; there are ${[...new Set([...Object.keys(READERS), ...tools])].join(', ')}`,
      'grep',
    );
  if (tool === PROGRAM_HOSTS && outcome !== 'allow')
    throw wrong(
      'programs reach no host but those that a rule allows, and nobody can be asked while they run',
      'web_fetch',
    );
  if (inner === undefined && tool !== PROGRAM_HOSTS) return { outcome, tool, pattern: null, text: text.trim() };
  if (!reader) throw wrong(`rules for ${tool} go by nothing that it touches`, tool);
  const pattern = reader((inner ?? '').trim());
  if (pattern instanceof Mistake) throw wrong(pattern.what, pattern.example);
  return { outcome, tool, pattern, text: text.trim() };
}

class Mistake {
  readonly what: string;
  readonly example: string;
  constructor(what: string, example: string) {
    this.what = what;
    this.example = example;
  }
}

type PatternReader = (inner: string) => Pattern | Mistake;

/**
 * What rules call the hosts that programs may reach. It is no tool, and more than `web_fetch`, which only gets pages: a program sends there
 * what it likes, to any port. So whoever lets pages be fetched has not let programs send things there.
 */
export const PROGRAM_HOSTS = 'bash_network';

/** The tools whose rules may say what is touched. */
const READERS: Readonly<Record<string, PatternReader>> = {
  read_file: readPath('read_file', 'read'),
  list_directory: readPath('list_directory', 'read'),
  glob: readPath('glob', 'read'),
  grep: readPath('grep', 'read'),
  git_diff: readPath('git_diff', 'read'),
  diagnostics: readPath('diagnostics', 'read'),
  definition: readPath('definition', 'read'),
  references: readPath('references', 'read'),
  symbols: readPath('symbols', 'read'),
  rename: readPath('rename', 'write'),
  edit_file: readPath('edit_file', 'write'),
  write_file: readPath('write_file', 'write'),
  bash: readCommand,
  [PROGRAM_HOSTS]: readHost,
  web_fetch: readAddress,
  mcp: readServer,
};

function readPath(tool: string, access: 'read' | 'write'): PatternReader {
  return (inner) => {
    const glob = inner.replace(/^(\.\/)+/, '');
    const example = `${tool}(src/**)`;
    if (glob === '') return new Mistake('it names no path', example);
    if (/^([/~]|[A-Za-z]:)|\\/.test(glob))
      return new Mistake('paths are relative to the workspace, with forward slashes', example);
    const names = glob.split('/');
    if (names.includes('..') || names.includes('.'))
      return new Mistake('a path must not have "." or ".." in it', example);
    if (names.includes('')) return new Mistake('a name in it is empty; a whole folder is folder/**', example);
    if (names.some((name) => name !== '**' && name.includes('**')))
      return new Mistake('"**" stands for whole folders and has to stand alone between slashes', example);
    if (/[[\]{}!]/.test(glob)) return new Mistake('of wildcards there are only *, ** and ?', example);
    return { kind: 'path', access, glob };
  };
}

function readCommand(inner: string): Pattern | Mistake {
  const example = 'bash(npm test) or bash(git log *)';
  // A word may stand in quotes, as in a shell; there, a star is a star.
  const parts = inner.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
  if (parts.join('') !== inner.replace(/("[^"]*"|'[^']*')|\s+/g, '$1'))
    return new Mistake('a quote is not closed', example);
  if (parts.length === 0) return new Mistake('it names no command', example);
  const open = parts.at(-1) === '*';
  const words = (open ? parts.slice(0, -1) : parts).map((part) => part.replace(/^(["'])(.*)\1$/s, '$2'));
  if (parts.slice(0, -1).includes('*'))
    return new Mistake('"*" stands for any further words, so it has to be the last', example);
  if (parts.some((part) => part.endsWith(':*')))
    return new Mistake('further words are written as " *", after a blank', example);
  if (parts.some((part) => /^(;|&&?|\|\|?)$/.test(part)))
    return new Mistake('it is more than one command; each needs a rule of its own', example);
  return { kind: 'command', words, open };
}

function readAddress(inner: string): Pattern | Mistake {
  const example = 'web_fetch(docs.rs) or web_fetch(*.rust-lang.org)';
  const below = inner.startsWith('*.');
  const host = hostOf(`https://${below ? inner.slice(2) : inner}/`);
  if (!/^[^\s/:@?#*]+$/.test(below ? inner.slice(2) : inner) || host === null)
    return new Mistake('it has to be a host alone, without scheme, port or path', example);
  return { kind: 'address', host, below };
}

function readHost(inner: string): Pattern | Mistake {
  const example = `${PROGRAM_HOSTS}(registry.npmjs.org) or ${PROGRAM_HOSTS}(*.rust-lang.org)`;
  const address = readAddress(inner);
  if (address instanceof Mistake) return new Mistake(address.what, example);
  if (address.kind !== 'address') return address;
  const { host, below } = address;
  if (!host.includes('.') && (below || host !== 'localhost'))
    return new Mistake('it has to be a whole name of a host, and "*." has to stand before one', example);
  return { kind: 'host', host, below };
}

function readServer(inner: string): Pattern | Mistake {
  const [, server, tool] = /^([\w.-]+):([\w./-]+|\*)$/.exec(inner) ?? [];
  if (server === undefined || tool === undefined)
    return new Mistake(
      'it has to be a server and a tool of it with a colon between',
      'mcp(github:list_issues) or mcp(github:*)',
    );
  return { kind: 'server', server, tool: tool === '*' ? null : tool };
}

/** Host of an http address as browsers read it, in small letters; null for what is none. */
export function hostOf(url: string): string | null {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.hostname === '') return null;
  return parsed.hostname.replace(/\.$/, '');
}
