import type { Json } from '../../protocol/json.ts';
import { isJsonObject } from '../../protocol/json.ts';
import { type Conversation, linesAndNote, type ToolCall } from './conversation.ts';
import { LENSES, type Lens } from './rules/rule.ts';

const LINES_A_READ = 100_000;
const MOST_READS = 40;

/** What somebody says of a line. */
export interface Claim {
  file: string;
  /** From 1. */
  line: number;
  lens: Lens;
}

/** Null for what is no claim, or of a lens that the analyst does not know. */
export function readClaim(claim: Json | undefined): Claim | null {
  if (!isJsonObject(claim)) return null;
  const { file, line } = claim;
  const lens = LENSES.find((known) => known === claim.lens);
  if (typeof file !== 'string' || typeof line !== 'number' || !Number.isInteger(line) || line < 1 || !lens) return null;
  return { file, line, lens };
}

/** The text of a file, part by part as far as the tool cuts its output. */
export function readWhole(
  path: string,
  conversation: Conversation,
): { ask: ToolCall[] } | { text: string; error?: string } {
  const lines: string[] = [];
  for (let reads = 0; reads < MOST_READS; reads++) {
    const call: ToolCall = { name: 'read_file', input: { path, offset: lines.length + 1, limit: LINES_A_READ } };
    const outcome = conversation.outcome(call);
    if (!outcome) return { ask: [call] };
    if (outcome.isError) return { text: '', error: outcome.content };
    const part = linesAndNote(outcome.content);
    for (const line of part.lines) lines.push(line.slice(line.indexOf('\t') + 1));
    if (part.note === null || part.lines.length === 0) break;
  }
  return { text: lines.join('\n') };
}
