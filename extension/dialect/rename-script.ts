import { type Options, type Property, parse } from 'acorn';
import { readScript } from './read-script.ts';
import { findMeta } from './script-meta.ts';

/** What `readScript` accepts; it has read the text before this does. */
const PARSE_OPTIONS: Options = {
  ecmaVersion: 'latest',
  sourceType: 'module',
  allowReturnOutsideFunction: true,
  allowHashBang: true,
};

/**
 * The text of a script with another `meta.name`; not a character else is changed.
 * @throws ScriptRefusedError where it is no script.
 */
export function renamedScript(text: string, name: string): string {
  if (readScript(text).meta.name === name) return text;
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const file = text.slice(mark.length);
  const { object } = findMeta(parse(file, PARSE_OPTIONS));
  const { start, end } = object.properties.findLast(isName)!.value;
  return `${mark}${file.slice(0, start)}${JSON.stringify(name)}${file.slice(end)}`;
}

/** As JavaScript takes it: the last property of that name, be it written in quotes or without. */
function isName(part: { type: string }): part is Property {
  if (part.type !== 'Property') return false;
  const { key } = part as Property;
  return (key.type === 'Identifier' && key.name === 'name') || (key.type === 'Literal' && key.value === 'name');
}
