import type { JsonObject } from '../../protocol/json.ts';
import { ModelError } from '../provider.ts';
import { type Conversation, linesAndNote, type Step, type ToolCall } from './conversation.ts';
import { askSide } from './questions/all.ts';
import { type Opinion, SIDES, type Side } from './questions/lens-questions.ts';
import { LENSES, type Lens } from './rules/rule.ts';
import type { SourceParser } from './syntax/parser.ts';
import { objectField, stringField, type TaskHeader } from './task-header.ts';

const LINES_A_READ = 100_000;
const MOST_READS = 40;
const LONGEST_LINE = 2_000;

/**
 * Tries to refute a claim from one side, by the syntax tree of the file. Header: `Lens` (the side: `live code`, `data flow` or
 * `real impact`; with any other, all three are asked and the majority of them counts), `Claim` (`file`, `line`, `lens`).
 * Answer: `{ verdict: 'upheld' | 'refuted' | 'unsure', reason }`.
 */
export async function challengeTask(
  header: TaskHeader,
  conversation: Conversation,
  parser: SourceParser,
): Promise<Step> {
  const claim = readClaim(objectField(header, 'Claim'));
  const file = readWhole(claim.file, conversation);
  if ('ask' in file) return file;
  if (file.error !== undefined) return unsure(`${claim.file} cannot be read: ${file.error}`);
  const source = await parser.parse(claim.file, file.text);
  if (!source) return unsure(`There is no grammar for ${claim.file}, or it is too large.`);
  if (isCut(source.lines[claim.line - 1])) return unsure(`Line ${claim.line} is too long to be read.`);
  if (claim.line > source.lines.length)
    return { answer: { verdict: 'refuted', reason: `${claim.file} has only ${source.lines.length} lines.` } };
  const side = sideOf(stringField(header, 'Lens') ?? '');
  try {
    const opinions = (side ? [side] : SIDES).map((each) => askSide(claim.lens, each, source, claim.line - 1));
    return { answer: { ...verdictOf(opinions) } };
  } catch (error) {
    // Code can be nested deeper than the stack is high.
    if (error instanceof RangeError) return unsure(`The code around line ${claim.line} is nested too deep.`);
    throw error;
  }
}

function readClaim(claim: JsonObject | undefined): { file: string; line: number; lens: Lens } {
  const lens = LENSES.find((known) => known === claim?.lens);
  if (typeof claim?.file !== 'string' || !Number.isInteger(claim.line) || (claim.line as number) < 1 || !lens) {
    throw new ModelError(
      `The task header "challenge" needs a Claim with file, line (from 1) and a lens out of: ${LENSES.join(', ')}.`,
      {
        retryable: false,
      },
    );
  }
  return { file: claim.file, line: claim.line as number, lens };
}

/** The text of a file, part by part as far as the tool cuts its output. */
function readWhole(path: string, conversation: Conversation): { ask: ToolCall[] } | { text: string; error?: string } {
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

/** The tool for reading marks what it has cut. */
function isCut(line: string | undefined): boolean {
  return line !== undefined && line.length > LONGEST_LINE && line.endsWith('…');
}

function sideOf(lens: string): Side | undefined {
  return SIDES.find((side) => side === lens.toLowerCase().trim());
}

function verdictOf(opinions: Opinion[]): { verdict: string; reason: string } {
  const against = opinions.filter((opinion) => opinion.refuted);
  const refuted = against.length * 2 > opinions.length;
  const counted = refuted ? against : opinions.filter((opinion) => !opinion.refuted);
  return { verdict: refuted ? 'refuted' : 'upheld', reason: counted.map((opinion) => opinion.reason).join(' ') };
}

function unsure(reason: string): Step {
  return { answer: { verdict: 'unsure', reason } };
}
