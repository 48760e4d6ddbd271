/** Plays the schedule of a sample run: what is asked, 16 at a time, and what comes of it. */
import type { CallSettled, RunEvent, RunEventBody, Usage } from '../../extension/protocol/run-events.ts';
import type { Estimate, Verdict } from '../../extension/protocol/sandbox-wire.ts';
import type { SampleOptions } from './sample-run.ts';
import { AREAS, CLAIMS, FAILURES, LENSES, PHASES, REASONS } from './sample-texts.ts';
import { seededRandom } from './seeded-random.ts';

export const SAMPLE_START = Date.UTC(2026, 9, 12, 9, 0, 0);
const CONCURRENCY = 16;

/** A price of 3 and 15 dollars a million tokens. */
export function usageOf(inputTokens: number, outputTokens: number): Usage {
  const costUsd = (inputTokens * 3 + outputTokens * 15) / 1e6;
  return { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd };
}

interface Task {
  id: number;
  durationMs: number;
  endsAt: number;
  settled: CallSettled;
  then: (settled: CallSettled) => void;
}

interface Place {
  label: string;
  phase: string;
  group: number | null;
  slot: number[];
  role?: 'challenger';
  vote?: 'for' | 'against';
  line: number;
  mayFail?: boolean;
}

export class SweepPlayer {
  private readonly options: SampleOptions;
  private readonly events: RunEvent[] = [];
  private readonly waiting: Task[] = [];
  private readonly working: Task[] = [];
  private readonly random: () => number;
  private now: number;
  private calls = 0;
  private groups = 0;
  private claims = 0;
  private failures = 0;
  private readonly finders: number;
  private readonly allClaims: number;

  constructor(options: SampleOptions) {
    this.options = options;
    this.random = seededRandom(options.seed ?? 7);
    this.now = options.startedAt ?? SAMPLE_START;
    const finders = Math.max(1, Math.round((options.agents - 2) * (options.agents < 40 ? 0.3 : 0.58)));
    this.allClaims = Math.floor((options.agents - 2 - finders) / 3);
    this.finders = options.agents - 2 - 3 * this.allClaims;
  }

  play(): RunEvent[] {
    this.begin();
    this.phase('Scout');
    this.issue({ label: 'list source files', phase: 'Scout', group: null, slot: [], line: 31 }, () => this.find());
    while (this.waiting.length + this.working.length > 0) this.step();
    return this.events;
  }

  private begin(): void {
    const tokens = this.options.tokens !== false;
    this.emit({
      type: 'run.created',
      run: {
        id: `run-${this.options.agents}`,
        name: 'bug-sweep',
        description: 'Finders cast wide, challengers refute, rounds until nothing new.',
        script: 'bug-sweep.js',
        digest: 'a'.repeat(64),
        provider: tokens ? 'anthropic' : 'builtin',
        providerTitle: tokens ? 'Anthropic' : 'built-in analyst (no AI model)',
        model: tokens ? 'claude-opus-5-5' : 'builtin',
        phases: PHASES.map((title) => ({ title })),
        limits: {
          concurrency: CONCURRENCY,
          maxAgents: Math.max(1000, this.options.agents),
          budget: tokens ? 5_000_000 : null,
          maxCostUsd: null,
          agentTimeoutMs: null,
          runTimeoutMs: null,
        },
      },
    });
    this.emit({ type: 'run.started', attempt: 1, engine: 'isolated-vm' });
  }

  private find(): void {
    this.log('info', `412 files in ${AREAS.length} areas`);
    this.phase('Find');
    const converge = this.open({ kind: 'converge', phase: 'Find', parent: null, slot: [], label: '', size: 0 });
    const shares = this.options.agents < 40 ? [this.finders] : split(this.finders, [0.56, 0.31, 0.13]);
    this.round(converge, shares, 0, 0);
  }

  private round(converge: number, shares: number[], index: number, found: number): void {
    const size = shares[index];
    if (size === undefined) return this.converged(converge, found);
    const round = this.open({
      kind: 'round',
      phase: 'Find',
      parent: converge,
      slot: [index],
      label: `round ${index + 1}`,
      size: 0,
    });
    const lens = (item: number) => LENSES[(item + index) % LENSES.length]!;
    const area = (item: number) => AREAS[Math.floor(item / LENSES.length) % AREAS.length]!;
    const labels = Array.from({ length: Math.min(size, 256) }, (_, item) => `${area(item)} · ${lens(item)}`);
    const pipeline = this.open({
      kind: 'pipeline',
      phase: 'Find',
      parent: round,
      slot: [index],
      label: '',
      size,
      stages: 2,
      labels,
    });
    const claims = this.claimsOfRound(shares, index);
    let open = size;
    const done = () => {
      open -= 1;
      if (open > 0) return;
      this.change(pipeline, { closed: true });
      this.change(round, { closed: true, fresh: claims });
      this.change(converge, { fresh: claims, total: found + claims, estimate: estimateOf(found + claims, index) });
      this.round(converge, shares, index + 1, found + claims);
    };
    for (let item = 0; item < size; item++) {
      const own = Math.floor(((item + 1) * claims) / size) - Math.floor((item * claims) / size);
      const place: Place = {
        label: `find · ${area(item)} · ${lens(item)}`,
        phase: 'Find',
        group: pipeline,
        slot: [item, 0],
        line: 47,
        mayFail: own === 0,
      };
      this.issue(place, (settled) => {
        if (settled.outcome === 'failed')
          this.log('warning', `pipeline item ${item} failed: ${settled.cause?.message}`);
        if (own === 0) return done();
        this.challengeAll(pipeline, item, own, done);
      });
    }
  }

  private claimsOfRound(shares: number[], index: number): number {
    if (shares.length === 1) return this.allClaims;
    const parts = split(this.allClaims, [0.82, 0.14, 0.04]);
    return parts[index] ?? 0;
  }

  private challengeAll(pipeline: number, item: number, count: number, done: () => void): void {
    const all = this.open({
      kind: 'parallel',
      phase: 'Find',
      parent: pipeline,
      slot: [item, 1],
      label: '',
      size: count,
    });
    let open = count;
    for (let claim = 0; claim < count; claim++) {
      this.challenge(all, claim, () => {
        open -= 1;
        if (open > 0) return;
        this.change(all, { closed: true });
        done();
      });
    }
  }

  private challenge(parent: number, index: number, done: () => void): void {
    const claim = CLAIMS[this.claims++ % CLAIMS.length]!;
    const refuted = this.random() < 0.42;
    const lenses = ['reachability', 'exploitability', 'correctness'];
    const group = this.open({
      kind: 'challenge',
      phase: 'Challenge',
      parent,
      slot: [index],
      label: claim.title,
      detail: `${claim.file}:${10 + ((this.claims * 31) % 400)}`,
      size: 3,
      labels: lenses,
    });
    const verdict: Verdict = { verdict: 'unverified', for: 0, against: 0, failed: 0, reasons: [] };
    lenses.forEach((lens, challenger) => {
      const vote = this.random() < (refuted ? 0.85 : 0.12) ? 'against' : 'for';
      const place: Place = {
        label: `challenge · ${lens}`,
        phase: 'Challenge',
        group,
        slot: [challenger],
        role: 'challenger',
        vote,
        line: 61,
        mayFail: true,
      };
      this.issue(place, (settled) => {
        if (settled.outcome === 'failed') verdict.failed += 1;
        else if (settled.vote === 'for') verdict.for += 1;
        else verdict.against += 1;
        verdict.reasons.push(settled.outcome === 'failed' ? '' : REASONS[settled.vote ?? 'for'][challenger]!);
        if (verdict.for + verdict.against + verdict.failed < 3) return;
        this.change(group, { closed: true, verdict: { ...verdict, verdict: decide(verdict) } });
        done();
      });
    });
  }

  private converged(converge: number, found: number): void {
    this.change(converge, { closed: true, total: found, stopped: 'dry', estimate: estimateOf(found, 2) });
    this.phase('Report');
    this.issue({ label: 'write the report', phase: 'Report', group: null, slot: [], line: 92 }, () => {
      this.emit({ type: 'run.ended', status: this.failures > 0 ? 'completed_with_failures' : 'completed' });
    });
  }

  private issue(place: Place, then: (settled: CallSettled) => void): void {
    const id = ++this.calls;
    const { label, phase, group, slot, line } = place;
    this.emit({
      type: 'call.issued',
      call: {
        id,
        key: `k${id}`,
        kind: 'agent',
        role: place.role ?? 'agent',
        label,
        phase,
        group,
        slot,
        model: place.role ? 'claude-opus-5-5' : '',
        at: { line, column: 9 },
      },
    });
    const durationMs = Math.round(2500 + this.random() ** 3 * 60_000 + this.random() * 9000);
    this.waiting.push({ id, durationMs, endsAt: 0, settled: this.outcome(place, durationMs), then });
  }

  private outcome(place: Place, durationMs: number): CallSettled {
    const tokens = this.options.tokens !== false;
    const usage = tokens
      ? usageOf(1500 + Math.round(this.random() * 6000), 80 + Math.round(this.random() * 900))
      : usageOf(0, 0);
    const base = { reused: false, usage, requests: 3, durationMs, spent: 0 };
    if (place.mayFail && this.random() < 0.02) {
      this.failures += 1;
      return { ...base, outcome: 'failed', cause: FAILURES[this.failures % FAILURES.length]!, requests: 6 };
    }
    const reused = place.phase === 'Find' && this.random() < 0.12;
    return { ...base, outcome: 'succeeded', reused, ...(place.vote ? { vote: place.vote } : {}) };
  }

  private step(): void {
    while (this.working.length < CONCURRENCY && this.waiting.length > 0) {
      const task = this.waiting.shift()!;
      this.emit({ type: 'call.started', id: task.id });
      this.working.push({ ...task, endsAt: this.now + task.durationMs });
    }
    const next = this.working.reduce((first, task) => (task.endsAt < first.endsAt ? task : first));
    this.working.splice(this.working.indexOf(next), 1);
    this.now = next.endsAt;
    this.emit({ type: 'call.settled', id: next.id, settled: next.settled });
    next.then(next.settled);
  }

  private open(group: {
    kind: 'converge' | 'round' | 'pipeline' | 'parallel' | 'challenge';
    phase: string;
    parent: number | null;
    slot: number[];
    label: string;
    size: number;
    stages?: number;
    labels?: string[];
    detail?: string;
  }): number {
    const id = ++this.groups;
    this.emit({ type: 'group.opened', group: { stages: 0, labels: [], detail: '', ...group, id } });
    return id;
  }

  private change(id: number, change: Extract<RunEventBody, { type: 'group.changed' }>['change']): void {
    this.emit({ type: 'group.changed', id, change });
  }

  private phase(title: string): void {
    this.emit({ type: 'phase.began', title });
  }

  private log(level: 'info' | 'warning', message: string): void {
    this.emit({ type: 'log', level, message });
  }

  private emit(body: RunEventBody): void {
    this.events.push({ ...body, seq: this.events.length + 1, at: this.now });
  }
}

function decide(verdict: Verdict): Verdict['verdict'] {
  if (verdict.for + verdict.against < 2 || verdict.for === verdict.against) return 'unverified';
  return verdict.for > verdict.against ? 'upheld' : 'refuted';
}

function estimateOf(found: number, round: number): Estimate {
  const share = [0.78, 0.94, 0.97][round] ?? 0.97;
  return { found, total: found / share, low: found / Math.min(1, share + 0.03), high: found / (share - 0.07) };
}

function split(total: number, shares: number[]): number[] {
  const parts = shares.slice(0, -1).map((share) => Math.round(total * share));
  return [...parts, total - parts.reduce((sum, part) => sum + part, 0)];
}
