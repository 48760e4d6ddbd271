/**
 * Marks a text that a tool brought as data for the model. The tag is chosen after the text is known, so that none within can end it:
 * one that the text has in any spelling gets a number. It costs some six tokens, and the text stays as it is, for a model may have to
 * quote it exactly.
 */
export function asData(text: string): string {
  const taken = new Set([...asRead(text).matchAll(TAGS)].map(([, number]) => Number(number || 1)));
  let number = 1;
  while (taken.has(number)) number += 1;
  const tag = number === 1 ? 'data' : `data${number}`;
  return `<${tag}>\n${text}\n</${tag}>`;
}

/** The text that `asData` marked; one that is not marked, such as our own words, as it is. */
export function withoutMark(text: string): string {
  return /^<(data\d*)>\n(.*)\n<\/\1>$/s.exec(text)?.[2] ?? text;
}

/** Anything that a model might take for such a tag. */
const TAGS = /<[\s/\\]*data\s*(\d*)/gi;

/** Letters as a reader takes them: whatever is not seen is left out, and a wide or a raised one is the plain one. */
function asRead(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, '').normalize('NFKC');
}
