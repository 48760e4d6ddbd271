import { answerSchema } from '../../agents/answer-schema.ts';
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
  const checked = knownSchema(schema).checked ?? answerSchema(schema);
  let first: Json | undefined;
  for (let variant = 0; variant < VARIANTS; variant += 1) {
    const value = new ValueMaker(checked.inputSchema, occasion, variant).answer();
    if (checked.problems(value) === null) return value;
    first ??= value;
  }
  return first ?? null;
}

const SHOUTED = /\b[A-Z][A-Z_]{2,}\b/g;

/** A made-up answer of an agent without a schema: text, or JSON where the prompt wants that. */
export function syntheticText(occasion: Occasion): string {
  const { leaning, serial, prompt, round } = occasion;
  if (/\bJSON\b/.test(prompt)) return /\b(array|list)\b/i.test(prompt) ? '[]' : '{}';
  // A loop that waits for a word has it named in the prompt, as in "say DONE".
  const words = [...prompt.slice(0, 20_000).matchAll(SHOUTED)].map(([word]) => word).slice(0, 8);
  const word = round > 0 ? words[(round - 1) % words.length] : undefined;
  if (word !== undefined) return word;
  const lines = { lean: 1, likely: 3, rich: 10 }[leaning];
  return Array.from({ length: lines }, (_, line) => `Made-up line ${line + 1} of answer ${serial}.`).join('\n');
}
