/** Events of the run in the README's picture: wide, at work, with something of each kind to be seen. */
import type {
  CallInfo,
  CallSettled,
  GroupInfo,
  ProgressEvent,
  RunEvent,
  RunEventBody,
} from '../../extension/protocol/run-events.ts';
import type { Verdict } from '../../extension/protocol/sandbox-wire.ts';
import { AREAS, CLAIMS, DOINGS, FAILURES, LENSES, REASONS } from './sample-texts.ts';
import { seededRandom } from './seeded-random.ts';
import { SAMPLE_START, usageOf } from './sweep-player.ts';

const SECOND = 1000;
const NOW = SAMPLE_START + 372 * SECOND;
const SIDES = ['correctness', 'exploitability', 'reachability'];
const STAGES = ['read', 'map', 'rank', 'brief'];

/** How a call stands: what it came to, `null` while it is at work, undefined while it waits. */
type Standing = Partial<CallSettled> | null | undefined;

export interface PictureRun {
  events: RunEvent[];
  progress: ProgressEvent[];
  now: number;
  /** The challenger whose details are to be seen, and when it began. */
  looksAt: number;
  startedAt: number;
}

export function pictureRun(): PictureRun {
  return new PictureMaker().make();
}

class PictureMaker {
  private readonly events: { at: number; body: RunEventBody }[] = [];
  private readonly working: number[] = [];
  private readonly random = seededRandom(11);
  private calls = 0;
  private groups = 0;
  private looksAt = 0;

  make(): PictureRun {
    this.begin();
    this.prepare();
    this.find();
    const upheld = this.challenge();
    this.ask(upheld);
    const events = this.events
      .sort((a, b) => a.at - b.at)
      .map(({ at, body }, index): RunEvent => ({ ...body, seq: index + 1, at }));
    const progress = this.working.map((id): ProgressEvent => {
      const doing = id === this.looksAt ? 'thinking' : DOINGS[id % DOINGS.length]!;
      return { type: 'call.progress', id, at: NOW, doing, usage: usageOf(6100, 412) };
    });
    return { events, progress, now: NOW, looksAt: this.looksAt, startedAt: this.beganAt(this.looksAt) };
  }

  private begin(): void {
    this.emit(0, {
      type: 'run.created',
      run: {
        id: 'picture',
        name: 'security-review',
        description: 'Finders cast wide, challengers refute, rounds until nothing new.',
        script: '.counterpoint/workflows/security-review.js',
        digest: 'a'.repeat(64),
        provider: 'anthropic',
        providerTitle: 'Anthropic',
        model: 'claude-opus-5-5',
        phases: ['Scout', 'Find', 'Challenge', 'Decide'].map((title) => ({ title })),
        limits: {
          concurrency: 16,
          maxAgents: 1000,
          budget: null,
          maxCostUsd: 5,
          agentTimeoutMs: null,
          runTimeoutMs: null,
        },
      },
    });
    this.emit(0, { type: 'run.started', attempt: 1, engine: 'isolated-vm' });
  }

  /** A matrix: a row an area, a column a stage; one item failed, some are still on their way. */
  private prepare(): void {
    this.call(0, 14, { label: 'list source files', phase: 'Scout', line: 31 }, {});
    const pipeline = this.group(14, { kind: 'pipeline', phase: 'Scout', size: 12, stages: 4, labels: AREAS });
    const done = [4, 4, 4, 1, 4, 3, 4, 3, 2, 3, 2, 4];
    const busy = new Set([5, 7, 8]);
    for (const [item, stages] of done.entries()) {
      for (let stage = 0; stage <= Math.min(stages, 3); stage++) {
        const ends = 34 + stage * 22 + item * 2;
        const place = {
          label: `${STAGES[stage]} · ${AREAS[item]}`,
          phase: 'Scout',
          group: pipeline,
          slot: [item, stage],
        };
        if (stage < stages) this.call(ends - 18, ends, { ...place, line: 38 }, {});
        else if (item === 3) this.call(60, 84, { ...place, line: 38 }, { outcome: 'failed', cause: FAILURES[0]! });
        else this.call(busy.has(item) ? 340 + item : 350, 0, { ...place, line: 38 }, busy.has(item) ? null : undefined);
      }
    }
    this.emit(15, { type: 'log', level: 'info', message: '412 files in 12 areas' });
  }

  /** A loop of rounds, each a field of squares; the second is at work. */
  private find(): void {
    this.emit(30, { type: 'phase.began', title: 'Find' });
    const converge = this.group(30, { kind: 'converge', phase: 'Find' });
    this.round(converge, 0, 240, 240);
    this.emit(190, { type: 'group.changed', id: this.groups, change: { closed: true } });
    this.emit(190, { type: 'group.changed', id: this.groups - 1, change: { closed: true, fresh: 41 } });
    const estimate = { found: 41, total: 50, low: 44, high: 58 };
    this.emit(190, { type: 'group.changed', id: converge, change: { fresh: 41, total: 41, estimate } });
    this.round(converge, 1, 160, 98);
  }

  private round(converge: number, index: number, size: number, ended: number): void {
    const from = index === 0 ? 30 : 192;
    const label = `round ${index + 1}`;
    const parent = this.group(from, { kind: 'round', phase: 'Find', parent: converge, slot: [index], label });
    const group = this.group(from, { kind: 'parallel', phase: 'Find', parent, slot: [index], size });
    for (let item = 0; item < size; item++) {
      const area = AREAS[Math.floor(item / LENSES.length) % AREAS.length]!;
      const label = `find · ${area} · ${LENSES[item % LENSES.length]}`;
      const place = { label, phase: 'Find', group, slot: [item], line: 47 };
      const began = from + Math.floor((item / size) * 150);
      this.call(began, began + 9 + (item % 11), place, this.foundBy(index, item, ended));
    }
  }

  private foundBy(round: number, item: number, ended: number): Standing {
    if (round === 1 && (item === 61 || item === 74)) return { outcome: 'failed', cause: FAILURES[1 + (item % 2)]! };
    if (item < ended) return { reused: round === 0 && item % 9 === 4 };
    return item < ended + 3 ? null : undefined;
  }

  /** Claims with the votes of their challengers. Returns how many were upheld. */
  private challenge(): number {
    this.emit(200, { type: 'phase.began', title: 'Challenge' });
    let upheld = 0;
    for (let claim = 0; claim < 47; claim++) {
      const { title, file } = CLAIMS[claim % CLAIMS.length]!;
      const from = 200 + claim * 3;
      const detail = `${file}:${claim === 4 ? 57 : 10 + ((claim * 31) % 400)}`;
      const labels = SIDES;
      const group = this.group(from, { kind: 'challenge', phase: 'Challenge', label: title, detail, size: 3, labels });
      const verdict = this.votes(group, claim, from);
      if (!verdict) continue;
      if (verdict.verdict === 'upheld') upheld += 1;
      this.emit(from + 30, { type: 'group.changed', id: group, change: { closed: true, verdict } });
    }
    return upheld;
  }

  private votes(group: number, claim: number, from: number): Verdict | null {
    const atWork = claim === 4 || (claim > 32 && claim < 37);
    const begun = claim < 37;
    const refuted = [2, 3].includes(claim) || (claim > 8 && this.random() < 0.36);
    const verdict: Verdict = { verdict: 'unverified', for: 0, against: 0, failed: 0, reasons: [] };
    for (const [side, name] of SIDES.entries()) {
      const against = refuted ? side !== claim % 5 : side === 2 && claim % 4 === 1;
      const failed = claim === 5 && side > 0;
      const vote = against ? 'against' : 'for';
      const standing: Standing = failed
        ? { outcome: 'failed', cause: FAILURES[1]! }
        : atWork && side > 0
          ? null
          : begun
            ? { vote }
            : undefined;
      const place = { label: `challenge · ${name}`, phase: 'Challenge', group, slot: [side], line: 61 };
      const began = atWork ? 348 : from;
      this.call(began, began + 12 + side, { ...place, role: 'challenger', model: 'claude-opus-5-5' }, standing);
      if (claim === 4 && side === 1) this.looksAt = this.calls;
      if (failed) verdict.failed += 1;
      else verdict[against ? 'against' : 'for'] += 1;
      verdict.reasons.push(failed ? '' : REASONS[vote][side]!);
    }
    if (atWork || !begun) return null;
    if (verdict.for + verdict.against > 1) verdict.verdict = verdict.for > verdict.against ? 'upheld' : 'refuted';
    return verdict;
  }

  private ask(upheld: number): void {
    this.emit(312, { type: 'phase.began', title: 'Decide' });
    const question = `${upheld} claims hold so far. Another round of finders, or report now?`;
    const checkpoint = {
      question,
      detail: '',
      choices: ['Another round', 'Report now'],
      schema: null,
      askedAt: SAMPLE_START + 312 * SECOND,
      timeoutAt: null,
    };
    this.call(312, 0, { kind: 'checkpoint', label: question, phase: 'Decide', line: 74, checkpoint }, null);
  }

  /** Seconds since the beginning. */
  private call(from: number, to: number, info: Partial<CallInfo> & { line: number }, standing: Standing): void {
    const id = ++this.calls;
    const { line, ...given } = info;
    const base = { kind: 'agent', role: 'agent', label: '', phase: null, group: null, slot: [], model: '' } as const;
    const call: CallInfo = { ...base, slot: [], at: { line, column: 18 }, ...given, id, key: `k${id}` };
    this.emit(from, { type: 'call.issued', call });
    if (standing === undefined) return;
    this.emit(from, { type: 'call.started', id });
    if (standing === null) {
      if (call.kind === 'agent') this.working.push(id);
      return;
    }
    const usage = usageOf(1200 + Math.round(this.random() * 2400), 60 + Math.round(this.random() * 160));
    const durationMs = (to - from) * SECOND;
    const settled: CallSettled = { outcome: 'succeeded', reused: false, usage, requests: 3, durationMs, spent: 0 };
    this.emit(to, { type: 'call.settled', id, settled: { ...settled, ...standing } });
  }

  private group(at: number, info: Partial<GroupInfo> & Pick<GroupInfo, 'kind'>): number {
    const id = ++this.groups;
    const base = { phase: null, parent: null, slot: [], label: '', detail: '', size: 0, stages: 0, labels: [] };
    this.emit(at, { type: 'group.opened', group: { ...base, ...info, id } });
    return id;
  }

  private emit(seconds: number, body: RunEventBody): void {
    this.events.push({ at: SAMPLE_START + seconds * SECOND, body });
  }

  private beganAt(id: number): number {
    return this.events.find(({ body }) => body.type === 'call.started' && body.id === id)?.at ?? NOW;
  }
}
