import type { Program } from 'acorn';
import type { Json } from '../../protocol/json.ts';
import type { Advice, AdviceKind } from '../../protocol/preview.ts';
import type { LocatedScript } from '../../runs/workflow-catalogue.ts';
import { sharedWritesAdvice, unchallengedAdvice } from './advice-agents.ts';
import { barrierAdvice } from './advice-barrier.ts';
import type { DryRun } from './dry-run.ts';
import { failsOnText, isSlip, lineOf } from './script-errors.ts';
import { type ScriptShape, shapeOf } from './script-shape.ts';

export interface AdviceParts {
  located: LocatedScript;
  program: Program;
  args: Json | undefined;
  /** Dry runs in which every agent answers, the likely one first. */
  runs: [DryRun, ...DryRun[]];
  /** Dry runs in which some fail. */
  failing: DryRun[];
}

/** The gravest first. */
const ORDER: readonly AdviceKind[] = [
  'out-of-sight',
  'unbounded-loop',
  'null-not-filtered',
  'shared-writes',
  'unchallenged',
  'barrier',
  'script',
];

/** What a script might miss or waste. */
export function adviceOn({ located, program, args, runs, failing }: AdviceParts): Advice[] {
  const [likely] = runs;
  // The largest has come to the most places.
  const largest = runs.reduce((a, b) => (b.sites.length >= a.sites.length ? b : a));
  const advice = [
    ...outOfSightAdvice(located.text),
    ...unboundedAdvice(runs, shapeOf(program)),
    ...nullAdvice(runs, failing),
    ...sharedWritesAdvice(largest.sites, args),
    ...unchallengedAdvice(program, largest.sites),
    ...barrierAdvice(program),
    ...(failsOnText(likely) ? textAdvice(likely) : shortAnswersAdvice(likely, runs)),
    ...located.script.warnings.map(({ message, line }): Advice => ({ kind: 'script', message, line })),
  ];
  return advice.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** So far to the right no editor shows it, and no person looks. */
const HIDDEN = /(?<![ \t\u00a0\u2000-\u200a\u3000])[ \t\u00a0\u2000-\u200a\u3000]{150,}\S/;

function outOfSightAdvice(text: string): Advice[] {
  const lines = text.split(/\r\n?|\n/);
  return lines.flatMap((line, index): Advice[] => {
    const found = HIDDEN.exec(line);
    if (!found) return [];
    const column = found.index + found[0].length;
    const message = `Code stands at column ${column} of this line, after a gap as wide as a screen: look at what it does before you run it.`;
    return [{ kind: 'out-of-sight', message, line: index + 1 }];
  });
}

/** Times that a loop has gone round, from which on it is not the size of the work that brought it to its cap. */
const OFTEN = 20;

function unboundedAdvice(runs: DryRun[], { ownLoops }: ScriptShape): Advice[] {
  const atCap = ({ capped, mostRepeated }: DryRun): boolean =>
    ownLoops && capped !== null && mostRepeated.times >= OFTEN;
  const endless = runs.find((run) => run.endless || atCap(run));
  if (!endless) return [];
  const { line, times } = endless.mostRepeated;
  const ending = endless.capped === null ? 'was ended only by the preview' : 'only a cap ended it';
  const message = `This went round ${times} times and ${ending}. Count the rounds and stop at a number, or use converge(), which ends when nothing new comes.`;
  return [{ kind: 'unbounded-loop', message, line }];
}

function nullAdvice(runs: DryRun[], failing: DryRun[]): Advice[] {
  const known = new Set(runs.flatMap(({ end }) => (end.ok ? [] : [end.error.message])));
  const lines = new Set<number | null>();
  return failing.flatMap(({ end }): Advice[] => {
    if (end.ok || !isSlip(end.error) || known.has(end.error.message) || lines.has(lineOf(end.error))) return [];
    lines.add(lineOf(end.error));
    const message = `An agent that fails gives null, and then the run fails here: ${end.error.message}. Look for null first, or take it out of a list by .filter(Boolean).`;
    return [{ kind: 'null-not-filtered', message, line: lineOf(end.error) }];
  });
}

/** What the preview cannot see: the script reads what it is told as JSON. */
function textAdvice({ end }: DryRun): Advice[] {
  if (end.ok) return [];
  const message = `An agent's text is read as JSON, and nobody knows before what will be in it: the preview ends here (${end.error.message}). Give the agent a schema; then its answer is checked, and the preview can go on.`;
  return [{ kind: 'script', message, line: lineOf(end.error) }];
}

/** Where the run fails only for answers that are as short, or as long, as their schemas allow. */
function shortAnswersAdvice(likely: DryRun, runs: DryRun[]): Advice[] {
  const failed = runs.find(({ end }) => !end.ok && isSlip(end.error));
  if (!failed || failed.end.ok || !likely.end.ok) return [];
  const how = failed.leaning === 'lean' ? 'as short as their schemas allow' : 'long';
  const message = `Where answers are ${how}, the run fails here: ${failed.end.error.message}.`;
  return [{ kind: 'script', message, line: lineOf(failed.end.error) }];
}
