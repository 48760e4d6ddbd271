import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { type FakeError, type FakeMessage, readBody, type StreamEvent, streamEvents } from './fake-anthropic.ts';

/** A request as a cloud got it. */
export interface CloudRequest {
  path: string;
  headers: IncomingMessage['headers'];
  text: string;
  body: Record<string, unknown>;
}

export interface FakeCloud {
  url: string;
  requests: CloudRequest[];
  close(): Promise<void>;
}

export type CloudReply = (FakeMessage & { exception?: { type: string; message: string } }) | FakeError;
export type CloudScript = (request: CloudRequest, n: number) => CloudReply;

/**
 * Amazon Bedrock's `InvokeModelWithResponseStream`: JSON of the Messages API in frames of AWS's event stream encoding.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html (the encoding), and
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html.
 */
export function startFakeBedrock(script: CloudScript): Promise<FakeCloud> {
  return startCloud(script, {
    error: ({ status, type, message, headers }) => ({
      status,
      headers: { 'x-amzn-errortype': type ?? 'ValidationException', ...headers },
      body: { message: message ?? 'scripted' },
    }),
    stream: (response, reply, events) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
      const kept = events
        .slice(0, reply.dropAfter ?? events.length)
        .map((event) =>
          frame(
            { ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' },
            JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString('base64') }),
          ),
        );
      if (reply.exception) {
        const { type, message } = reply.exception;
        kept.push(frame({ ':exception-type': type, ':message-type': 'exception' }, JSON.stringify({ message })));
      }
      response.write(Buffer.concat(kept), () => (reply.dropAfter === undefined ? response.end() : response.destroy()));
    },
  });
}

/** Google's `streamRawPredict`: the stream of the Messages API as it is. */
export function startFakeVertex(script: CloudScript): Promise<FakeCloud> {
  return startCloud(script, {
    error: ({ status, type, message, headers }) => ({
      status,
      headers: headers ?? {},
      body: { error: { code: status, status: type ?? 'INVALID_ARGUMENT', message: message ?? 'scripted' } },
    }),
    stream: (response, _, events) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
    },
  });
}

interface Dialect {
  error(reply: FakeError): { status: number; headers: Record<string, string>; body: object };
  stream(response: ServerResponse, reply: Exclude<CloudReply, FakeError>, events: StreamEvent[]): void;
}

async function startCloud(script: CloudScript, dialect: Dialect): Promise<FakeCloud> {
  const requests: CloudRequest[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await readBody(request);
    const got = { path: request.url ?? '', headers: request.headers, text, body: JSON.parse(text) };
    const n = requests.push(got);
    const reply = script(got, n);
    if (!('status' in reply)) return dialect.stream(response, reply, streamEvents(reply, n));
    const { status, headers, body } = dialect.error(reply);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** One message: lengths and their checksum, headers of type string (7), payload, and the checksum of all of it. */
function frame(headers: Record<string, string>, payload: string): Buffer {
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(Buffer.byteLength(value));
      return Buffer.concat([
        Buffer.from([name.length]),
        Buffer.from(name),
        Buffer.from([7]),
        length,
        Buffer.from(value),
      ]);
    }),
  );
  const body = Buffer.from(payload);
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(head.length + body.length + 16, 0);
  prelude.writeUInt32BE(head.length, 4);
  const whole = Buffer.concat([prelude, checksum(prelude), head, body]);
  return Buffer.concat([whole, checksum(whole)]);
}

function checksum(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}
