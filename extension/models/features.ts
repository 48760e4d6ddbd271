import type { ModelError } from './provider.ts';

/** What a server or a model may not understand, and a request can do without. */
export type Feature = 'tool_choice' | 'thinking' | 'effort' | 'cache' | 'strict' | 'version' | 'stream' | 'images';

/** Words of a refusal that name what it is about; those that could mean more than one thing come last. */
const NAMED: readonly [Feature, RegExp][] = [
  ['tool_choice', /tool[_ ]?choice/i],
  ['cache', /cache[_ ]control|prompt[_ ]caching/i],
  ['version', /anthropic[_-]version/i],
  ['effort', /effort|output_config/i],
  ['images', /image|vision|multimodal|mmproj/i],
  ['thinking', /thinking|reasoning|budget_tokens/i],
  ['strict', /strict|schema|grammar|structured[_ ]output/i],
  ['stream', /stream/i],
];

/** A refusal of something that it does not name. */
const UNKNOWN_FIELD =
  /extra (inputs|fields)|unknown|unexpected|unrecogni[sz]ed|unsupported|not (supported|permitted|allowed|implemented)/i;

const WORDS: Record<Feature, string> = {
  tool_choice: 'cannot be made to call a tool: agents are asked for their answer in words',
  thinking: 'takes no order to think',
  effort: 'knows no effort: that of the script is left out',
  cache: 'does not let prompts be marked for its cache',
  strict: 'does not hold answers to a schema: they are checked here, and asked for again where they do not match',
  images: 'takes no pictures: it is told so where there would be one',
  version: 'knows only an older version of the API',
  stream: 'does not stream: replies come whole',
};

/** What was found to be lacking, of one server. */
export class Lacks {
  #found = new Set<string>();
  #told = new Set<string>();

  /** @param detail Of what it is lacking alone, such as one schema. */
  has(model: string, feature: Feature, detail = ''): boolean {
    return this.#found.has(keyOf(model, feature, detail));
  }

  /** Returns what to tell a person of it, the first time; else null. */
  add(model: string, feature: Feature, detail = ''): string | null {
    this.#found.add(keyOf(model, feature, detail));
    const known = keyOf(model, feature, '');
    if (this.#told.has(known)) return null;
    this.#told.add(known);
    return `${model} ${WORDS[feature]}`;
  }
}

function keyOf(model: string, feature: Feature, detail: string): string {
  return `${feature}\n${model}\n${detail}`;
}

/**
 * Which of the features that a request used were the reason of its refusal, as far as the words tell.
 * @param guess Where it names none: all of them may be the reason, since the other side is not known to take any.
 */
export function refusedFeatures(error: ModelError, used: readonly Feature[], guess: boolean): Feature[] {
  const refused = error.status === 400 || error.status === 422 || error.status === 501;
  if (!refused || error.promptTooLong || error.usageLimit || error.partialText !== '') return [];
  const named = NAMED.find(([feature, words]) => used.includes(feature) && words.test(error.message));
  if (named) return [named[0]];
  // Without a stream a long reply would come late and all at once: that is given up only where it is named.
  return guess && UNKNOWN_FIELD.test(error.message) ? used.filter((feature) => feature !== 'stream') : [];
}
