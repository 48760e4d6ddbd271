/** `npm run docs`: writes the documentation that is made from code. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guideMarkdown } from '../extension/planner/guide.ts';

/** The text of docs/patterns.md: what the planner goes by, for people who write workflows themselves. */
export function patternsPage(): string {
  return `<!-- Made from extension/planner/guide.ts by \`npm run docs\`. -->

# Patterns

How a good workflow is written, in short. The planner, which writes workflows for a goal, goes by the same text, and a test
tries every example. [workflows.md](workflows.md) has all that the dialect knows.

${guideMarkdown()}
`;
}

if (import.meta.main) {
  const path = join(import.meta.dirname, '../docs/patterns.md');
  writeFileSync(path, patternsPage());
  console.log(path);
}
