import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ToolError, ToolRefusal } from '../tool.ts';
import { type AddressRule, checkedAddress } from './address.ts';

const MAX_URL = 2_000;
const MAX_BYTES = 5_000_000;
const MAX_REDIRECTS = 5;
const TIMEOUT_MS = 30_000;

export interface Page {
  url: URL;
  /** In small letters, without parameters. */
  type: string;
  charset: string | undefined;
  bytes: Buffer;
}

/** Reads what a model gave as an address. @throws ToolError for anything but http and https without a name and password. */
export function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || text.length > MAX_URL)
    throw new ToolError(`"url" is no address of a page, such as https://example.com/docs.`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new ToolRefusal(`Only http and https are fetched, not ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw new ToolRefusal('An address with a name or password is not fetched.');
  url.hash = '';
  return url;
}

/**
 * Fetches a page, without cookies and without saying who asks. It is led on within one host only: whoever may ask one host may not ask
 * another for that. @throws ToolError for whatever the far side does; the signal's reason when aborted.
 */
export async function fetchPage(start: URL, allowed: AddressRule, signal: AbortSignal): Promise<Page> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const either = AbortSignal.any([signal, timeout]);
  try {
    let url = start;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const response = await ask(url, allowed, either);
      const next = nextUrl(url, response);
      if (!next) return await readPage(url, response);
      response.destroy();
      url = next;
    }
    throw new ToolError(`${start.href} leads on more than ${MAX_REDIRECTS} times.`);
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) throw new ToolError(`${start.host} took more than ${TIMEOUT_MS / 1_000} seconds.`);
    if (error instanceof ToolError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ToolError(`${start.host} could not be asked: ${code ?? message}.`);
  }
}

async function ask(url: URL, allowed: AddressRule, signal: AbortSignal): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const address = await checkedAddress(url.hostname, allowed);
  signal.throwIfAborted();
  const lookup: LookupFunction = (_host, options, done) => {
    if (options.all) done(null, [address]);
    else done(null, address.address, address.family);
  };
  return await new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const headers = {
      accept: 'text/markdown, text/html;q=0.9, text/*;q=0.8, */*;q=0.5',
      'accept-encoding': 'gzip, br',
      'user-agent': 'counterpoint',
    };
    // An agent of its own: none of ours may go through a proxy or keep a connection to an address of before.
    const request = send(url, { agent: false, lookup, signal, headers });
    request.on('error', reject).on('response', resolve).end();
  });
}

/** Where it leads on; null where it does not. @throws ToolError where that is another host, or less safe. */
export function nextUrl(
  url: URL,
  { statusCode = 0, headers }: Pick<IncomingMessage, 'statusCode' | 'headers'>,
): URL | null {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return null;
  if (!URL.canParse(headers.location, url)) throw new ToolError(`${url.href} leads to no address.`);
  const next = readUrl(new URL(headers.location, url).href);
  const safer = url.protocol === 'http:' && next.protocol === 'https:' && next.port === '' && url.port === '';
  if (next.hostname !== url.hostname || (next.origin !== url.origin && !safer))
    throw new ToolError(`${url.href} leads to ${next.href}; fetch that, if you want it.`);
  return next;
}

async function readPage(url: URL, response: IncomingMessage): Promise<Page> {
  const { statusCode = 0, headers } = response;
  if (statusCode < 200 || statusCode >= 300) {
    response.destroy();
    throw new ToolError(`${url.href} answers with status ${statusCode}.`);
  }
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim());
  const charset = parameters.map((part) => /^charset="?([^"]+)"?$/i.exec(part)?.[1]).find((found) => found);
  return { url, type: type.toLowerCase(), charset, bytes: await readBody(response, url) };
}

/** At most so much of it, and no more once it is unpacked. */
async function readBody(response: IncomingMessage, url: URL): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of unpacked(response)) {
    size += (chunk as Buffer).length;
    if (size > MAX_BYTES) {
      response.destroy();
      throw new ToolError(`${url.href} is larger than ${MAX_BYTES} bytes.`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function unpacked(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return response;
  const unpack = { gzip: createGunzip, 'x-gzip': createGunzip, br: createBrotliDecompress, deflate: createInflate }[
    encoding
  ];
  if (!unpack) throw new ToolError(`The page is packed in a way that is not known here (${encoding}).`);
  const unpacker = unpack();
  response.on('error', (error) => unpacker.destroy(error));
  return response.pipe(unpacker);
}
