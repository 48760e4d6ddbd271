import type { Program } from 'acorn';
import { full } from 'acorn-walk';
import type { Json } from '../../protocol/json.ts';
import type { Advice } from '../../protocol/preview.ts';
import { callsAnyOf } from './advice-barrier.ts';
import { type AskedSite, propertyNames } from './asked-sites.ts';

const CLAIMS =
  /^(findings?|bugs?|vulnerabilit(y|ies)|issues?|problems?|defects?|flaws?|violations?|claims?|weaknesses)$/i;
const DOUBTS =
  /\b(refut\w*|verif(y|ies|ied|ication)|challeng\w*|disprov\w*|falsif\w*|double-check|fact-check|cross-check|devil's advocate|adversar\w*|scrutini[sz]\w*|skeptic\w*|sceptic\w*|try to (break|refute)|prove\w* wrong|is it (really|true))\b/i;

/** Findings that nobody challenges: by the schemas that were asked with, and all that the script says anywhere. */
export function unchallengedAdvice(program: Program, sites: AskedSite[]): Advice[] {
  const finder = sites.find(
    ({ role, schema }) => role === 'agent' && propertyNames(schema ?? undefined).some((name) => CLAIMS.test(name)),
  );
  if (!finder || callsAnyOf(program, ['challenge', 'judge', 'workflow']) || saysAnywhere(program, DOUBTS)) return [];
  return [
    {
      kind: 'unchallenged',
      message:
        'Nobody challenges what these agents report, and models report what is not there in the same voice as what is. Send each through challenge(claim), and keep what is upheld.',
      line: finder.line,
    },
  ];
}

function saysAnywhere(program: Program, words: RegExp): boolean {
  let says = false;
  full(program, (node) => {
    const { type, value, name } = node as { type: string; value?: unknown; name?: unknown };
    if (type === 'Literal' && typeof value === 'string' && words.test(value)) says = true;
    if (type === 'TemplateElement' && words.test((value as { raw: string }).raw)) says = true;
    // A function or a constant that is called so, or a property of a schema.
    if (type === 'Identifier' && typeof name === 'string' && DOUBTING_NAME.test(name)) says = true;
  });
  return says;
}

const DOUBTING_NAME = /refut|verif|challeng|verdict|upheld/i;

/** An order to change files, where a sentence begins or goes on: what only names such work is none. */
const ORDERS =
  /(?:^|[.!?:;\n]\s*|\b(?:and|then|please|must|should|(?:are|is|have|need|told) to)\s+)(?:edit|fix|implement|refactor|modify|rewrite|apply|patch|migrate|convert|rename)\s+(?!nothing\b|none\b)(?:\S+\s+){0,6}?\S*(?:files?|code|tests?|modules?|functions?|class(?:es)?|bugs?|components?|imports?|changes?|endpoints?|\w+\.[a-z]{1,4})\b|(?:^|[.!?:;\n]\s*|\b(?:and|then|please|must|should)\s+)write\s+(?:\S+\s+){0,4}?(?:files?|code|(?:unit |integration )?tests?|to disk)\b/im;
const HARMLESS =
  /\b(?:do not|don't|never|without|must not|cannot)\s+(?:\w+\s+){0,2}?(?:edit|writ|chang|modif|touch|fix)|\bread[- ]only\b|\b(?:change|edit|fix|write) nothing\b|\b(?:propose|suggest|recommend|describe)\b|\bhow to fix\b/i;

/** Agents that change files beside one another in one tree. @param args what a person gave; its words are no orders of the script. */
export function sharedWritesAdvice(sites: AskedSite[], args: Json | undefined): Advice[] {
  return sites
    .filter(({ role, beside, isolated, prompt }) => {
      if (role !== 'agent' || beside < 2 || isolated) return false;
      const own = without(prompt, args);
      return ORDERS.test(own) && !HARMLESS.test(own);
    })
    .map(({ line, beside }) => ({
      kind: 'shared-writes' as const,
      message: `${beside} agents are told to change files beside one another, in one tree: each sees the half-done work of the others, and the last to write wins. Give them isolation: 'worktree', or let them go one after the other.`,
      line,
    }));
}

function without(prompt: string, args: Json | undefined): string {
  return textsIn(args, 0).reduce((left, text) => left.replaceAll(text, ' '), prompt);
}

function textsIn(value: Json | undefined, depth: number): string[] {
  if (typeof value === 'string') return value.length >= 4 ? [value, JSON.stringify(value).slice(1, -1)] : [];
  if (typeof value !== 'object' || value === null || depth > 4) return [];
  return Object.values(value)
    .slice(0, 100)
    .flatMap((part) => textsIn(part, depth + 1));
}
