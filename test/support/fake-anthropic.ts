import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeCache } from './fake-cache.ts';

/**
 * A loopback server that speaks the wire format of the Messages API, with answers that a test scripts.
 * What it sends follows https://platform.claude.com/docs/en/build-with-claude/streaming.
 */
export interface FakeAnthropic {
  /** What `ANTHROPIC_BASE_URL` would be. */
  url: string;
  /** Every request so far, in order of arrival. */
  requests: FakeRequest[];
  /** Requests being answered now, and the most there were at a time. */
  load: { now: number; peak: number };
  /** Connections that were opened so far. */
  readonly connections: number;
  /** The next stream is these events, whatever they are. */
  sendRaw(events: object[]): void;
  close(): Promise<void>;
}

export interface FakeRequest {
  headers: IncomingHttpHeaders;
  /** As tests read it: without the marks of the cache, the system prompt as text. */
  body: FakeBody;
  /** As it came. */
  raw: Record<string, unknown>;
}

/** The parts of a request's body that tests look at. */
export interface FakeBody {
  model: string;
  max_tokens: number;
  stream?: boolean;
  system?: string;
  messages: { role: 'user' | 'assistant'; content: FakeBlock[] }[];
  tools?: { name: string; description: string; input_schema: Record<string, unknown>; strict?: boolean }[];
  tool_choice?: { type: string; name?: string };
  output_config?: { effort?: string };
  thinking?: { type: string; budget_tokens?: number };
}

export interface FakeBlock {
  type: string;
  text?: string;
  id?: string;
  name?: string;
  input?: unknown;
  tool_use_id?: string;
  content?: string;
  is_error?: boolean;
  thinking?: string;
  signature?: string;
}

/** A message, or an HTTP error. */
export type FakeReply = FakeMessage | FakeError;

export interface FakeMessage {
  thinking?: string;
  text?: string;
  /** `json` in place of `input` sends that very text, whether it can be parsed or not. */
  tools?: { name: string; input?: unknown; json?: string; id?: string }[];
  /** Default: `tool_use` with tools, else `end_turn`. */
  stopReason?: string;
  usage?: { input?: number; output?: number; cacheRead?: number; cacheWrite?: number };
  /** Closes the connection after so many events, as a broken network would. */
  dropAfter?: number;
  /** Ends the stream in good order after so many events, without a `message_stop`. */
  endAfter?: number;
  /** Sends an `error` event of this type in place of the end. */
  errorEvent?: string;
  /** Sends so many events and then nothing more, the connection open. */
  hangAfter?: number;
  /** Waits so many milliseconds before each event; `pings` puts a ping before each. */
  dripMs?: number;
  pings?: boolean;
  /** Cuts the JSON of the last event in half, and ends in good order. */
  halfJson?: boolean;
  headers?: Record<string, string>;
  /** Why it was refused, as the API says beside the stop reason. */
  stopDetails?: { category: string | null; explanation: string | null };
  /** What a server may lack: counts of tokens; input of tools that streams; a stream at all. */
  lacks?: ('usage' | 'tool-deltas' | 'stream')[];
}

export interface FakeError {
  status: number;
  type?: string;
  message?: string;
  headers?: Record<string, string>;
}

/** Decides an answer; `n` counts requests from 1. */
export type FakeScript = (body: FakeBody, n: number) => FakeReply | Promise<FakeReply>;

export interface FakeOptions {
  /** Each answer waits so long first. */
  delayMs?: number;
  /** Counts what is read from it and written to it, in place of what the script says. */
  cache?: FakeCache;
  /** Whose stream begins at once, with an empty text, however long the script takes: nobody waits for its first token. */
  beginsAtOnce?(body: FakeBody): boolean;
  /** What `GET /v1/models` lists; without it there is no such page. */
  models?: string[];
}

/** Starts a server on a free port. */
export async function startFakeAnthropic(script: FakeScript, options: FakeOptions = {}): Promise<FakeAnthropic> {
  const requests: FakeRequest[] = [];
  const load = { now: 0, peak: 0 };
  let connections = 0;
  let rawEvents: object[] | null = null;
  const server = createServer((request, response) => {
    load.now += 1;
    load.peak = Math.max(load.peak, load.now);
    response.on('close', () => {
      load.now -= 1;
    });
    answer(request, response).catch((error) =>
      send(response, { status: 500, message: `The test's script failed: ${error}` }, true, 0),
    );
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET') return sendModels(response, options.models);
    const raw = JSON.parse(await readBody(request)) as Record<string, unknown>;
    const body = withoutMarks(raw);
    const n = requests.push({ headers: request.headers, body, raw });
    if (rawEvents) {
      sendEvents(response, rawEvents as StreamEvent[]);
      rawEvents = null;
      return;
    }
    const looked = options.cache?.look(raw);
    if (body.stream === true && options.beginsAtOnce?.(body)) return sendBegun(response, () => script(body, n), n);
    const reply = await script(body, n);
    if (options.delayMs) await sleep(options.delayMs);
    if (looked && !('status' in reply)) {
      reply.usage = { ...reply.usage, ...looked.usage };
      looked.begun();
    }
    send(response, reply, body.stream === true, n);
  };
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    load,
    get connections() {
      return connections;
    },
    sendRaw: (events) => {
      rawEvents = events;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => resolve(body));
    request.on('error', reject);
  });
}

/** A body as tests compare it: where the cache is marked is a matter of `raw`, and of the fake cache. */
function withoutMarks(raw: Record<string, unknown>): FakeBody {
  const body = JSON.parse(JSON.stringify(raw, (key, value) => (key === 'cache_control' ? undefined : value)));
  if (Array.isArray(body.system)) body.system = body.system.map(({ text }: { text: string }) => text).join('');
  return body as FakeBody;
}

function sendModels(response: ServerResponse, models: string[] | undefined): void {
  if (!models) return sendError(response, { status: 404, type: 'not_found_error', message: 'no such page' });
  sendJson(response, 200, {}, { data: models.map((id) => ({ id, object: 'model' })), has_more: false });
}

function send(response: ServerResponse, reply: FakeReply, stream: boolean, n: number): void {
  if ('status' in reply) sendError(response, reply);
  else if (stream && !reply.lacks?.includes('stream')) sendStream(response, reply, n);
  else sendJson(response, 200, {}, wholeMessage(reply, n));
}

function sendError(response: ServerResponse, reply: FakeError): void {
  const error = { type: reply.type ?? 'api_error', message: reply.message ?? 'scripted' };
  sendJson(response, reply.status, reply.headers ?? {}, { type: 'error', error });
}

function sendJson(response: ServerResponse, status: number, headers: Record<string, string>, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function sendEvents(response: ServerResponse, events: StreamEvent[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.end(wireTexts(events));
}

/** Events that only say that a message has begun, with a text. */
const BEGINNING = 2;

async function sendBegun(response: ServerResponse, decide: () => ReturnType<FakeScript>, n: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.write(wireTexts(streamEvents({ text: '' }, n).slice(0, BEGINNING)));
  const reply = await decide();
  if ('status' in reply) throw new Error('A stream that has begun cannot be refused any more.');
  response.end(wireTexts(streamEvents({ text: '', ...reply }, n).slice(BEGINNING)));
}

function wireTexts(events: StreamEvent[]): string {
  return events.map((event) => wireText(event.type, JSON.stringify(event))).join('');
}

function sendStream(response: ServerResponse, reply: FakeMessage, n: number): void {
  const events = streamEvents(reply, n);
  const kept = events.slice(0, reply.dropAfter ?? reply.endAfter ?? reply.hangAfter ?? events.length);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...reply.headers });
  const texts = kept.map((event) => wireText(event.type, JSON.stringify(event)));
  if (reply.halfJson) texts.push(wireText('content_block_delta', '{"type":"content_block_delta","inde'));
  if (reply.dripMs !== undefined) void drip(response, texts, reply.dripMs, reply.pings === true);
  else if (reply.hangAfter !== undefined) response.write(`${texts.join('')}: \n`);
  else if (reply.dropAfter === undefined) response.end(texts.join(''));
  else response.write(texts.join(''), () => response.destroy());
}

function wireText(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}

async function drip(response: ServerResponse, texts: string[], waitMs: number, pings: boolean): Promise<void> {
  for (const text of texts) {
    await sleep(waitMs);
    if (pings) {
      response.write(wireText('ping', '{"type":"ping"}'));
      await sleep(waitMs);
    }
    response.write(text);
  }
  response.end();
}

export type StreamEvent = { type: string } & Record<string, unknown>;

/** The events of a reply, in order. */
export function streamEvents(reply: FakeMessage, n: number): StreamEvent[] {
  const usage = wireUsage(reply);
  const message = { ...wholeMessage(reply, n), content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  const events: StreamEvent[] = [{ type: 'message_start', message }];
  for (const [index, block] of streamBlocks(reply, n).entries()) {
    events.push({ type: 'content_block_start', index, content_block: block.start });
    for (const delta of block.deltas) events.push({ type: 'content_block_delta', index, delta });
    events.push({ type: 'content_block_stop', index });
  }
  if (reply.errorEvent !== undefined) {
    return [...events, { type: 'error', error: { type: reply.errorEvent, message: 'scripted' } }];
  }
  const delta = { stop_reason: stopReason(reply), stop_sequence: null, stop_details: stopDetails(reply) };
  events.push(
    { type: 'message_delta', delta, usage: { output_tokens: usage.output_tokens } },
    { type: 'message_stop' },
  );
  return reply.lacks?.includes('usage') ? JSON.parse(JSON.stringify(events, withoutUsage)) : events;
}

interface StreamBlock {
  start: FakeBlock;
  deltas: object[];
}

function streamBlocks(reply: FakeMessage, n: number): StreamBlock[] {
  const blocks: StreamBlock[] = [];
  if (reply.thinking !== undefined) {
    const deltas = [
      { type: 'thinking_delta', thinking: reply.thinking },
      { type: 'signature_delta', signature: `signature-${n}` },
    ];
    blocks.push({ start: { type: 'thinking', thinking: '', signature: '' }, deltas });
  }
  if (reply.text !== undefined) {
    blocks.push({
      start: { type: 'text', text: '' },
      deltas: halves(reply.text).map((text) => ({ type: 'text_delta', text })),
    });
  }
  for (const [index, tool] of (reply.tools ?? []).entries()) {
    const whole = reply.lacks?.includes('tool-deltas');
    const input = whole ? (tool.input ?? {}) : {};
    const start = { type: 'tool_use', id: tool.id ?? `toolu_${n}_${index}`, name: tool.name, input };
    if (whole) {
      blocks.push({ start, deltas: [] });
      continue;
    }
    const json = tool.json ?? JSON.stringify(tool.input ?? {});
    blocks.push({ start, deltas: halves(json).map((partial_json) => ({ type: 'input_json_delta', partial_json })) });
  }
  return blocks;
}

function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

function wholeMessage(reply: FakeMessage, n: number): Record<string, unknown> {
  const content: FakeBlock[] = [];
  if (reply.thinking !== undefined)
    content.push({ type: 'thinking', thinking: reply.thinking, signature: `signature-${n}` });
  if (reply.text !== undefined) content.push({ type: 'text', text: reply.text });
  for (const [index, tool] of (reply.tools ?? []).entries()) {
    content.push({ type: 'tool_use', id: tool.id ?? `toolu_${n}_${index}`, name: tool.name, input: tool.input ?? {} });
  }
  return {
    id: `msg_${n}`,
    type: 'message',
    role: 'assistant',
    model: 'fake',
    content,
    stop_reason: stopReason(reply),
    stop_sequence: null,
    stop_details: stopDetails(reply),
    ...(!reply.lacks?.includes('usage') && { usage: wireUsage(reply) }),
  };
}

function stopDetails({ stopDetails: details }: FakeMessage): object | null {
  return details ? { type: 'refusal', ...details } : null;
}

function withoutUsage(key: string, value: unknown): unknown {
  return key === 'usage' ? undefined : value;
}

function stopReason(reply: FakeMessage): string {
  return reply.stopReason ?? (reply.tools && reply.tools.length > 0 ? 'tool_use' : 'end_turn');
}

function wireUsage(reply: FakeMessage): Record<string, number> {
  return {
    input_tokens: reply.usage?.input ?? 10,
    output_tokens: reply.usage?.output ?? 5,
    cache_read_input_tokens: reply.usage?.cacheRead ?? 0,
    cache_creation_input_tokens: reply.usage?.cacheWrite ?? 0,
  };
}
