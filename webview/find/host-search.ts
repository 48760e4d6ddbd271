import { MOST_HITS, type SearchHit } from '../../extension/protocol/panel-messages.ts';
import type { RunStore } from '../store.ts';

/** How long nothing must have been typed before the host is asked, in milliseconds. */
const TYPING_MS = 200;
/** As the run grows the host is asked again at most this often, and for at most a fifth of the time. */
const AGAIN_MS = 3000;
const AGAIN_TIMES = 4;
/** What a request may carry. */
export const MOST_TEXT = 1000;

interface Told {
  /** Of which attempt of which run. */
  of: string;
  text: string;
  hits: SearchHit[];
  /** More than are told. */
  more: boolean;
  problem: string | null;
  /** The version of the run that was looked through. */
  version: number;
  /** Not to be asked again before; as `performance.now()`. */
  fresh: number;
}

const NOTHING: Told = { of: '', text: '', hits: [], more: false, problem: null, version: -1, fresh: 0 };

/** What the host finds in prompts, answers and transcripts: one question at a time, and an answer to what is looked for no more counts for nothing. */
export class HostSearch {
  private readonly run: RunStore;
  private readonly changed: () => void;
  private text = '';
  private typedAt = 0;
  private told = NOTHING;
  private asking = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(run: RunStore, changed: () => void) {
    this.run = run;
    this.changed = changed;
    run.subscribe(() => this.plan());
  }

  /** Looks for this from now on; empty: for nothing. */
  look(text: string): void {
    if (text === this.text) return;
    this.text = text;
    this.typedAt = performance.now();
    this.plan();
  }

  get answer(): Pick<Told, 'hits' | 'more' | 'problem'> & { complete: boolean } {
    if (this.isAnswered()) return { ...this.told, complete: true };
    return { hits: [], more: false, problem: null, complete: this.text === '' };
  }

  private isAnswered(): boolean {
    return this.text !== '' && this.told.text === this.text && this.told.of === this.attempt();
  }

  private attempt(): string {
    return `${this.run.runId} ${this.run.tree.attempt}`;
  }

  private plan(): void {
    clearTimeout(this.timer);
    if (this.text === '' || this.asking || !this.run.loaded) return;
    const answered = this.isAnswered();
    if (answered && this.told.version === this.run.version) return;
    const due = answered ? this.told.fresh : this.typedAt + TYPING_MS;
    this.timer = setTimeout(() => void this.ask(), Math.max(0, due - performance.now()));
  }

  private async ask(): Promise<void> {
    const { text } = this;
    const told: Told = { ...NOTHING, text, of: this.attempt(), version: this.run.version };
    const began = performance.now();
    this.asking = true;
    try {
      const hits: unknown = await this.run.host.request({ method: 'search', text: text.slice(0, MOST_TEXT) });
      told.hits = Array.isArray(hits) ? hits.filter(isHit) : [];
      told.more = told.hits.length >= MOST_HITS;
    } catch (error) {
      told.problem = error instanceof Error ? error.message : String(error);
    }
    this.asking = false;
    const now = performance.now();
    told.fresh = now + Math.max(AGAIN_MS, AGAIN_TIMES * (now - began));
    this.told = told;
    this.plan();
    if (this.isAnswered()) this.changed();
  }
}

function isHit(value: unknown): value is SearchHit {
  if (typeof value !== 'object' || value === null) return false;
  const { call, in: where, excerpt } = value as Record<string, unknown>;
  return typeof call === 'number' && typeof excerpt === 'string' && PLACES.has(where);
}

const PLACES: ReadonlySet<unknown> = new Set<SearchHit['in']>(['prompt', 'answer', 'transcript']);
