/**
 * How many challengers a claim takes: the fixed majority vote beside the sequential test, at the same error rates.
 * Votes are drawn by the rates that the test assumes, and, to see what it costs to be wrong about them, by others.
 */
import { decide, FALSE_ALARM_RATE, HIT_RATE, votesMissing } from '../extension/dialect/prelude/sequential-test.ts';
import { seededRandom } from '../test/support/seeded-random.ts';

const CLAIMS = 200_000;
/** As `max` in `challenge()`, but high enough to see the test itself. */
const MOST = 99;

interface Outcome {
  /** Challengers a claim, on average. */
  asked: number;
  /** Share of claims decided wrongly, of true and false ones together. */
  wrong: number;
}

/** Prints for each confidence the sequential test's cost and error, and the fixed vote that errs no more. */
export async function run(): Promise<void> {
  for (const [hit, falseAlarm] of [
    [HIT_RATE, FALSE_ALARM_RATE],
    [0.7, 0.3],
    [0.9, 0.1],
  ] as const) {
    const assumed = hit === HIT_RATE && falseAlarm === FALSE_ALARM_RATE ? ', as the test assumes' : '';
    console.log(
      `challengers that refute ${hit * 100} % of false claims and ${falseAlarm * 100} % of true ones${assumed}:`,
    );
    for (const confidence of [0.8, 0.9, 0.95, 0.99]) {
      const sequential = simulate(hit, falseAlarm, (draw) => sequentialVote(draw, confidence));
      const fixed = fixedThatErrsNoMore(hit, falseAlarm, sequential.wrong);
      const ratio = (sequential.asked / fixed.size).toFixed(2);
      console.log(
        `  confidence ${confidence}: ${sequential.asked.toFixed(2)} challengers, ${percent(sequential.wrong)} wrong;` +
          ` fixed vote ${fixed.size}, ${percent(fixed.wrong)} wrong: ${ratio} ×`,
      );
    }
  }
}

type Draw = () => boolean;
type Vote = (refutes: Draw) => { refuted: boolean; asked: number };

function sequentialVote(refutes: Draw, confidence: number): { refuted: boolean; asked: number } {
  const votes = { for: 0, against: 0 };
  for (;;) {
    const verdict = decide(votes, confidence);
    const asked = votes.for + votes.against;
    if (verdict || asked >= MOST) return { refuted: verdict === 'refuted', asked };
    for (let missing = votesMissing(votes, confidence); missing > 0; missing--)
      votes[refutes() ? 'against' : 'for'] += 1;
  }
}

function majority(refutes: Draw, size: number): { refuted: boolean; asked: number } {
  let against = 0;
  for (let i = 0; i < size; i++) if (refutes()) against += 1;
  return { refuted: against * 2 > size, asked: size };
}

function simulate(hit: number, falseAlarm: number, vote: Vote): Outcome {
  const random = seededRandom(7);
  let asked = 0;
  let wrong = 0;
  for (let i = 0; i < CLAIMS; i++) {
    const isFalse = i % 2 === 0;
    const outcome = vote(() => random() < (isFalse ? hit : falseAlarm));
    asked += outcome.asked;
    if (outcome.refuted !== isFalse) wrong += 1;
  }
  return { asked: asked / CLAIMS, wrong: wrong / CLAIMS };
}

/** The smallest odd vote whose error is not above the one given, but for the noise of the simulation. */
function fixedThatErrsNoMore(hit: number, falseAlarm: number, wrong: number): { size: number; wrong: number } {
  const noise = 2 * Math.sqrt((wrong * (1 - wrong)) / CLAIMS);
  for (let size = 1; ; size += 2) {
    const outcome = simulate(hit, falseAlarm, (draw) => majority(draw, size));
    if (outcome.wrong <= wrong + noise || size >= MOST) return { size, wrong: outcome.wrong };
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
