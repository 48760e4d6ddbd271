import { createHash } from 'node:crypto';
import type { BaseAnthropic } from '@anthropic-ai/sdk/client';
import type { Messages } from '@anthropic-ai/sdk/resources/messages/messages';
import type { Stream } from '@anthropic-ai/sdk/streaming';
import { type ErrorContext, oneLine, type ReplySoFar, toModelError } from './anthropic-errors.ts';
import { rateLimitOf } from './anthropic-limits.ts';
import { toWire, type Wire } from './anthropic-wire.ts';
import { CacheWarmth, type WarmPass } from './cache-warmth.ts';
import { Lacks, refusedFeatures } from './features.ts';
import { OutputRoom } from './output-room.ts';
import { knownModel } from './prices.ts';
import { type CompletionWatch, ModelError, type ModelReply, type ModelRequest } from './provider.ts';
import { ReplyAssembler } from './reply-assembler.ts';
import { SharedStarts } from './shared-start.ts';
import { SilenceWatch } from './silence-watch.ts';

/** The part of each of Anthropic's clients that is used here: `messages.create` would write to the console of some models. */
export type MessagesClient = Pick<BaseAnthropic, 'post'>;

type Reply = Messages.Message | Stream<Messages.RawMessageStreamEvent>;

/** One server that speaks the Messages API, in whatever guise. */
export interface MessagesServer extends ErrorContext {
  /** Asked for before each request, so that credentials that are not there yet are no matter until then. */
  client(): Promise<MessagesClient>;
  /** A reply of which not a byte comes for so long is cut, and may be tried again. */
  silenceMs: number;
  /** It may understand all of the API whatever its models are called, or not: that is found out. */
  optimistic?: boolean;
  /** What the prices of the table are to be multiplied with. */
  priceFactor?: number;
  /** The version of the API for this model, where it goes into the body; undefined: that of the SDK. */
  version?(model: string): string | undefined;
  /** The one to fall back to where that of the SDK is refused. */
  olderVersion?: string;
  /** Names of the models it has. Rejects where it does not tell. */
  listModels?(signal: AbortSignal): Promise<string[]>;
}

/** Bytes that a token of a prompt has about, where only a guess is needed. */
const CHARACTERS_PER_TOKEN = 4;
const MOST_NAMES = 12;
const LIST_MS = 5_000;

/** Asks one server for replies, and remembers what it does not understand and which prefixes are in its cache. */
export class MessagesApi {
  #server: MessagesServer;
  #lacks = new Lacks();
  #starts = new SharedStarts();
  #warmth = new CacheWarmth();
  #room = new OutputRoom();

  constructor(server: MessagesServer) {
    this.#server = server;
  }

  /** As `Provider.complete`; what is refused for a feature that it can do without is asked again without it. */
  async complete(request: ModelRequest, watch: CompletionWatch): Promise<ModelReply> {
    watch.signal.throwIfAborted();
    const kind = JSON.stringify([request.model, request.system, request.tools]);
    const prompt = request.messages[0]?.content[0];
    const shared = prompt?.type === 'text' ? this.#starts.find(kind, prompt.text) : 0;
    const start = prompt?.type === 'text' ? prompt.text.slice(0, shared) : '';
    const { model } = request;
    let room = this.#room.of(model, request.maxOutputTokens);
    for (const first = room; ; ) {
      const wire = this.#wireOf({ ...request, maxOutputTokens: room }, shared);
      const pass = await this.#pass(model, kind + start, watch.signal);
      try {
        if (pass?.waited) await watch.unpaused?.();
        const reply = await this.#ask(wire, pass, watch);
        if (room < first) this.#note(this.#room.grant(model, room), watch);
        return reply;
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        const less = this.#room.after(error, room);
        if (less !== null) room = less;
        else if (!this.#learn(model, wire, error, watch)) throw await this.#explained(error, model, watch);
      } finally {
        pass?.ended();
      }
    }
  }

  #wireOf(request: ModelRequest, shared: number): Wire {
    const { model } = request;
    const { optimistic = false, version, olderVersion } = this.#server;
    const old = this.#lacks.has(model, 'version') ? olderVersion : version?.(model);
    const wire = toWire(request, {
      takes: (feature, detail) => !this.#lacks.has(model, feature, detail),
      optimistic,
      shared,
      version: old,
    });
    if (old === undefined && olderVersion !== undefined) wire.used.push('version');
    return wire;
  }

  /** Where the prefix is too short for a cache, or nothing is known of one, nobody waits for another. */
  #pass(model: string, prefix: string, signal: AbortSignal): Promise<WarmPass> | null {
    const least = knownModel(model)?.minCached;
    if (least === undefined || this.#lacks.has(model, 'cache')) return null;
    if (prefix.length / CHARACTERS_PER_TOKEN < least) return null;
    return this.#warmth.enter(createHash('sha256').update(prefix).digest('hex'), signal);
  }

  /** Whether there is a feature to do without from now on, of which the person is told. */
  #learn(model: string, wire: Wire, error: ModelError, watch: CompletionWatch): boolean {
    const refused = refusedFeatures(error, wire.used, this.#server.optimistic === true);
    for (const feature of refused) {
      const details = feature === 'strict' ? wire.strict.split('\n') : [''];
      const notes = details.map((detail) => this.#lacks.add(model, feature, detail));
      const note = notes.find((told) => told !== null);
      this.#note(note ? `${note}; it said: ${error.message}` : null, watch);
    }
    return refused.length > 0;
  }

  #note(text: string | null, watch: CompletionWatch): void {
    if (text !== null) watch.onNote?.(oneLine(text, this.#server));
  }

  async #ask(wire: Wire, pass: WarmPass | null, watch: CompletionWatch): Promise<ModelReply> {
    const { params } = wire;
    const { priceFactor = 1, silenceMs } = this.#server;
    const assembler = new ReplyAssembler({
      model: params.model,
      promptCharacters: () => JSON.stringify([params.system, params.messages, params.tools]).length,
      priceFactor,
    });
    const silence = new SilenceWatch(silenceMs, watch.signal);
    let headers: Headers;
    try {
      const client = await this.#server.client();
      const options = { body: params, stream: params.stream === true, signal: silence.signal };
      const { data, response } = await client.post<Reply>('/v1/messages', options).withResponse();
      headers = response.headers;
      const hear = (text: string | null): void => {
        if (text) watch.onText?.(text);
      };
      for await (const event of eventsOf(data, response, silence)) {
        if (event.type === 'content_block_start' || event.type === 'whole') pass?.begun();
        hear(event.type === 'whole' ? assembler.addWhole(event.message) : assembler.add(event));
      }
    } catch (error) {
      watch.signal.throwIfAborted();
      if (silence.broken) throw noData(silenceMs, assembler.soFar());
      throw toModelError(error, this.#server, assembler.soFar());
    } finally {
      silence.end();
    }
    // The SDK ends an aborted stream as if it were whole.
    watch.signal.throwIfAborted();
    if (!assembler.complete) {
      if (silence.broken) throw noData(silenceMs, assembler.soFar());
      throw new ModelError("The stream from the model's API ended early.", {
        retryable: true,
        ...assembler.soFar(),
      });
    }
    const rateLimit = rateLimitOf(headers);
    return { ...assembler.reply(), ...(rateLimit && { rateLimit }) };
  }

  /** To one who asked for a model that there is not, the names of those there are. */
  async #explained(error: ModelError, model: string, watch: CompletionWatch): Promise<ModelError> {
    const { listModels } = this.#server;
    if (error.status !== 404 || !listModels) return error;
    const inTime = AbortSignal.any([watch.signal, AbortSignal.timeout(LIST_MS)]);
    // One that lists no models has said all that it has to say.
    const names = await listModels(inTime).catch((): string[] => []);
    watch.signal.throwIfAborted();
    if (names.length === 0 || names.includes(model)) return error;
    const rest = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : '';
    const message = `There is no model ${JSON.stringify(model)} at this server. It has: ${names.slice(0, MOST_NAMES).join(', ')}${rest}.`;
    return new ModelError(oneLine(message, this.#server), { retryable: false, status: 404 });
  }
}

type WireEvent = Messages.RawMessageStreamEvent | { type: 'whole'; message: Messages.Message };

/** The events of a reply; a server may send it whole where a stream was asked for. */
async function* eventsOf(data: Reply, response: Response, silence: SilenceWatch): AsyncGenerator<WireEvent> {
  if (!(Symbol.asyncIterator in data)) yield { type: 'whole', message: data };
  else if (response.headers.get('content-type')?.includes('application/json')) {
    yield { type: 'whole', message: (await response.json()) as Messages.Message };
  } else {
    silence.listen(response);
    yield* data;
  }
}

function noData(silenceMs: number, soFar: ReplySoFar): ModelError {
  return new ModelError(`The model's API sent no data for ${silenceMs / 1_000} s.`, { retryable: true, ...soFar });
}
