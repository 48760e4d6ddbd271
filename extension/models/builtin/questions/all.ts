import type { Lens } from '../rules/rule.ts';
import type { Source } from '../syntax/parser.ts';
import { dangerousCalls } from './dangerous-calls.ts';
import { injection } from './injection.ts';
import { type Opinion, opinionOf, type Side, type Suspect } from './lens-questions.ts';
import { resourceLeaks } from './resource-leaks.ts';
import { secrets } from './secrets.ts';
import { swallowedErrors } from './swallowed-errors.ts';
import { weakCrypto } from './weak-crypto.ts';

const ASK: Record<Lens, (side: Side, source: Source, row: number) => Opinion> = {
  secrets: (...asked) => opinionOf(secrets, ...asked),
  injection: (...asked) => opinionOf(injection, ...asked),
  'dangerous-calls': (...asked) => opinionOf(dangerousCalls, ...asked),
  'swallowed-errors': (...asked) => opinionOf(swallowedErrors, ...asked),
  'resource-leaks': (...asked) => opinionOf(resourceLeaks, ...asked),
  'weak-crypto': (...asked) => opinionOf(weakCrypto, ...asked),
};
const QUESTIONS = {
  secrets,
  injection,
  'dangerous-calls': dangerousCalls,
  'swallowed-errors': swallowedErrors,
  'resource-leaks': resourceLeaks,
  'weak-crypto': weakCrypto,
};

/** What one side says of a claim of a lens; `row` from 0. */
export function askSide(lens: Lens, side: Side, source: Source, row: number): Opinion {
  return ASK[lens](side, source, row);
}

/** What a claim of a lens is about, as the syntax tree shows it; `row` from 0. */
export function suspectOf(lens: Lens, source: Source, row: number): Suspect | null {
  return QUESTIONS[lens].suspectOn(source, row);
}
