import type { Json } from '../../protocol/json.ts';
import { LENSES } from './rules/rule.ts';
import { objectField, parseTaskHeader, stringField, stringListField, type TaskHeader } from './task-header.ts';

/**
 * What the built-in analyst would answer to such a prompt, as an example of its form: whoever asks can hold a schema against
 * it. Null where it would fail. The form is that of docs/task-header.md.
 */
export function exampleAnswer(prompt: string): Json | null {
  const header = parseTaskHeader(prompt);
  if (!header || !Object.hasOwn(EXAMPLES, header.task)) return null;
  return EXAMPLES[header.task]!(header);
}

const EXAMPLES: Record<string, (header: TaskHeader) => Json | null> = {
  scout: () => ({ files: ['src/orders.js'], total: 1 }),
  find: (header) => {
    if (!isLens(stringField(header, 'Lens')) || !stringListField(header, 'Files')) return null;
    const evidence = 'db.query("SELECT " + name)';
    return { findings: [{ file: 'src/orders.js', line: 1, severity: 'high', title: 'SQL from parts', evidence }] };
  },
  challenge: (header) => {
    const claim = objectField(header, 'Claim');
    return isLens(claim?.lens) ? { verdict: 'upheld', reason: 'It stands in the code.' } : null;
  },
};

function isLens(lens: unknown): boolean {
  return LENSES.some((known) => known === lens);
}
