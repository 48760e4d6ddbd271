/** Precision and recall of bug-sweep with the built-in analyst on the labelled corpus, before and after the challengers. */
import { type CorpusPart, labelsOf, type SweepFinding, sweepCorpus } from '../test/support/corpus.ts';
import { missed, score, wrong } from '../test/support/scoring.ts';

const LENSES = ['secrets', 'injection', 'dangerous-calls', 'swallowed-errors', 'resource-leaks', 'weak-crypto'];

/** Prints a table for each part of the corpus, then what was wrong and what was missed, and why. */
export async function run(): Promise<void> {
  for (const part of ['first', 'second'] as const) await measure(part);
}

async function measure(part: CorpusPart): Promise<void> {
  const labels = labelsOf(part);
  const began = performance.now();
  const { result } = await sweepCorpus(part);
  const seconds = (performance.now() - began) / 1_000;
  const all = [...result.findings, ...result.refuted, ...result.unverified];
  const real = labels.filter((label) => label.real).length;
  console.log(
    `\ncorpus "${part}": ${real} bugs, ${labels.length - real} that only look like one (${seconds.toFixed(1)} s)`,
  );
  console.log('                     found by finders       after the challengers');
  console.log('                   precision   recall       precision   recall');
  for (const lens of [...LENSES, 'all']) {
    const ofLens = <P extends { lens: string }>(items: P[]): P[] =>
      items.filter((item) => lens === 'all' || item.lens === lens);
    const before = score(ofLens(all), ofLens(labels));
    const after = score(ofLens(result.findings), ofLens(labels));
    const columns = [before.precision, before.recall, after.precision, after.recall].map((share) =>
      share.toFixed(2).padStart(9),
    );
    console.log(`${lens.padEnd(18)}${columns[0]}${columns[1]}       ${columns[2]}${columns[3]}`);
  }
  for (const finding of wrong(result.findings, labels)) console.log(`wrong   ${describe(finding)}`);
  for (const label of missed(result.findings, labels)) {
    const fallen = all.find(
      (finding) => finding.file === label.file && finding.line === label.line && finding.lens === label.lens,
    );
    console.log(
      `missed  ${label.file}:${label.line} ${label.lens} (${label.note})${fallen ? describe(fallen) : ' was not found'}`,
    );
  }
}

function describe(finding: SweepFinding): string {
  const { verdict } = finding;
  return `${finding.file}:${finding.line} ${finding.lens} ${verdict.for}:${verdict.against} ${finding.evidence.slice(0, 90)}\n          ${verdict.reasons.join('\n          ')}`;
}
