/** Runs and details in which every text that a script or a model chose means harm. */
import type { CallDetails, TranscriptEntry } from '../../extension/protocol/call-details.ts';
import type { Json } from '../../extension/protocol/json.ts';
import type { ProgressEvent, RunEvent } from '../../extension/protocol/run-events.ts';
import { questionRun, SAMPLE_FORM } from './sample-questions.ts';
import { sampleRun } from './sample-run.ts';
import { HOSTILE } from './sample-texts.ts';

/** Fields that mean something to us, and whose values are none of the script's. */
const OURS = new Set([
  'type',
  'kind',
  'role',
  'outcome',
  'status',
  'engine',
  'level',
  'verdict',
  'vote',
  'answeredBy',
  'stopped',
  'key',
  'id',
  'digest',
  'provider',
]);
const TEXTS = Object.values(HOSTILE);
const SHORT = TEXTS.filter((text) => text.length < 10_000);

/** The same text becomes the same, so that phases stay phases; the long one is rare, for events are small. */
class Spoiler {
  private readonly known = new Map<string, string>();

  text(original: string): string {
    const known = this.known.get(original);
    if (known !== undefined) return known;
    const index = this.known.size;
    const round = index < TEXTS.length ? TEXTS : SHORT;
    const text = `${round[index % round.length]}${round === TEXTS ? '' : ` שלום ${index}`}`;
    this.known.set(original, text);
    return text;
  }

  value(value: unknown, name = ''): unknown {
    if (typeof value === 'string') return OURS.has(name) ? value : this.text(value);
    if (Array.isArray(value)) return value.map((each) => this.value(each, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.value(each, key)]));
  }
}

export interface HostileRun {
  events: (RunEvent | ProgressEvent)[];
  now: number;
}

/** A run that asks, calls tools and scripts, and judges: the form of its question too. */
export function hostileQuestions(): HostileRun {
  const { events, now } = questionRun({ asks: { schema: SAMPLE_FORM, timeoutAt: null } });
  const spoiler = new Spoiler();
  const spoilt = events.map((event) => {
    const copy = spoiler.value(event) as RunEvent;
    if (copy.type === 'call.issued' && copy.call.checkpoint?.schema) copy.call.checkpoint.schema = hostileSchema();
    return copy;
  });
  const logs = TEXTS.map(
    (message, index): RunEvent => ({ type: 'log', level: 'warning', message, seq: events.length + 1 + index, at: now }),
  );
  return { events: [...spoilt, ...logs], now };
}

/** Finders in rounds of a pipeline, claims with their challengers. */
export function hostileSweep(): HostileRun {
  const { events, progress, now } = sampleRun({ agents: 60, state: 'running' });
  const spoiler = new Spoiler();
  return { events: [...events, ...progress].map((event) => spoiler.value(event) as RunEvent), now };
}

/** Its names are own properties, as JSON has them. */
function hostileSchema() {
  const properties = TEXTS.map((text, index) => [
    text.slice(0, 200),
    { type: index % 2 ? 'string' : 'boolean', title: text, description: text },
  ]);
  const choice = { enum: TEXTS, title: 'one of all' };
  return JSON.parse(
    JSON.stringify({
      type: 'object',
      required: ['__proto__'],
      properties: Object.fromEntries([...properties, ['choice', choice]]),
    }),
  ) as never;
}

/** What each call of such a run was asked, did and answered. */
export function hostileDetails(events: HostileRun['events']): Record<string, CallDetails> {
  const details: Record<string, CallDetails> = {};
  let turn = 0;
  for (const event of events) {
    if (event.type !== 'call.issued') continue;
    const { id } = event.call;
    const text = () => TEXTS[turn++ % TEXTS.length]!;
    details[id] = {
      id,
      prompt: text(),
      options: { label: text() },
      transcript: entriesOf(event.at, text),
      answer: answerOf(text),
    };
  }
  return details;
}

function entriesOf(at: number, text: () => string): TranscriptEntry[] {
  const input = { path: text(), old_string: text(), new_string: text(), command: text() };
  return [
    { type: 'text', at, text: text() },
    { type: 'tool', at, id: 't', name: text(), input, output: text(), isError: true, durationMs: 1 },
    { type: 'tool', at, id: 'u', name: 'edit', input, output: text(), whole: text(), isError: false, durationMs: 1 },
    { type: 'answer-rejected', at, answer: answerOf(text), problems: text() },
    { type: 'retry', at, reason: text(), delayMs: 1 },
    { type: 'message', at, text: text() },
    { type: 'note', at, text: text() },
  ];
}

function answerOf(text: () => string): Json {
  return JSON.parse(
    JSON.stringify({ findings: [{ title: text(), file: text(), line: 1 }], verdict: text() }).replace(
      '"findings"',
      '"__proto__":{"polluted":1},"findings"',
    ),
  ) as Json;
}

export const HOSTILE_REPORT = `# ${HOSTILE.html}\n\n${SHORT.join('\n\n')}\n\n| a | b |\n|---|---|\n| ${HOSTILE.markdown} | ${HOSTILE.override} |\n\n\`\`\`html\n${HOSTILE.script}\n\`\`\``;
