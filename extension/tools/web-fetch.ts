import type { JsonObject } from '../protocol/json.ts';
import { type Tool, type ToolContext, ToolError, type ToolOutput } from './tool.ts';
import { integerInput, stringInput } from './tool-input.ts';
import { type AddressRule, isPublicAddress } from './web/address.ts';
import { fetchPage, type Page, readUrl } from './web/fetch-page.ts';
import { htmlToText } from './web/html-text.ts';

/** Characters for the model; about 10,000 tokens. */
const MAX_FOR_MODEL = 40_000;
const MAX_WHOLE = 1_000_000;
const READABLE = /^(text\/.*|application\/(json|xml|javascript|ecmascript|yaml|x-yaml|toml|.*\+(json|xml)))$/;

/**
 * Fetches a page of the open internet as text. Hosts of this machine or of networks around it are refused, whatever a name says; where a page
 * leads to another host, the model is told of it.
 * Input `{ url, offset? }`: `offset` is the character where the text is gone on from.
 * Output: HTML as Markdown, other text as it is; 40,000 characters of it, and where it goes on is told after an empty line.
 */
export const webFetchTool: Tool = webFetchFor(isPublicAddress);

/** The same tool for other addresses. @param allowed Which may be connected to. */
export function webFetchFor(allowed: AddressRule): Tool {
  return {
    name: 'web_fetch',
    description: 'Fetch a public web page as text.',
    inputSchema: {
      type: 'object',
      properties: { url: { type: 'string' }, offset: { type: 'integer', description: 'Character to go on from' } },
      required: ['url'],
      additionalProperties: false,
    },
    access: 'network',
    targets: async (input) => [{ kind: 'address', url: readUrl(stringInput(input, 'url')).href }],
    describe: (input) => `fetching ${String(input.url).slice(0, 80)}`,
    run: async (input, context) => await webFetch(input, context, allowed),
  };
}

async function webFetch(input: JsonObject, context: ToolContext, allowed: AddressRule): Promise<ToolOutput> {
  const url = readUrl(stringInput(input, 'url'));
  const offset = integerInput(input, 'offset', { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER });
  const text = textOf(await fetchPage(url, allowed, context.signal));
  if (offset > 0 && offset >= text.length) throw new ToolError(`${url.href} has only ${text.length} characters.`);
  const part = text.slice(offset, offset + MAX_FOR_MODEL);
  const end = offset + part.length;
  if (end >= text.length) return { forModel: part === '' ? '(an empty page)' : part };
  const note = `(characters ${offset} to ${end} of ${text.length}; offset ${end} goes on)`;
  return { forModel: `${part}\n\n${note}`, whole: wholeOf(text) };
}

function wholeOf(text: string): string {
  if (text.length <= MAX_WHOLE) return text;
  return `${text.slice(0, MAX_WHOLE)}\n\n(${text.length - MAX_WHOLE} characters were not kept)`;
}

function textOf({ url, type, charset, bytes }: Page): string {
  const isHtml = type === 'text/html' || type === 'application/xhtml+xml';
  if (type !== '' && !READABLE.test(type))
    throw new ToolError(`${url.href} is ${type} (${bytes.length} bytes), and no text.`);
  if (bytes.subarray(0, 8_192).includes(0) && !/utf-?16/i.test(charset ?? ''))
    throw new ToolError(`${url.href} is no text.`);
  const text = decoded(bytes, charset ?? (isHtml ? charsetIn(bytes) : undefined)).replace(/^\ufeff/, '');
  return isHtml ? htmlToText(text, url) : text.replaceAll('\r\n', '\n');
}

/** As a page says of itself in its beginning. */
function charsetIn(bytes: Buffer): string | undefined {
  return /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]+)/i.exec(bytes.subarray(0, 2_048).toString('latin1'))?.[1];
}

function decoded(bytes: Buffer, charset = 'utf-8'): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // A name that nobody knows; UTF-8 is what nearly every page is.
    return new TextDecoder().decode(bytes);
  }
}
