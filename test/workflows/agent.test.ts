import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import Markdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { expect, test } from 'vitest';
import type { Json } from '../../extension/protocol/json.ts';
import { type LibraryRun, runLibrary } from '../support/library-run.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { ROOT } from '../support/workspace.ts';

interface Result {
  answer: string;
  report: string;
}

function ask(args: Record<string, Json>, answer: Json = 'so be it'): Promise<LibraryRun<Result>> {
  return runLibrary<Result>('agent', args, [['A person gave you this task', answer]]);
}

test('the task is asked as it was given, and its answer is the result and the report', async () => {
  const task = 'Name the `mill`.\nIn *one* word.';
  const { status, result, prompts } = await ask({ task });
  expect(status).toBe('completed');
  expect(prompts).toHaveLength(1);
  expect(prompts[0]).toMatch(/^Name the `mill`\.\nIn \*one\* word\.\n\nA person gave you this task/);
  expect(result).toEqual({ answer: 'so be it', report: '# Name the `mill`.\n\nso be it\n' });
});

test('an agent without an answer fails the run, which says how to go on', async () => {
  const { status, error, logs } = await ask({ task: 'Name the mill.' }, { status: 400 });
  expect(status).toBe('failed');
  expect(error?.message).toContain('A resume asks it again.');
  expect(logs.join('\n')).toContain('Name the mill.');
});

test('a kind of agents that there is not is told, and nobody is asked', async () => {
  const { status, error, prompts } = await ask({ task: 'Name the mill.', agentType: 'miller' });
  expect([status, prompts]).toEqual(['failed', []]);
  expect(error?.message).toContain('there is no agentType "miller"');
});

const ANSWER = `# Found

1. First, in \`src/a.ts:3\`:

   \`\`\`ts
   const a = list[0] as Map<string, string[]>;
   \`\`\`
2. Then **this**

| name | what |
| :--- | ---: |
| \`a\` | one |`;

test('the answer keeps its headings, lists, tables and code', async () => {
  const { report } = (await ask({ task: 'Look' }, ANSWER)).result;
  const html = renderToStaticMarkup(createElement(Markdown, { remarkPlugins: [remarkGfm] }, report));
  expect(html).toContain('<h1>Found</h1>');
  expect(html).toContain('<code>src/a.ts:3</code>');
  expect(html).toContain('const a = list[0] as Map&lt;string, string[]&gt;;');
  expect(html).toContain('<li>Then <strong>this</strong></li>');
  expect(html).toContain('<th style="text-align:right">what</th>');
});

const HOSTILE = [
  '![x](https://example.com/x.png)',
  '[x](command:evil)',
  '[x]: https://example.com/x.png\n\n![x]',
  '<img src="https://example.com/x.png">',
  '<https://example.com>',
  'see[^1]\n\n[^1]: note',
  '- a\n  ```\n![x](https://example.com)',
  '```\n```\n![x](https://example.com)\n```',
  '- ```\n![x](https://example.com)\n```\n![y](https://example.com)',
  '> ~~~\n> a\n\n![x](https://example.com)',
  '- ~~~\n  ~~~\n![x](https://example.com)\n  ~~~',
  '    ```\n![x](https://example.com)\n```\n![y](https://example.com)',
  '~~~\n```\n![x](https://example.com)\n~~~',
  '~~~~\n```\n~~~\n![x](https://example.com)\n~~~~\n![y](https://example.com)',
  '| a | b |\n| --- | --- |\n| `![x](https://example.com) | b` | c |',
  '`a\n![x](https://example.com)\nb`',
  '`` ` ![x](https://example.com) ` ``',
  '\\`![x](https://example.com)\\`',
  '\\![x](https://example.com) \\[x](command:evil) \\\\[x](command:evil)',
  '``` ![x](https://example.com) ```',
];
const ALPHABET = [
  '```',
  '~~~',
  '`',
  '[x](a:b)',
  '![x](a:b)',
  '<b>',
  '|',
  '\n',
  '\n',
  '\n\n',
  '- ',
  '> ',
  '  ',
  '    ',
  '\t',
  '\\',
  'x',
  '1. ',
  '| --- | --- |',
];
/** What an answer may come to: no link, image, HTML, definition or footnote is among them. */
const HARMLESS =
  /^(paragraph|text|inlineCode|code|list|listItem|blockquote|heading|table|tableRow|tableCell|thematicBreak|break|emphasis|strong|delete)$/;

interface MarkdownNode {
  type: string;
  children?: MarkdownNode[];
}

function kindsIn(markdown: string): string[] {
  let root: MarkdownNode = { type: 'none' };
  const keep = () => (tree: unknown) => {
    root = structuredClone(tree) as MarkdownNode;
  };
  renderToStaticMarkup(createElement(Markdown, { remarkPlugins: [remarkGfm, keep] }, markdown));
  const below = (node: MarkdownNode): string[] =>
    (node.children ?? []).flatMap((child) => [child.type, ...below(child)]);
  return below(root);
}

/** The functions of the script that make an answer harmless, taken out of it as it stands there. */
function harmlessOf(): (markdown: string) => string {
  const text = readFileSync(join(ROOT, 'workflows/agent.js'), 'utf8');
  const functions = [...text.matchAll(/^function [\s\S]*?^}/gm)].map(([one]) => one).join('\n');
  return new Function(`${functions}\nreturn harmless;`)() as (markdown: string) => string;
}

test('nothing in an answer reaches out of the report: no link, no image, no HTML', () => {
  const harmless = harmlessOf();
  const random = seededRandom(7);
  const piece = (): string => ALPHABET[Math.floor(random() * ALPHABET.length)]!;
  const made = Array.from({ length: 800 }, () => Array.from({ length: 16 }, piece).join(''));
  // Of themselves an address is no link here, for the ones in these texts stand in what would be one.
  for (const text of [...HOSTILE, ...made].map((one) => one.replaceAll('https://', 'x:')))
    expect([text, harmless(text), kindsIn(harmless(text)).filter((kind) => !HARMLESS.test(kind))]).toEqual([
      text,
      harmless(text),
      [],
    ]);
});

test('nothing in an answer is drawn by what VS Code adds to Markdown: no diagram, no formula', () => {
  const drawn = '```mermaid\nflowchart\n```\n:::mermaid\nflowchart\n:::\n- ::: mermaid\n$$\n```\n$$\ncosts $1 or $2';
  expect(harmlessOf()(drawn)).toBe(
    '```\nflowchart\n```\n\\:::mermaid\nflowchart\n\\:::\n- \\::: mermaid\n\\$\\$\n```\n$$\ncosts $1 or $2\n```',
  );
});
