import { plainLabel } from '../protocol/plain-text.ts';
import { GONE, type ListedServer, STANDING_WORDS } from '../runs/server-approvals.ts';
import type { ConsentStanding } from '../runs/server-consent.ts';
import type { ConfigProblem, McpServer } from '../tools/mcp/config.ts';
import { definitionLines, termsLines } from '../tools/mcp/show-server.ts';
import { plain } from './plain-text.ts';

/** What a message of VS Code shows without scrolling, on a small screen. */
const MAX_LINES = 30;
const MAX_CHARACTERS = 1_500;

/** Who asks whether a server may be started: an agent that needs it now, or a person who looks through them. */
export type ServerOccasion = 'agent' | 'person';

export interface ServerQuestion {
  message: string;
  detail: string;
  /** All that the definition says is in it; what it does not show nobody can allow there. */
  whole: boolean;
}

/** What a person is asked before an MCP server is started. */
export function serverQuestion(server: McpServer, occasion: ServerOccasion): ServerQuestion {
  const message =
    occasion === 'agent'
      ? `An agent needs the MCP server “${server.name}”. Start it?`
      : `May the MCP server “${server.name}” be started whenever an agent needs it?`;
  const lines = definitionLines(server);
  const whole = lines.length <= MAX_LINES && lines.join('\n').length <= MAX_CHARACTERS;
  const tooLong = `${whereOf(server)}, in more words than can be shown here. ${READ}`;
  return { message, detail: detailOf(server, whole ? definedBy(server) : tooLong), whole };
}

const READ = '“Counterpoint: MCP Servers…” shows all of it, and can allow it.';

/** All of a definition that is too long for a message, and what a yes comes to, as a text. */
export function wholeDefinition(server: McpServer): string {
  return `${detailOf(server, definedBy(server))}\n`;
}

function detailOf(server: McpServer, defined: string): string {
  const rest = [...termsLines(server), 'Nobody but you can say whether it is harmless.'].join(' ');
  // First, for a yes is of no use before that is mended.
  const hindrance = server.hindrance === null ? [] : [`The server ${plain(server.hindrance, 400)}`];
  return [...hindrance, defined, rest].join('\n\n');
}

function definedBy(server: McpServer): string {
  return `${whereOf(server)}:\n\n${definitionLines(server).join('\n')}`;
}

function whereOf({ file, line }: McpServer): string {
  return `${file}, line ${line}, defines it`;
}

const WORDS: Readonly<Record<ConsentStanding, string>> = {
  ...STANDING_WORDS,
  once: 'allowed until this window is closed',
  refused: 'not started in this window: you said no',
};

/** What a list says of a server, and of one that cannot be used. */
export interface ServerRow {
  name: string;
  label: string;
  description: string;
  detail: string;
  /** What is wrong with it, whole, for where there is room; empty where nothing is. */
  prompt: string;
}

/** A server with how it stands, and what keeps it from being started. */
export function serverRow({ server, standing }: ListedServer<ConsentStanding>): ServerRow {
  const { name, file, line, what, hindrance } = server;
  return {
    name,
    label: `${ICONS[standing]} ${name}`,
    description: WORDS[standing],
    detail:
      hindrance === null ? `${file}:${line} · ${plainLabel(what, 120)}` : `$(warning) ${plainLabel(hindrance, 400)}`,
    prompt: hindrance === null ? '' : `It ${plain(hindrance, 400)}`,
  };
}

/** What cannot be used, and why. */
export function problemRow({ file, line, title, why }: ConfigProblem): ServerRow {
  const place = line === null ? file : `${file}:${line}`;
  const name = title ?? file;
  const prompt = `${place}: ${plain(why, 400)}`;
  return {
    name: plain(name, 60),
    label: `$(error) ${plainLabel(name, 60)}`,
    description: 'cannot be used',
    detail: `${place}: ${plainLabel(why, 400)}`,
    prompt,
  };
}

/** One that nothing defines any more. */
export function goneRow(name: string): ServerRow {
  const label = `$(trash) ${plainLabel(name, 60)}`;
  return { name: plain(name, 60), label, description: GONE, detail: BACK, prompt: BACK };
}

const BACK = 'Whoever defines it again as it was would have it started unasked.';

const ICONS: Readonly<Record<ConsentStanding, string>> = {
  allowed: '$(check)',
  once: '$(check)',
  changed: '$(diff)',
  asked: '$(question)',
  refused: '$(circle-slash)',
};
