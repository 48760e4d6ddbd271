import { drawn, drawnInteger } from './dice.ts';
import { namedFiles } from './prompt-reading.ts';

/**
 * Which way the answers of a dry run lean: `lean` towards as few further agents as the schemas allow, `rich` towards
 * as many as are at all likely.
 */
export type Leaning = 'lean' | 'likely' | 'rich';

/** What a value is made up for. */
export interface Occasion {
  leaning: Leaning;
  /** What makes values of two answers differ; the same for answers that are to be the same. */
  serial: string;
  /** How often the loop around it, if it is in one, has been through before: what it asks for must run dry some time. */
  round: number;
  prompt: string;
  /** Files of the workspace, sources first; null where they are not known. */
  files: readonly string[] | null;
  /** Agents that are asked beside this one: of many, each finds less. */
  beside: number;
}

/** Rounds of a loop that bring something new. */
const FRUITFUL_ROUNDS: Record<Leaning, number> = { lean: 0, likely: 2, rich: 4 };
/** Rounds after that in which a loop had its chance to end by itself; from then on everything is tried in turn. */
const PATIENCE = 2;
/** Items of a list that has no bound, and how many such lists of agents beside one another hold together. */
const LONG_LIST = 10;
const SHORTEST_LONG_LIST = 4;
const LONG_LISTS_TOGETHER = 240;
const FEW_BESIDE = 8;
/** A list about files that are named can have several items about each. */
const ITEMS_OF_A_FILE = 4;
const LONGEST_ABOUT_FILES = 40;
/** Items of any list, however many its schema allows. */
const LONGEST_LIST = 100;

/** Whether an answer of this round brings nothing new. */
export function isDry({ leaning, round }: Occasion): boolean {
  return round >= Math.max(1, FRUITFUL_ROUNDS[leaning]);
}

/** A loop that goes on for so long waits for something else than it was given: each choice has its turn. */
function triesAll({ leaning, round }: Occasion): boolean {
  return round >= FRUITFUL_ROUNDS[leaning] + PATIENCE;
}

/** How many items a list gets. @param asked how many the prompt asks for; null where it does not say. */
export function lengthOf(
  occasion: Occasion,
  { name, path }: { name: string; path: string },
  { min, max, asked }: { min: number; max: number; asked: number | null },
): number {
  const within = (wanted: number): number => Math.min(Math.max(wanted, min), max, Math.max(min, LONGEST_LIST));
  const { leaning, round, serial } = occasion;
  // What is to be left out makes for fewer agents the longer it is.
  if (LEAVES_OUT.test(name)) return within(leaning === 'lean' ? LONG_LIST : 0);
  if (leaning === 'lean' || isDry(occasion)) return within(0);
  if (leaning === 'rich') return within(asked ?? (max === Number.POSITIVE_INFINITY ? longList(occasion) : max));
  if (asked !== null) return within(asked);
  const draw = `${serial} ${path} length`;
  // Of many that look beside one another, each has little to look at, and some find nothing.
  const [low, high] = round > 0 ? [0, 1] : occasion.beside > FEW_BESIDE ? [0, 2] : [1, 3];
  return within(drawnInteger(draw, low, high));
}

const LEAVES_OUT =
  /^(skip|leave|left|exclud|ignor|omit|drop|remov|discard|dismiss|duplicate|irrelevant|rejected|refuted)/i;

function longList(occasion: Occasion): number {
  const aboutFiles = Math.min(LONGEST_ABOUT_FILES, ITEMS_OF_A_FILE * namedFiles(occasion).length);
  const share = Math.max(SHORTEST_LONG_LIST, Math.ceil(LONG_LISTS_TOGETHER / occasion.beside));
  return Math.min(Math.max(LONG_LIST, aboutFiles), share);
}

/** What ends a loop, or needs nobody any more. */
const ENDS =
  /^(is|has|was|all|looks|should)?_?-?(done|complete|finish|pass|approv|ok|success|valid|satisf|converged|stop|ready|enough|clean|refuted|duplicate|false)/i;
const FEW =
  /refut|reject|^no|none|^false|low|minor|info|trivial|skip|dismiss|unsure|unlikely|invalid|duplicate|done|pass|approv|complete|^ok$|clean/i;
const MANY =
  /uphold|upheld|confirm|true|^yes|^valid|accept|critical|high|major|real|likely|found|vulnerable|needs|fail/i;

export function booleanOf(occasion: Occasion, name: string, path: string): boolean {
  const { leaning, round, serial } = occasion;
  if (triesAll(occasion)) return round % 2 === 0;
  const ends = ENDS.test(name);
  if (leaning === 'lean') return ends;
  if (ends) return isDry(occasion) || (leaning === 'likely' && drawn(`${serial} ${path}`) < 0.5);
  return leaning === 'rich' || drawn(`${serial} ${path}`) < 0.5;
}

/** Index of the one of `choices` that is taken. @param choices as people read them. */
export function choiceOf(occasion: Occasion, choices: readonly string[], path: string): number {
  const { leaning, round, serial } = occasion;
  if (triesAll(occasion)) return round % choices.length;
  if (leaning === 'likely') return drawnInteger(`${serial} ${path}`, 0, choices.length - 1);
  const words = leaning === 'lean' ? FEW : MANY;
  const fitting = choices.findIndex((choice) => words.test(choice));
  if (fitting !== -1) return fitting;
  return leaning === 'lean' ? choices.length - 1 : 0;
}

/** Where between the least and the most it may be a number lies, 0 to 1. */
export function shareOf(occasion: Occasion, path: string): number {
  const { leaning, round, serial } = occasion;
  if (triesAll(occasion)) return round % 2 === 0 ? 1 : 0;
  if (leaning === 'lean') return 0.9;
  return 0.4 + 0.5 * drawn(`${serial} ${path}`);
}
