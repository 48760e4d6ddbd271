import { canonicalJson, type Json } from '../../protocol/json.ts';
import { plain } from '../../protocol/plain-text.ts';
import type { ToolImage, ToolOutput } from '../tool.ts';
import type { CallResult } from './connection.ts';

type Block = CallResult['content'][number];

/** Characters for the model, about 10,000 tokens, and for a person who looks at the transcript. */
const MAX_FOR_MODEL = 40_000;
const MAX_WHOLE = 1_000_000;
const MAX_IMAGES = 5;
/** Characters in base64; what the Messages API takes of one. */
const MAX_IMAGE = 5_000_000;
/** What is not seen, turns a line around, or moves the cursor of a terminal; characters that only models see are among them. */
const UNSEEN = /[^\P{Cc}\n\t]|[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** What a server answered, for the model: text that is not too long, and pictures. What is left out is told. */
export function resultOutput({ content, structuredContent }: CallResult): ToolOutput {
  const images: ToolImage[] = [];
  const parts = content.map((block) => textOf(block, images));
  if (structuredContent !== undefined && !saidInWords(content, structuredContent as Json))
    parts.push(JSON.stringify(structuredContent));
  const text = parts.join('\n').replace(/\r\n?/g, '\n').replace(UNSEEN, '\ufffd');
  const output: ToolOutput = { forModel: text === '' ? '(It says nothing.)' : cut(text, MAX_FOR_MODEL) };
  if (text.length > MAX_FOR_MODEL) output.whole = cut(text, MAX_WHOLE);
  if (images.length > 0) output.images = images;
  return output;
}

function textOf(block: Block, images: ToolImage[]): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'image': {
      const mediaType = PICTURES.find((type) => type === block.mimeType);
      if (mediaType === undefined || images.length >= MAX_IMAGES || block.data.length > MAX_IMAGE)
        return `(A picture is not shown: ${plain(block.mimeType, 40)}, ${kilobytes(block.data)}.)`;
      images.push({ mediaType, data: block.data });
      return `(picture ${images.length})`;
    }
    case 'audio':
      return `(A sound is not played: ${plain(block.mimeType, 40)}, ${kilobytes(block.data)}.)`;
    case 'resource_link':
      return `(${plain([block.name, block.uri, block.description ?? ''].filter(Boolean).join(' – '), 400)})`;
    case 'resource': {
      const { resource } = block;
      const name = plain(resource.uri, 200);
      return 'text' in resource ? `(${name})\n${resource.text}` : `(${name} is not text: ${kilobytes(resource.blob)}.)`;
    }
  }
}

const PICTURES: readonly ToolImage['mediaType'][] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** Servers should say what is structured as text, too, for those who read no other; then once is enough. */
function saidInWords(content: readonly Block[], structured: Json): boolean {
  const wanted = canonicalJson(structured);
  return content.some((block) => {
    if (block.type !== 'text' || !/^\s*[{[]/.test(block.text)) return false;
    try {
      return canonicalJson(JSON.parse(block.text) as Json) === wanted;
    } catch {
      // Words that begin like JSON.
      return false;
    }
  });
}

function kilobytes(base64: string): string {
  return `${Math.ceil((base64.length * 3) / 4_000)} kB`;
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length)}\n(${text.length - length} more characters were cut. Ask for less.)`;
}
