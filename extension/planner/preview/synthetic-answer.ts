import { BadSchemaError } from '../../agents/answer-schema.ts';
import type { Json, JsonObject } from '../../protocol/json.ts';
import { knownSchema } from './known-schema.ts';
import type { Occasion } from './leaning.ts';
import { ValueMaker } from './value-maker.ts';

/** Ways through a schema that are tried until one is right. */
const VARIANTS = 8;

/**
 * A made-up answer that satisfies a schema. Where none of several tries does, as with a schema that nothing satisfies, it
 * is the first of them: a script is better shown something than nothing.
 * @throws BadSchemaError where the schema is none.
 */
export function syntheticAnswer(schema: JsonObject, occasion: Occasion): Json {
  const { checked } = knownSchema(schema);
  if (typeof checked === 'string') throw new BadSchemaError(checked);
  let first: Json | undefined;
  for (let variant = 0; variant < VARIANTS; variant += 1) {
    const value = new ValueMaker(checked.inputSchema, occasion, variant).answer();
    if (checked.problems(value) === null) return value;
    first ??= value;
  }
  return first ?? null;
}

/** Whether a prompt asks for JSON in words: then the script reads the text as such. */
export function wantsJson(prompt: string): boolean {
  return /\bJSON\b/.test(prompt);
}

/** Places of a prompt that may be the beginning of an example. */
const MOST_EXAMPLES = 20;
const LONGEST_EXAMPLE = 4_000;

/** JSON that a prompt shows as the form of its answer; null where there is none. */
function exampleIn(prompt: string): string | null {
  const starts = [...prompt.slice(0, READ).matchAll(/[{[]/g)].slice(0, MOST_EXAMPLES);
  for (const { index, 0: open } of starts) {
    const part = prompt.slice(index, index + LONGEST_EXAMPLE);
    const closing = CLOSING[open] ?? '';
    let end = part.indexOf(closing);
    for (let tries = 0; end !== -1 && tries < MOST_EXAMPLES; tries += 1, end = part.indexOf(closing, end + 1)) {
      const example = part.slice(0, end + 1);
      if (example.length > 2 && isJson(example)) return example;
    }
  }
  return null;
}

const READ = 20_000;
const CLOSING: Record<string, string> = { '{': '}', '[': ']' };

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Then it is no example, but words in brackets.
    return false;
  }
}

const SHOUTED = /\b[A-Z][A-Z_]{2,}\b/g;

/** A made-up answer of an agent without a schema: text, or JSON where the prompt wants that. */
export function syntheticText(occasion: Occasion): string {
  const { leaning, serial, prompt, round } = occasion;
  if (wantsJson(prompt)) return exampleIn(prompt) ?? (/\b(array|list)\b/i.test(prompt) ? '[]' : '{}');
  // A loop that waits for a word has it named in the prompt, as in "say DONE".
  const words = [...prompt.slice(0, 20_000).matchAll(SHOUTED)].map(([word]) => word).slice(0, 8);
  const word = round > 0 ? words[(round - 1) % words.length] : undefined;
  if (word !== undefined) return word;
  const lines = { lean: 1, likely: 3, rich: 10 }[leaning];
  return Array.from({ length: lines }, (_, line) => `Made-up line ${line + 1} of answer ${serial}.`).join('\n');
}
