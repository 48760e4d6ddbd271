/** Characters a token has: on the low side of what prose, code and JSON run at. */
export const CHARACTERS_PER_TOKEN = 3.5;
/** A picture is scaled down to so many at most: https://platform.claude.com/docs/en/build-with-claude/vision */
export const TOKENS_PER_IMAGE = 1_600;

/** About how many tokens something of a conversation comes to, where nobody has counted them. */
export function tokensOf(content: object): number {
  const { text, images } = withoutImages(content);
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN) + images * TOKENS_PER_IMAGE;
}

/** Something of a conversation as JSON, and how many pictures were left out of it: their bytes say nothing of what they cost. */
export function withoutImages(content: object): { text: string; images: number } {
  let images = 0;
  const text = JSON.stringify(content, (key, value: unknown) => {
    if (key !== 'images' || !Array.isArray(value)) return value;
    images += value.length;
    return undefined;
  });
  return { text, images };
}
