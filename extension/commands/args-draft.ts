import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';
import type { WorkflowArgs } from '../protocol/workflow-args.ts';
import { parseArgsText } from './args-text.ts';
import { type Field, fieldsOf, valuesOf } from './schema-fields.ts';

/** What a person has said so far of the `args` of one script. */
export class ArgsDraft {
  readonly args: WorkflowArgs | undefined;
  readonly fields: Field[];
  given = new Map<string, Json | undefined>();
  typed = '';
  /** The values are asked for one by one. */
  filling: boolean;

  constructor(args?: WorkflowArgs) {
    this.args = args;
    this.fields = args && 'schema' in args ? argsFields(args.schema) : [];
    this.filling = !canBeDefaults(this.fields);
  }

  /** Undefined for none. */
  value(): Json | undefined {
    if (this.args && 'schema' in this.args) {
      const given = this.filling ? this.given : defaultsOf(this.fields);
      const [only] = this.fields;
      if (only?.name === '') return given.get('');
      return this.fields.length === 0 ? undefined : valuesOf(this.fields, given);
    }
    const read = parseArgsText(this.typed);
    return read.ok ? read.args : undefined;
  }
}

/** Nothing is asked where the script says that it takes nothing. */
function argsFields(schema: JsonObject): Field[] {
  const none = isJsonObject(schema.properties) && Object.keys(schema.properties).length === 0;
  return none ? [] : fieldsOf(schema);
}

/** Whether a script could be run without asking: every value has a default, or may be left out. */
export function canBeDefaults(fields: readonly Field[]): boolean {
  return fields.length > 0 && fields.every(({ preset, required }) => preset !== undefined || !required);
}

/** The `args` of a script whose person was not asked; undefined for none. */
export function defaultArgs(args: WorkflowArgs | undefined): Json | undefined {
  const draft = new ArgsDraft(args);
  return draft.filling ? undefined : draft.value();
}

function defaultsOf(fields: readonly Field[]): Map<string, Json | undefined> {
  return new Map(fields.map(({ name, preset }) => [name, preset]));
}
