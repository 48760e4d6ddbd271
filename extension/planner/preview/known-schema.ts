import { type AnswerSchema, answerSchema, BadSchemaError } from '../../agents/answer-schema.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';

/** What a preview goes by of a schema, found out once for all agents that ask with it. */
export interface KnownSchema {
  /** Null where no answer can be checked with it; `problem` says why. */
  checked: AnswerSchema | null;
  problem: string;
  characters: number;
  /** The names of its outermost properties, in one text. */
  properties: string;
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
  try {
    return { checked: answerSchema(schema), problem: '', characters, properties };
  } catch (error) {
    if (!(error instanceof BadSchemaError)) throw error;
    return { checked: null, problem: error.message, characters, properties };
  }
}
