import { withinTime } from '../../agents/time-limit.ts';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../protocol/json.ts';
import { drawnInteger } from './dice.ts';
import { booleanOf, choiceOf, lengthOf, type Occasion, shareOf } from './leaning.ts';
import { fitted, formatted, madeUpText } from './made-up-text.ts';
import { textMatching } from './pattern-text.ts';
import { askedCount, filesFor, namesFiles, namesLine, spotsIn } from './prompt-reading.ts';
import { mergeSchemas } from './schema-merge.ts';

/** References and containers inside of one another, from where on only what must be there is made. */
const DEEP = 5;
/** From where on nothing is made at all: a schema may ask for itself without end. */
const DEEPEST = 24;
/** Values of one answer; a hostile schema can ask for any number. */
const MOST_VALUES = 5_000;
/** Lines that nearly every file has. */
const USUAL_LINES = 20;
/** An expression can take for ever on a name that is made for it; both come from the script. */
const MATCH_MS = 50;
const LONGEST_TEXT = 20_000;
/** Items that are tried for a place in a list whose items must differ. */
const MOST_TRIES = 20;

/** Makes one value of a schema, by draft 2020-12 or draft-07. `variant` leads another way wherever there are several. */
export class ValueMaker {
  #root: JsonObject;
  #occasion: Occasion;
  #variant: number;
  #left = MOST_VALUES;

  constructor(root: JsonObject, occasion: Occasion, variant: number) {
    this.#root = root;
    this.#occasion = occasion;
    this.#variant = variant;
  }

  answer(): Json {
    return this.#value(this.#root, { name: '', path: '', depth: 0, shift: 0 });
  }

  #value(schema: Json | undefined, place: Place): Json {
    this.#left -= 1;
    if (place.depth > DEEPEST || this.#left < 0) return null;
    const flat = this.#flat(schema, place);
    if (!isJsonObject(flat)) return madeUpText(place, this.#occasion);
    if (flat.const !== undefined) return flat.const;
    const spot = this.#spot(place);
    if (spot && fits(flat, spot)) return spot;
    if (Array.isArray(flat.enum) && flat.enum.length > 0) return this.#oneOf(flat.enum, place);
    switch (this.#typeOf(flat)) {
      case 'object':
        return this.#object(flat, place);
      case 'array':
        return this.#array(flat, place);
      case 'boolean':
        return booleanOf(this.#occasion, place.name, place.path) !== (place.shift % 2 === 1);
      case 'integer':
      case 'number':
        return this.#number(flat, place);
      case 'null':
        return null;
      default:
        return this.#text(flat, place);
    }
  }

  /** The file or the line of a finding on a diff: both of the same place in it. */
  #spot({ name, path }: Place): string | number | null {
    const which = namesFiles(name) ? 'file' : namesLine(name) ? 'line' : null;
    const spots = which === null ? [] : spotsIn(this.#occasion);
    if (which === null || spots.length === 0) return null;
    const around = path.slice(0, path.lastIndexOf('/'));
    return spots[drawnInteger(`${this.#occasion.serial} ${around}`, 0, spots.length - 1)]?.[which] ?? null;
  }

  /** The schema with what it refers to and one way through its alternatives taken in. */
  #flat(schema: Json | undefined, place: Place): Json | undefined {
    let flat = schema;
    for (let steps = 0; isJsonObject(flat) && steps < DEEPEST; steps += 1) {
      const { $ref, allOf, anyOf, oneOf, if: condition, then: whenTrue, else: whenFalse, ...rest } = flat;
      if (typeof $ref === 'string') {
        const target = this.#resolve($ref);
        flat = isJsonObject(target) ? mergeSchemas(target, { ...rest, ...pick(flat, ALTERNATIVES) }) : rest;
      } else if (Array.isArray(allOf)) {
        flat = allOf
          .filter(isJsonObject)
          .reduce<JsonObject>(mergeSchemas, { ...rest, ...pick(flat, ['anyOf', 'oneOf', ...CONDITION]) });
      } else if (Array.isArray(anyOf) || Array.isArray(oneOf)) {
        const key = Array.isArray(anyOf) ? 'anyOf' : 'oneOf';
        const chosen = this.#branch((flat[key] as Json[]) ?? [], place);
        const others = pick(
          flat,
          ['anyOf', 'oneOf', ...CONDITION].filter((other) => other !== key),
        );
        flat = mergeSchemas({ ...rest, ...others }, isJsonObject(chosen) ? chosen : {});
      } else if (condition !== undefined) {
        const holds = this.#variant % 2 === 0;
        const parts = holds ? [condition, whenTrue] : [whenFalse];
        flat = parts.filter(isJsonObject).reduce<JsonObject>(mergeSchemas, rest);
      } else {
        return flat;
      }
    }
    return flat;
  }

  #branch(branches: Json[], { path, depth }: Place): Json | undefined {
    const real = branches.filter((branch) => branch !== false && !(isJsonObject(branch) && branch.type === 'null'));
    const choices = real.length > 0 ? real : branches;
    // Deep down the one that is shortest to write is the likeliest to come to an end.
    const ordered =
      depth >= DEEP ? choices.toSorted((a, b) => canonicalJson(a).length - canonicalJson(b).length) : choices;
    const drawn = depth >= DEEP ? 0 : drawnInteger(`${this.#occasion.serial} ${path} branch`, 0, ordered.length - 1);
    return ordered[(drawn + this.#variant) % ordered.length];
  }

  /** The part of the schema that a reference names; undefined for one that leads elsewhere. */
  #resolve(ref: string): Json | undefined {
    if (!ref.startsWith('#')) return undefined;
    if (ref === '#') return this.#root;
    if (!ref.startsWith('#/')) return anchored(this.#root, ref.slice(1));
    let part: Json | undefined = this.#root;
    for (const step of ref.slice(2).split('/')) {
      const key = unescaped(step);
      if (Array.isArray(part)) part = part[Number(key)];
      else part = isJsonObject(part) && Object.hasOwn(part, key) ? part[key] : undefined;
    }
    return part;
  }

  #typeOf(schema: JsonObject): string {
    const { type } = schema;
    if (Array.isArray(type)) {
      const real = type.filter((name) => name !== 'null');
      return String(real[this.#variant % Math.max(1, real.length)] ?? 'null');
    }
    if (typeof type === 'string') return type;
    return IMPLIED.find(({ keys }) => keys.some((key) => schema[key] !== undefined))?.type ?? 'string';
  }

  #oneOf(values: Json[], { path, shift }: Place): Json {
    const choices = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    return values[(choiceOf(this.#occasion, choices, path) + this.#variant + shift) % values.length] ?? null;
  }

  #object(schema: JsonObject, place: Place): JsonObject {
    const properties = isJsonObject(schema.properties) ? schema.properties : {};
    const value: JsonObject = {};
    const names = this.#names(schema, properties, place);
    for (const name of names) {
      const made = this.#value(this.#schemaOf(schema, properties, name), within(place, name, name));
      // As own property whatever its name: `__proto__` is one, too.
      Object.defineProperty(value, name, { value: made, writable: true, enumerable: true, configurable: true });
    }
    return value;
  }

  #names(schema: JsonObject, properties: JsonObject, { depth }: Place): Set<string> {
    const names = new Set(strings(schema.required));
    const most = numberOr(schema.maxProperties, Number.POSITIVE_INFINITY);
    const onlyNeeded = this.#occasion.leaning === 'lean' || depth >= DEEP || this.#variant % 2 === 1;
    if (!onlyNeeded) {
      for (const [name, part] of Object.entries(properties)) if (names.size < most && part !== false) names.add(name);
    }
    for (const name of names) for (const other of needed(schema, name)) names.add(other);
    const least = Math.min(numberOr(schema.minProperties, 0), MOST_VALUES);
    for (const name of Object.keys(properties)) if (names.size < least) names.add(name);
    for (let extra = 1; names.size < least; extra += 1) names.add(this.#extraName(schema, extra));
    return names;
  }

  #extraName(schema: JsonObject, extra: number): string {
    const patterns = Object.keys(isJsonObject(schema.patternProperties) ? schema.patternProperties : {});
    const pattern = patterns[0] ?? (isJsonObject(schema.propertyNames) ? schema.propertyNames.pattern : undefined);
    const stem = typeof pattern === 'string' ? textMatching(pattern) : null;
    return stem === null ? `extra${extra}` : `${stem}${extra === 1 ? '' : extra}`;
  }

  #schemaOf(schema: JsonObject, properties: JsonObject, name: string): Json | undefined {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const patterns = isJsonObject(schema.patternProperties) ? schema.patternProperties : {};
    const fitting = Object.entries(patterns).find(([pattern]) => matches(pattern, name));
    if (own !== undefined && fitting && isJsonObject(own) && isJsonObject(fitting[1]))
      return mergeSchemas(own, fitting[1]);
    return own ?? fitting?.[1] ?? (schema.additionalProperties === false ? undefined : schema.additionalProperties);
  }

  #array(schema: JsonObject, place: Place): Json[] {
    const tuple = [schema.prefixItems, schema.items].find(Array.isArray) ?? [];
    const rest = Array.isArray(schema.items) ? schema.additionalItems : schema.items;
    const contained = schema.contains === undefined ? 0 : numberOr(schema.minContains, 1);
    const min = Math.max(numberOr(schema.minItems, 0), contained);
    const max = Math.max(
      min,
      Math.min(
        numberOr(schema.maxItems, Number.POSITIVE_INFINITY),
        rest === false ? tuple.length : Number.POSITIVE_INFINITY,
      ),
    );
    if (namesFiles(place.name) && this.#isText(rest) && this.#occasion.files) return this.#files({ min, max }, place);
    const asked = place.depth <= 2 ? askedCount(this.#occasion.prompt, place.name) : null;
    const length =
      place.depth >= DEEP
        ? min
        : lengthOf(this.#occasion, place, { min: Math.max(min, Math.min(tuple.length, max)), max, asked });
    const items: Json[] = [];
    const seen = new Set<string>();
    for (let index = 0; index < length && this.#left > 0; index += 1) {
      const part = index < contained ? schema.contains : (tuple[index] ?? rest);
      const item =
        schema.uniqueItems === true ? this.#unseen(part, place, index, seen) : this.#item(part, place, index, 0);
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  #item(schema: Json | undefined, place: Place, index: number, shift: number): Json {
    const step = shift === 0 ? String(index) : `${index} ${shift}`;
    return this.#value(schema, { ...within(place, place.name, step), shift });
  }

  /** An item that is not in the list yet; undefined where none is found, as where there are only so many. */
  #unseen(schema: Json | undefined, place: Place, index: number, seen: Set<string>): Json | undefined {
    for (let shift = 0; shift < MOST_TRIES; shift += 1) {
      const item = this.#item(schema, place, index, shift);
      const text = canonicalJson(item);
      if (seen.has(text)) continue;
      seen.add(text);
      return item;
    }
    return undefined;
  }

  #isText(schema: Json | undefined): boolean {
    return (
      schema === undefined ||
      (isJsonObject(schema) && (schema.type === 'string' || schema.type === undefined) && schema.enum === undefined)
    );
  }

  #files({ min, max }: { min: number; max: number }, { path }: Place): Json[] {
    const files = filesFor(this.#occasion);
    // Where there are too few, names are made up: the schema wants so many.
    const wanted = [...files.slice(0, Math.max(min, Math.min(max, files.length)))];
    while (wanted.length < Math.min(min, MOST_VALUES))
      wanted.push(`made-up/${path.replace(/\W+/g, '-')}-${wanted.length + 1}.ts`);
    return wanted;
  }

  #number(schema: JsonObject, place: Place): number {
    const { name, path } = place;
    if (namesLine(name) && this.#variant === 0) return this.#line(schema, place);
    const whole = schema.type !== 'number' || (Array.isArray(schema.type) && schema.type.includes('integer'));
    const step = typeof schema.multipleOf === 'number' && schema.multipleOf > 0 ? schema.multipleOf : whole ? 1 : null;
    const nudge = step ?? 0.01;
    const over = numberOr(schema.exclusiveMinimum, Number.NEGATIVE_INFINITY);
    const under = numberOr(schema.exclusiveMaximum, Number.POSITIVE_INFINITY);
    const least = Math.max(numberOr(schema.minimum, Number.NEGATIVE_INFINITY), over);
    const most = Math.min(numberOr(schema.maximum, Number.POSITIVE_INFINITY), under);
    const low = Number.isFinite(least) ? least : Math.min(0, Number.isFinite(most) ? most - 100 : 0);
    const high = Number.isFinite(most) ? most : low + (/score|rating|confidence/i.test(name) ? 10 : 1_000);
    const wanted = low + (high - low) * shareOf(this.#occasion, path);
    let value = step === null ? wanted : Math.round(wanted / step) * step;
    if (value <= over || value < low)
      value = step === null ? (low + high) / 2 : Math.ceil((low + (low <= over ? nudge / 2 : 0)) / step) * step;
    if (value >= under || value > high)
      value = step === null ? (low + high) / 2 : Math.floor((high - (high >= under ? nudge / 2 : 0)) / step) * step;
    return Object.is(value, -0) ? 0 : value;
  }

  /** A line that most files have, for scripts look whether it is there; another one for each item of a list. */
  #line(schema: JsonObject, { path }: Place): number {
    const around = path.slice(0, path.lastIndexOf('/'));
    const index = Number(/\d+/.exec(around.slice(around.lastIndexOf('/')))?.[0] ?? 0);
    const first = drawnInteger(this.#occasion.serial, 0, USUAL_LINES - 1);
    const line = 1 + ((first + index) % USUAL_LINES);
    const { minimum = line, maximum = line } = schema;
    return Math.min(Math.max(line, Number(minimum)), Number(maximum));
  }

  #text(schema: JsonObject, place: Place): string {
    const min = Math.min(numberOr(schema.minLength, 0), LONGEST_TEXT);
    const max = numberOr(schema.maxLength, Number.POSITIVE_INFINITY);
    if (typeof schema.pattern === 'string') {
      const matching = textMatching(schema.pattern);
      if (matching !== null) return fitted(matching, min, max);
    }
    if (typeof schema.format === 'string') {
      const known = formatted(schema.format, `${this.#occasion.serial} ${place.path}`);
      if (known !== undefined) return known;
    }
    return fitted(madeUpText(place, this.#occasion), min, max);
  }
}

function fits({ type, enum: choices }: JsonObject, value: string | number): boolean {
  if (Array.isArray(choices)) return choices.includes(value);
  return typeof value === 'string' ? type === 'string' : type === 'integer' || type === 'number';
}

/** Where a value stands in the answer. */
interface Place {
  /** Of the property, or of the list that it is an item of. */
  name: string;
  path: string;
  depth: number;
  /** So many equal items came before it in a list whose items must differ. */
  shift: number;
}

const CONDITION = ['if', 'then', 'else'];
const ALTERNATIVES = ['allOf', 'anyOf', 'oneOf', ...CONDITION];

/** What a schema without a type is about. */
const IMPLIED = [
  { type: 'object', keys: ['properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties'] },
  { type: 'array', keys: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains'] },
  { type: 'number', keys: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'] },
];

function within({ path, depth }: Place, name: string, step: string): Place {
  return { name, path: `${path}/${step}`, depth: depth + 1, shift: 0 };
}

function pick(schema: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => keys.includes(key)));
}

function unescaped(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    // No escape, but a name with a percent sign in it.
    return step;
  }
}

function anchored(root: JsonObject, anchor: string): Json | undefined {
  const named = [root.$defs, root.definitions].flatMap((part) => (isJsonObject(part) ? Object.values(part) : []));
  return named.find((part) => isJsonObject(part) && part.$anchor === anchor);
}

/** What has to be there because of a name that is. */
function needed(schema: JsonObject, name: string): string[] {
  const { dependentRequired, dependencies } = schema;
  return [dependentRequired, dependencies].flatMap((part) => (isJsonObject(part) ? strings(part[name]) : []));
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function numberOr(value: Json | undefined, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function matches(pattern: string, name: string): boolean {
  return withinTime(MATCH_MS, () => new RegExp(pattern, 'u').test(name), false);
}
