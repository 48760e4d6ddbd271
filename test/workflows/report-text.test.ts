import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import Markdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { expect, test } from 'vitest';
import { seededRandom } from '../support/seeded-random.ts';
import { ROOT } from '../support/workspace.ts';

/** A node of the syntax tree of Markdown (mdast). */
interface MarkdownNode {
  type: string;
  url?: string;
  value?: string;
  children?: MarkdownNode[];
}

const SCRIPTS = readdirSync(join(ROOT, 'workflows')).filter((file) => file.endsWith('.js'));
const HOSTILE = [
  'a```<script>alert(1)</script>`b',
  '~~~',
  '- one',
  '12) twelve',
  '===',
  '> quoted',
  '# heading',
  '![x](https://example.com/x.png)',
  '[x](command:evil)',
  '<a href="command:evil">x</a>',
  'a | b | c',
  '`code` and `` `` ` ``` | `',
  '\\`<b>\\`',
  '\\',
  '<!-- ',
  '[x]: https://example.com',
  'two  \nlines\n\n# third',
];
const ALPHABET = [...'`````*_<>[]()!#|~-+=\\ \n&;:./ab1'];

/** The function of a script that makes foreign text harmless, taken out of the script as it stands there. */
function escaperOf(script: string): (text: string) => string {
  const text = readFileSync(join(ROOT, 'workflows', script), 'utf8');
  const named = (name: string): string => new RegExp(`^function ${name}\\([^]*?^}`, 'm').exec(text)?.[0] ?? '';
  return new Function(`${named('escaped')}\n${named('code')}\nreturn escaped;`)() as (text: string) => string;
}

function parsed(markdown: string): MarkdownNode {
  let root: MarkdownNode = { type: 'none' };
  const keep = () => (tree: unknown) => {
    root = structuredClone(tree) as MarkdownNode;
  };
  renderToStaticMarkup(createElement(Markdown, { remarkPlugins: [remarkGfm, keep] }, markdown));
  return root;
}

/** Kinds of nodes below one, but for an address that became a link to itself. */
function kindsIn(node: MarkdownNode): Set<string> {
  const kinds = new Set<string>();
  for (const child of node.children ?? []) {
    const isAddress = child.type === 'link' && /^(https?|mailto):/.test(child.url ?? '');
    if (!isAddress) kinds.add(child.type);
    for (const kind of kindsIn(child)) kinds.add(kind);
  }
  return kinds;
}

function texts(): string[] {
  const random = seededRandom(11);
  const letter = (): string => ALPHABET[Math.floor(random() * ALPHABET.length)]!;
  return [...HOSTILE, ...Array.from({ length: 150 }, () => Array.from({ length: 14 }, letter).join(''))];
}

test.each(SCRIPTS)('%s: foreign text is text in its report, in a paragraph as in a table', (script) => {
  const escaped = escaperOf(script);
  for (const text of texts()) {
    const safe = escaped(text);
    const paragraphs = parsed(`before\n\n${safe}\n\nafter`);
    const kinds = [...kindsIn(paragraphs)].filter((kind) => !['paragraph', 'text', 'inlineCode'].includes(kind));
    expect([text, safe, kinds]).toEqual([text, safe, []]);
    expect(paragraphs.children?.at(-1)?.children?.[0]?.value).toBe('after');
    const table = parsed(`| a | b |\n| --- | --- |\n| ${safe} | last |`).children?.[0];
    const cells = table?.children?.at(-1)?.children ?? [];
    expect([text, safe, cells.length]).toEqual([text, safe, 2]);
    expect(cells.at(-1)?.children?.[0]?.value).toBe('last');
  }
});
