/**
 * Splits a byte stream into lines and hands each on; a line of more than `maxBytes` is not kept but reported.
 * Only a line feed ends a line: JSON text may hold the other characters that `node:readline` takes for an end.
 */
export function readLines(
  stream: NodeJS.ReadableStream,
  onLine: (line: string) => void,
  maxBytes = Number.POSITIVE_INFINITY,
  onTooLong: () => void = () => undefined,
): void {
  let parts: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, end));
      const line = Buffer.concat(parts).toString('utf8');
      from = end + 1;
      parts = [];
      size = 0;
      onLine(line);
    }
    size += chunk.length - from;
    if (size > maxBytes) {
      parts = [];
      onTooLong();
    } else if (from < chunk.length) parts.push(chunk.subarray(from));
  });
}
