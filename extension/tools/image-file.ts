import type { ToolImage } from './tool.ts';

/** What a picture says of itself. Sizes in pixels. */
export interface ImageFacts {
  mediaType: ToolImage['mediaType'];
  width: number;
  height: number;
  /** Its end is there: a picture that was cut off is refused by models. */
  whole: boolean;
}

/** The facts of a picture by its first bytes, whatever its name; null for anything else, and for one without a size. */
export function imageFacts(bytes: Buffer): ImageFacts | null {
  const facts = pngFacts(bytes) ?? jpegFacts(bytes) ?? gifFacts(bytes) ?? webpFacts(bytes);
  return facts && facts.width > 0 && facts.height > 0 ? facts : null;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function pngFacts(bytes: Buffer): ImageFacts | null {
  if (bytes.length < 24 || !bytes.subarray(0, 8).equals(PNG)) return null;
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  return { mediaType: 'image/png', width, height, whole: bytes.subarray(-8, -4).toString('latin1') === 'IEND' };
}

function gifFacts(bytes: Buffer): ImageFacts | null {
  if (bytes.length < 10 || !/^GIF8[79]a$/.test(bytes.subarray(0, 6).toString('latin1'))) return null;
  const [width, height] = [bytes.readUInt16LE(6), bytes.readUInt16LE(8)];
  return { mediaType: 'image/gif', width, height, whole: bytes.at(-1) === 0x3b };
}

/** Goes from marker to marker up to the one that has the size. */
function jpegFacts(bytes: Buffer): ImageFacts | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    // Of C0 to CF all but three begin a frame.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      return { mediaType: 'image/jpeg', width, height, whole: bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) > at };
    }
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

function webpFacts(bytes: Buffer): ImageFacts | null {
  if (bytes.length < 30 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP')
    return null;
  const whole = bytes.length >= bytes.readUInt32LE(4) + 8;
  const facts = (width: number, height: number): ImageFacts => ({ mediaType: 'image/webp', width, height, whole });
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return facts(bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff);
    case 'VP8L': {
      const packed = bytes.readUInt32LE(21);
      return facts((packed & 0x3fff) + 1, ((packed >>> 14) & 0x3fff) + 1);
    }
    case 'VP8X':
      return facts(bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1);
    default:
      return null;
  }
}
