/** All that the script for code holds; `../markdown/load.ts` brings it. Plain data in and out: elements are made by React alone. */
import { type Change, diffLines } from 'diff';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import markdown from 'highlight.js/lib/languages/markdown';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import scss from 'highlight.js/lib/languages/scss';
import shell from 'highlight.js/lib/languages/shell';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';

const grammars = {
  bash,
  c,
  cpp,
  csharp,
  css,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  markdown,
  php,
  python,
  ruby,
  rust,
  scss,
  shell,
  sql,
  swift,
  typescript,
  xml,
  yaml,
};
const lowlight = createLowlight(grammars);

/** A piece of code: plain, or of a kind that has a class. */
export type Token = string | { classes: string; tokens: Token[] };

/** The tokens of a text, or null where the language, by its name or an alias such as `ts`, is not known. */
export function tokensOf(text: string, language: string): Token[] | null {
  if (!lowlight.registered(language)) return null;
  return lowlight.highlight(language, text).children.flatMap(tokenOf);
}

type Node = ReturnType<typeof lowlight.highlight>['children'][number];

function tokenOf(node: Node): Token[] {
  if (node.type === 'text') return [node.value];
  if (node.type !== 'element') return [];
  const { className } = node.properties;
  return [{ classes: Array.isArray(className) ? className.join(' ') : '', tokens: node.children.flatMap(tokenOf) }];
}

/** Further apart than so many lines, two texts are shown as one that goes and one that comes. */
const MOST_CHANGES = 2000;

/** What has to be done to the lines of one text to get the other. */
export function changesBetween(before: string, after: string): Pick<Change, 'value' | 'added' | 'removed'>[] {
  const changes = diffLines(before, after, { maxEditLength: MOST_CHANGES });
  return (
    changes ?? [
      { value: before, added: false, removed: true },
      { value: after, added: true, removed: false },
    ]
  );
}
