import { calleeOf, isCall } from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';

const MADE_UP =
  /change.?(me|this|it)|your[-_ ]|<[^>]*>|x{4,}|\*{3,}|\.{3}|…|placeholder|example|dummy|sample|fake|insert|replace|redacted|todo|put[-_ ]|^(test|foo|bar|baz|none|null|undefined|n\/a|secret|password|token|key|value|string|user|pass|abc|abcd|1234)[-_]?\d{0,1}$|not[-_ ]?a?[-_ ]?real|^\[.*\]$|lorem|my[-_](secret|token|password|api|key)|enter[-_ ]|for[-_ ]?(testing|tests)|mock/i;
const PUBLIC =
  /publishable|public|anon|site_?key|client_?id|app_?id|measurement|(^|_)pk($|_)|recaptcha_?site|vapid_?public/i;
const WORDS =
  /^(bearer|basic|jwt|oauth2?|password|passwd|token|tokens|string|text|hidden|required|optional|default|true|false|email|username|number|access|refresh|id_token|api|header|query|cookie|session|local|secret|authorization|credentials|same-origin|include|omit|reset|forgot|change|plain|hashed|new-password|current-password|off|on)$/i;

/** What it is called, or what it is handed to, says that sessions or tokens are signed with it: any literal is wrong there. */
export function isSigningKey(name: string, node: SyntaxNode): boolean {
  if (/^(secret_?key\w*|(jwt|session|cookie|signing|flask)_?secret\w*|hmac_?(key|secret))$/i.test(name)) return true;
  const call = [...node.around()].find(isCall);
  if (name === '') return call !== undefined && /(^jwt\.(sign|encode)|cookieParser)$/.test(calleeOf(call));
  return (
    name === 'secret' &&
    call !== undefined &&
    /^(session|cookieSession|expressSession|jwt|expressJwt)$/.test(calleeOf(call))
  );
}

/** A value that stands for one to be put in. */
export function isMadeUp(value: string): boolean {
  return MADE_UP.test(value) || new Set(value.toLowerCase()).size < 4;
}

export function isPublic(name: string, value: string): boolean {
  return PUBLIC.test(name) || /^(pk_|pub_)/.test(value) || /BEGIN PUBLIC KEY/.test(value);
}

/** An identifier, a path, a header, a variable's name: words joined, and nothing that nobody could guess. */
export function isName(value: string, name: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (WORDS.test(value) || (name !== '' && plain(value) === plain(name))) return true;
  if (/^(\.{0,2}\/|https?:\/\/|#|\.|@|--)/.test(value) && !/\d.*[A-Z].*\d/.test(value)) return true;
  if (/^[A-Z][A-Z_]*(_[A-Z0-9]+)+$/.test(value) || /^([A-Z][a-z]*-)+[A-Z]?[a-z]+$/.test(value)) return true;
  if (/\.(json|pem|key|txt|ya?ml|env|html?|js|ts|py|crt)$/i.test(value)) return true;
  // Words joined by signs or capitals, with the word for a credential among them: a key of a table, an event, a column.
  const words = value.split(/[-_.:/\s]+|(?<=[a-z])(?=[A-Z])/).filter((word) => word !== '');
  return (
    words.length > 1 &&
    words.every((word) => /^[A-Za-z]{2,}$/.test(word)) &&
    words.some((word) =>
      /^(token|password|passwd|secret|key|auth|user|id|api|access|refresh|session|login|reset|csrf|credential)s?$/i.test(
        word,
      ),
    ) &&
    !/^(super|my|this|very)/i.test(value)
  );
}

/** A text with blanks between several words. */
export function isProse(value: string): boolean {
  const words = value.trim().split(/\s+/);
  return words.length >= 3 && words.filter((word) => /^[A-Za-z'’,.:!?()-]+$/.test(word)).length >= words.length - 1;
}

/** Letters alone may be a word; a digit or a sign among them is what people and programs put into secrets. */
export function isStrong(value: string): boolean {
  if (value.length < 6) return false;
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9\s]/].filter((kind) => kind.test(value)).length;
  return (classes >= 2 && /[\d]|[^A-Za-z0-9\s_.:/-]/.test(value)) || (value.length >= 16 && entropy(value) > 3.5);
}

/** Made by a program: long, and without order. */
export function looksLikeKey(value: string): boolean {
  return value.length >= 20 && entropy(value) > 3.5 && /\d/.test(value);
}

/** Shannon's, in bits a character. */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
