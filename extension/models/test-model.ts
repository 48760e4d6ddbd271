import { errorInfo } from '../protocol/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';
import type { Usage } from '../protocol/run-events.ts';
import { ModelError, type ModelReply, type ModelRequest, type Provider } from './provider.ts';

/** What a model was seen to do in one small request. */
export interface ModelTest {
  provider: string;
  model: string;
  /** Why it is of no use, in one line; null: agents can work with it. */
  problem: string | null;
  /** What kind of problem it is where something can be done about it: the credentials were refused, or it passes by itself and agents would ask again. */
  remedy?: 'credentials' | 'time';
  /** It wrote text; it called a tool; what it gave the tool fits the schema; what it said came in pieces. */
  text: boolean;
  tools: boolean;
  structured: boolean;
  streaming: boolean;
  /** Absent where no reply came. */
  usage?: Usage;
  /** Milliseconds to its first text, and to the end; the first is null where no text came. */
  firstTextMs: number | null;
  ms: number;
  /** What it does not understand, as found on the way. */
  notes: string[];
}

const MAX_OUTPUT_TOKENS = 2_000;
const PROMPT =
  'This is a test of the connection. First write one sentence that says hello, of about ten words. ' +
  'Then call the tool `answer` with "ready" as the word and 7 as the number.';
const SCHEMA: JsonObject = {
  type: 'object',
  properties: { word: { type: 'string' }, number: { type: 'integer' } },
  required: ['word', 'number'],
  additionalProperties: false,
};

/**
 * Makes one small real request, with a tool and a schema, and says what the model can do, or clearly why not.
 * It costs what some hundred tokens do. Rejects with the signal's reason when aborted, and for nothing else.
 */
export async function testModel(provider: Provider, model: string, signal: AbortSignal): Promise<ModelTest> {
  const started = performance.now();
  const notes: string[] = [];
  let pieces = 0;
  let firstTextMs: number | null = null;
  const onText = (): void => {
    pieces += 1;
    firstTextMs ??= Math.round(performance.now() - started);
  };
  const seen = { provider: provider.title, model, text: false, tools: false, structured: false, streaming: false };
  const since = (): number => Math.round(performance.now() - started);
  try {
    const watch = { signal, onText, onNote: (note: string) => void notes.push(note) };
    const reply = await provider.complete(requestTo(model), watch);
    const abilities = abilitiesIn(reply, pieces);
    return {
      ...seen,
      ...abilities,
      problem: problemWith(reply, abilities),
      usage: reply.usage,
      firstTextMs,
      ms: since(),
      notes,
    };
  } catch (error) {
    signal.throwIfAborted();
    const problem = error instanceof ModelError ? error.message : `It failed: ${errorInfo(error).message}`;
    const remedy = remedyFor(error);
    return { ...seen, problem, ...(remedy && { remedy }), firstTextMs, ms: since(), notes };
  }
}

function requestTo(model: string): ModelRequest {
  return {
    model,
    system: '',
    messages: [{ role: 'user', content: [{ type: 'text', text: PROMPT }] }],
    tools: [{ name: 'answer', description: 'Give the result.', inputSchema: SCHEMA, strict: true }],
    maxOutputTokens: MAX_OUTPUT_TOKENS,
  };
}

type Abilities = Pick<ModelTest, 'text' | 'tools' | 'structured' | 'streaming'>;

function abilitiesIn({ content }: ModelReply, pieces: number): Abilities {
  const calls = content.flatMap((block) => (block.type === 'tool_use' && block.name === 'answer' ? [block.input] : []));
  return {
    text: content.some((block) => block.type === 'text'),
    tools: calls.length > 0,
    structured: calls.some(fits),
    streaming: pieces > 1,
  };
}

function fits(input: Json): boolean {
  return isJsonObject(input) && typeof input.word === 'string' && Number.isInteger(input.number);
}

function remedyFor(error: unknown): ModelTest['remedy'] {
  if (!(error instanceof ModelError)) return undefined;
  if (error.status === 401 || error.status === 403) return 'credentials';
  return error.retryable ? 'time' : undefined;
}

/** Without text, or all at once, agents get along; without tools they can neither look at anything nor answer. */
function problemWith(reply: ModelReply, { tools, structured }: Abilities): string | null {
  if (reply.stopReason === 'refusal') return `It declined to answer${reply.stopDetail ? `: ${reply.stopDetail}` : '.'}`;
  if (!tools)
    return 'It did not call the tool that it was offered: agents could neither look at anything nor give a result.';
  return structured
    ? null
    : 'What it gave to the tool does not fit the schema: results of agents would often be refused.';
}
