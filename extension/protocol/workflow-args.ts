import type { JsonObject } from './json.ts';

/** What a script says of its `args` by `meta.args`: a JSON Schema, with defaults, or one line of text for a person. */
export type WorkflowArgs = { schema: JsonObject } | { line: string };
