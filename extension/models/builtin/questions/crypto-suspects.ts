import { argumentsOf, calleeOf, isCall, lastName, literalText, unwrap } from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import { originsOf } from '../syntax/origins.ts';
import type { Source } from '../syntax/parser.ts';
import type { Suspect } from './lens-questions.ts';

/** Weak cryptography at a node: a call, a constant of a module, or a setting. */
export function cryptoAt(node: SyntaxNode, source: Source): Suspect | null {
  if (isCall(node)) return callAt(node, source);
  const of = (kind: string): Suspect => ({ kind, node, inputs: [] });
  if (/^(attribute|member_expression)$/.test(node.type)) {
    if (/\bPROTOCOL_(SSLv2|SSLv3|SSLv23|TLSv1|TLSv1_1)$|TLSVersion\.(SSLv3|TLSv1|TLSv1_1)$/.test(node.text))
      return of('protocol');
    if (/(MODE_ECB|mode\.ECB)$/.test(node.text)) return of('cipher');
    if (/^hashlib\.(md4|md5|sha1)$/.test(node.text) && node.field !== 'function') return of('hash');
  }
  if (/^(pair|keyword_argument|assignment|assignment_expression|variable_declarator)$/.test(node.type))
    return settingAt(node);
  return null;
}

function callAt(node: SyntaxNode, source: Source): Suspect | null {
  const callee = calleeOf(node);
  const [first, second] = argumentsOf(node);
  const named = (first && literalText(unwrap(first))) ?? '';
  const of = (kind: string, ...inputs: (SyntaxNode | undefined)[]): Suspect => ({
    kind,
    node,
    inputs: inputs.filter((input) => input !== undefined),
  });
  const hasher = lastName(callee);
  if (/^(createHash|createHmac|digest)$/.test(hasher) && /^(md4|md5|sha-?1|ripemd160)$/i.test(named))
    return of('hash', ...hashed(node));
  if (
    /^hashlib\.(md4|md5|sha1)$/.test(callee) ||
    (/^(md5|sha1)$/.test(callee) && !/def (md5|sha1)\b|function (md5|sha1)\b/.test(source.text))
  )
    return of('hash', first, ...hashed(node));
  if (callee === 'hashlib.new' && /^(md4|md5|sha1)$/i.test(named)) return of('hash', second, ...hashed(node));
  if (/(^|\.)(MD5|SHA1?)(\.new)?$/.test(callee) && /\b(hashes|CryptoJS|Crypto|Cryptodome)\b/.test(source.text))
    return of('hash', first);
  if (/(^|\.)create(De)?[cC]ipher$/.test(callee)) return of('cipher', second);
  if (/(^|\.)create(De)?[cC]ipheriv$/.test(callee) && /^(des|rc4|rc2|bf)|ecb/i.test(cipherName(first, source)))
    return of('cipher', second);
  if (
    /\b(DES3?|ARC4|ARC2|Blowfish)\.new$|algorithms\.(ARC4|TripleDES|Blowfish|IDEA)$|modes\.ECB$|CryptoJS\.(DES|TripleDES|RC4)\.\w+$/.test(
      callee,
    )
  )
    return of('cipher', first);
  if (/^Math\.random$|(^|\.)pseudoRandomBytes$/.test(callee)) return of('random');
  if (
    /^(np\.)?random\.(random|randint|randrange|choice|choices|sample|getrandbits|uniform|shuffle|seed|randbytes)$|(^|\.)uuid1$/.test(
      callee,
    )
  )
    return of('random');
  if (/^(randint|choices?)$/.test(callee) && /from\s+random\s+import/.test(source.text)) return of('random');
  if (/^jwt\.(decode|decode_complete)$/.test(callee)) return of('signature', first);
  if (
    /(^|\.)(pbkdf2|pbkdf2Sync|pbkdf2_hmac|PBKDF2\w*)$|^bcrypt\.(hash|hashSync|genSalt|genSaltSync|gensalt)$|^RSA\.generate$|(^|\.)generate_private_key$/.test(
      callee,
    )
  )
    return of('derivation', ...argumentsOf(node));
  return null;
}

/** What is fed into a hash by `.update()` behind its making. */
function hashed(call: SyntaxNode): SyntaxNode[] {
  const inputs: SyntaxNode[] = [];
  for (const outer of call.around()) {
    if (isCall(outer) && /\.update$/.test(outer.at('function')?.text ?? ''))
      inputs.push(...argumentsOf(outer).slice(0, 1));
    if (!/^(member_expression|attribute|call|call_expression)$/.test(outer.type)) break;
  }
  return inputs;
}

function cipherName(argument: SyntaxNode | undefined, source: Source): string {
  if (!argument) return '';
  return (
    literalText(unwrap(argument)) ??
    originsOf(argument, source.root)
      .map((origin) => origin.text.replace(/['"`]/g, ''))
      .find((name) => /^(des|rc4|rc2|bf)|ecb/i.test(name)) ??
    ''
  );
}

function settingAt(node: SyntaxNode): Suspect | null {
  const name = (node.at('key') ?? node.at('name') ?? node.at('left'))?.text.replace(/['"`]/g, '') ?? '';
  const value = node.at('value') ?? node.at('right');
  if (!value) return null;
  const text = literalText(unwrap(value));
  const of = (kind: string): Suspect => ({ kind, node, inputs: [value] });
  if (
    /^(minVersion|secureProtocol|min_version)$/.test(name) &&
    /^(TLSv1|TLSv1\.1|SSLv3|SSLv3_method|TLSv1_method)$/.test(text ?? '')
  )
    return of('protocol');
  if (/^algorithms?$/.test(name) && /^\[?\s*['"`]none['"`]/.test(value.text)) return of('signature');
  if (name === 'verify_signature' && /^(false|False)$/.test(value.text)) return of('signature');
  if (/^algo\w*$|cipher/i.test(name) && /^(des|rc4|rc2)\b|ecb$/i.test(text ?? '')) return of('cipher');
  if (/^algo\w*$|^hash\w*$/i.test(name) && /^(md5|sha1)$/i.test(text ?? '')) return of('hash');
  if (/^(modulusLength|key_size)$/.test(name) && Number(value.text) < 2048) return of('key size');
  if (
    /(^|_)(iv|nonce|salt)(_|$)|(IV|Nonce|Salt|iv|nonce|salt)$/.test(lastName(name)) ||
    /^(IV|NONCE|SALT)\b/.test(name)
  ) {
    if (text !== undefined && text.length >= 4) return of('fixed');
    if (/^(Buffer\.(alloc|from)|bytes|bytearray|Uint8Array)$/.test(calleeOf(unwrap(value)))) return of('fixed');
  }
  return null;
}
