import { type Comment, getLineInfo, type Token } from 'acorn';
import { ScriptRefusedError } from '../protocol/errors.ts';

/** Tokens and comments of a script, in their order: as far as it was read, where it could not be read to its end. */
export interface ScriptParts {
  tokens: Token[];
  comments: Comment[];
}

/** What steers a screen or turns a line around has no honest use unescaped; a tab and the usual ends of a line have. */
const STEERING = /[^\P{Cc}\t\n\r]|\r(?!\n)|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/**
 * Text in characters that nobody sees, for a model to read: tag characters, which only the flags of some countries are
 * made of, or a long row of invisible ones.
 */
const SMUGGLED =
  /(?<flag>\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f})|[\u{e0000}-\u{e007f}]|\p{Default_Ignorable_Code_Point}{8}/gu;
/** What nobody sees, and what ends a line where editors go on with it. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu;
const LINE_ENDS = /[\u2028\u2029]/;
const TEXTS = new Set(['string', 'template', 'invalidTemplate', 'regexp']);

/** Refuses what must not stand anywhere in a script, its strings and comments included. @throws ScriptRefusedError */
export function checkCharacters(file: string): void {
  const steering = STEERING.exec(file);
  if (steering) refuseAt(file, steering.index, steeringMessage(steering[0]));
  for (const { index, 0: found, groups } of file.matchAll(SMUGGLED)) {
    if (!groups?.flag) refuseAt(file, index, `Text in invisible characters begins here (${codeOf(found)}). Remove it.`);
  }
}

/**
 * Refuses invisible characters in the code itself; emoji and many languages need some of them in strings and comments.
 * @param end Up to where the parts are those of the file.
 * @throws ScriptRefusedError
 */
export function checkUnseen(file: string, { tokens, comments }: ScriptParts, end = file.length): void {
  const texts = [...tokens.filter(({ type }) => TEXTS.has(type.label)), ...comments].sort((a, b) => a.start - b.start);
  let next = 0;
  for (const { index, 0: found } of file.matchAll(UNSEEN)) {
    if (index > end) return;
    while (next < texts.length && (texts[next]?.end ?? 0) <= index) next++;
    const text = texts[next];
    const inside = text !== undefined && text.start <= index;
    // In a block comment it hides nothing, but an editor would count other lines than an engine.
    if (inside && !(text.type === 'Block' && LINE_ENDS.test(found))) continue;
    refuseAt(file, index, unseenMessage(found));
  }
}

/** @throws ScriptRefusedError at an offset of the file, always. */
export function refuseAt(file: string, offset: number, message: string): never {
  const { line, column } = getLineInfo(file, offset);
  throw new ScriptRefusedError(message, { line, column: column + 1 });
}

/** Such as `U+200B`. */
export function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function steeringMessage(character: string): string {
  if (character === '\r')
    return 'A carriage return ends a line here that many editors go on with. End every line with LF or CRLF.';
  const escaped = `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  const does = /\p{Cc}/u.test(character)
    ? 'is a control character, and changes what a screen shows of the script'
    : 'changes the direction of text, so that the script shows one thing and runs another';
  return `${codeOf(character)} ${does}. Remove it, or write it in a string as ${escaped}.`;
}

function unseenMessage(character: string): string {
  return LINE_ENDS.test(character)
    ? `${codeOf(character)} ends a line here that many editors go on with: what looks like a comment may run. Begin a new line instead.`
    : `${codeOf(character)} is invisible, and stands in the code itself. Remove it; only strings and comments may have it.`;
}
