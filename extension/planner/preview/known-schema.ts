import { type AnswerSchema, answerSchema, BadSchemaError } from '../../agents/answer-schema.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';

/** What a preview goes by of a schema, found out once for all agents that ask with an equal one. */
export interface KnownSchema {
  characters: number;
  /** The names of its outermost properties, in one text. */
  properties: string;
  /** What answers are checked with, or in words why none can be. Worked out when it is first asked for. */
  readonly checked: AnswerSchema | string;
}

const MOST_KNOWN = 500;
const byText = new Map<string, KnownSchema>();
/** Each call brings a schema of its own, equal as it may be to others. */
const byObject = new WeakMap<JsonObject, KnownSchema>();

export function knownSchema(schema: JsonObject): KnownSchema {
  const known = byObject.get(schema);
  if (known) return known;
  const text = JSON.stringify(schema);
  const found = byText.get(text) ?? look(schema, text.length);
  if (byText.size >= MOST_KNOWN) byText.clear();
  byText.set(text, found);
  byObject.set(schema, found);
  return found;
}

function look(schema: JsonObject, characters: number): KnownSchema {
  const properties = isJsonObject(schema.properties) ? Object.keys(schema.properties).join() : '';
  let checked: AnswerSchema | string | undefined;
  return {
    characters,
    properties,
    get checked() {
      checked ??= check(schema);
      return checked;
    },
  };
}

function check(schema: JsonObject): AnswerSchema | string {
  try {
    return answerSchema(schema);
  } catch (error) {
    if (error instanceof BadSchemaError) return error.message;
    // Whatever goes through a schema goes as deep as it does.
    if (error instanceof RangeError) return 'The schema of an agent is nested too deeply.';
    throw error;
  }
}
