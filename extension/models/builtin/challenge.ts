import { ModelError } from '../provider.ts';
import { readClaim, readWhole } from './claim.ts';
import type { Conversation, Step } from './conversation.ts';
import { askSide } from './questions/all.ts';
import { type Opinion, SIDES, type Side } from './questions/lens-questions.ts';
import { LENSES } from './rules/rule.ts';
import type { SourceParser } from './syntax/parser.ts';
import { stringField, type TaskHeader } from './task-header.ts';

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
  const claim = readClaim(header.fields.Claim);
  if (!claim) {
    throw new ModelError(
      `The task header "challenge" needs a Claim with file, line (from 1) and a lens out of: ${LENSES.join(', ')}.`,
      { retryable: false },
    );
  }
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
