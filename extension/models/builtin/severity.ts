import type { Json } from '../../protocol/json.ts';
import { ModelError } from '../provider.ts';
import { type Claim, readClaim, readWhole } from './claim.ts';
import type { Conversation, Step } from './conversation.ts';
import { suspectOf } from './questions/all.ts';
import { matchingRules, SEVERITIES, type Severity } from './rules/rule.ts';
import { RULES } from './rules/tables.ts';
import { type Origin, originsOf } from './syntax/origins.ts';
import type { Source, SourceParser } from './syntax/parser.ts';
import { isProbablyExample } from './syntax/place.ts';
import type { TaskHeader } from './task-header.ts';

interface Rating {
  severity: Severity;
  why: string;
}

/** Lenses whose harm is as great as the choice that somebody outside has. */
const BY_REACH: readonly string[] = ['injection', 'dangerous-calls'];

/**
 * Says how grave claims are that have been upheld. Header: `Claims`, a list of `{ file, line, lens, … }`.
 * Answer: `{ ratings: [{ claim, severity, why }] }`: `claim` is the place in the list, from 1; one that cannot be rated is left out.
 * The severity is that of the pattern. Where the harm hangs on who chooses the value, it is one step less if only a caller is seen to,
 * two if nobody is; in an example it is low.
 */
export async function severityTask(
  header: TaskHeader,
  conversation: Conversation,
  parser: SourceParser,
): Promise<Step> {
  const given = header.fields.Claims;
  if (!Array.isArray(given)) throw new ModelError('The task header "severity" needs Claims.', { retryable: false });
  const ratings: Json[] = [];
  for (const [index, each] of given.entries()) {
    const claim = readClaim(each);
    if (!claim) continue;
    const file = readWhole(claim.file, conversation);
    if ('ask' in file) return file;
    const source = file.error === undefined ? await parser.parse(claim.file, file.text) : null;
    const rating = source && rate(claim, source);
    if (rating) ratings.push({ claim: index + 1, ...rating });
  }
  return { answer: { ratings } };
}

function rate({ lens, line }: Claim, source: Source): Rating | null {
  const rule = matchingRules(RULES[lens], source.language, source.lines[line - 1] ?? '')[0];
  if (!rule) return null;
  const { severity } = rule;
  if (isProbablyExample(source.path))
    return { severity: 'low', why: 'It is an example: nobody runs it, but some will copy it.' };
  const inputs = suspectOf(lens, source, line - 1)?.inputs ?? [];
  if (!BY_REACH.includes(lens) || inputs.length === 0) return { severity, why: 'It does harm whatever comes in.' };
  const origins = inputs.flatMap((input) => originsOf(input, source.root));
  const request = origins.find(({ kind }) => kind === 'request');
  if (request) return { severity, why: `\`${shown(request)}\` comes from outside (line ${request.row + 1}).` };
  const parameter = origins.find(({ kind }) => kind === 'parameter');
  if (!parameter) return { severity: lowered(severity, 2), why: 'Nobody outside is seen to choose the value.' };
  const why = `\`${shown(parameter)}\` is whatever a caller gives, and no request is seen to bring it.`;
  return { severity: lowered(severity, 1), why };
}

function lowered(severity: Severity, steps: number): Severity {
  return SEVERITIES[Math.min(SEVERITIES.indexOf(severity) + steps, SEVERITIES.length - 1)]!;
}

function shown({ text }: Origin): string {
  return text.replace(/[\s`]+/g, ' ').slice(0, 60);
}
