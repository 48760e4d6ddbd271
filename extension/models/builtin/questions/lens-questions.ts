import type { SyntaxNode } from '../syntax/node.ts';
import type { Source } from '../syntax/parser.ts';
import { deadFromAround, deadFromTop, insideText } from './common.ts';

/** The three sides from which a claim is attacked. */
export const SIDES = ['live code', 'data flow', 'real impact'] as const;
export type Side = (typeof SIDES)[number];

export interface Opinion {
  refuted: boolean;
  reason: string;
}

export const refutes = (reason: string): Opinion => ({ refuted: true, reason });
export const holds = (reason: string): Opinion => ({ refuted: false, reason });

/** What a claim is about, as the syntax tree shows it. */
export interface Suspect {
  kind: string;
  node: SyntaxNode;
  /** What matters about it: the arguments, the value, the body; the questions of a lens know which. */
  inputs: SyntaxNode[];
}

export interface Case<S extends Suspect = Suspect> {
  source: Source;
  root: SyntaxNode;
  suspect: S;
}

/**
 * The questions of one lens. Each side has its own way to the truth, so that a claim falls only where two ways lead to the same
 * end: `liveCode` looks at what stands around the suspect, `dataFlow` follows its values, `realImpact` asks what could happen.
 */
export interface LensQuestions<S extends Suspect = Suspect> {
  /** What the lens looks for, for the sentence "there is no ... in this line". */
  noun: string;
  /** @param row from 0 */
  suspectOn(source: Source, row: number): S | null;
  liveCode(asked: Case<S>): Opinion;
  dataFlow(asked: Case<S>): Opinion;
  realImpact(asked: Case<S>): Opinion;
}

/** What one side says of a claim; `row` from 0. */
export function opinionOf<S extends Suspect>(
  questions: LensQuestions<S>,
  side: Side,
  source: Source,
  row: number,
): Opinion {
  const suspect = questions.suspectOn(source, row);
  const absent = `There is no ${questions.noun} in line ${row + 1}.`;
  if (side === 'live code') {
    const doubt = insideText(source, row) ?? (suspect && deadFromAround(source, suspect.node));
    if (doubt) return refutes(doubt);
    return suspect ? questions.liveCode({ source, root: source.root, suspect }) : refutes(absent);
  }
  if (side === 'data flow') {
    return suspect
      ? questions.dataFlow({ source, root: source.root, suspect })
      : refutes('By the syntax tree no value flows here.');
  }
  const doubt = deadFromTop(source, row);
  if (doubt) return refutes(doubt);
  return suspect
    ? questions.realImpact({ source, root: source.root, suspect })
    : refutes('The line holds nothing that could do harm.');
}
