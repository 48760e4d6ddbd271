import {
  argumentsOf,
  calleeOf,
  functionAround,
  isCall,
  lastName,
  literalText,
  nameOfFunction,
  nodesOnRow,
  unwrap,
} from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import { originsOf } from '../syntax/origins.ts';
import type { Source } from '../syntax/parser.ts';
import { namesAround } from './common.ts';
import { flowsInto, parameterOf, tooCheap } from './crypto-facts.ts';
import { holds, type LensQuestions, type Opinion, refutes, type Suspect } from './lens-questions.ts';
import { isForSecurity, isForSomethingElse } from './purpose.ts';

/** Patterns over a longer line could take forever. */
const LINE_TO_READ = 300;

export const weakCrypto: LensQuestions = {
  noun: 'weak cryptography',
  suspectOn(source: Source, row: number): Suspect | null {
    for (const node of nodesOnRow(source.root, row)) {
      const suspect = cryptoAt(node, source);
      if (suspect) return suspect;
    }
    return null;
  },

  liveCode({ suspect, source }): Opinion {
    if (/usedforsecurity\s*=\s*False/.test(suspect.node.text))
      return refutes('Its own argument says that it is not for security.');
    const names = namesAround(suspect.node);
    if (suspect.kind === 'random') {
      const secret = names.find(isForSecurity);
      return secret
        ? holds(`By the names around, it makes a secret: \`${secret}\`.`)
        : refutes(`Nothing around it is about secrets${names[0] ? ` (\`${names[0]}\`)` : ''}.`);
    }
    if (suspect.kind === 'hash') {
      if (names.some(isForSecurity))
        return holds(`By the names around, security hangs on it: \`${names.find(isForSecurity)}\`.`);
      const other = names.find(isForSomethingElse);
      return other
        ? refutes(`\`${other}\` is no matter of security.`)
        : holds('Nothing around it says that it is not for security.');
    }
    if (
      suspect.kind === 'cipher' &&
      names.some((name) => /legacy|migrat|old/i.test(name)) &&
      /decipher|decrypt/i.test(suspect.node.text)
    )
      return refutes('It only reads data of old.');
    const settled = parameterOf(suspect, source);
    return settled ? refutes(settled) : holds('It is live code.');
  },

  dataFlow({ suspect, root, source }): Opinion {
    if (suspect.kind === 'random') return randomFlow(suspect, root);
    if (suspect.kind === 'hash') return hashFlow(suspect, root);
    const settled = tooCheap(suspect, root) ?? parameterOf(suspect, source);
    return settled ? refutes(settled) : holds('The value is written out here, and nothing changes it later.');
  },

  realImpact({ suspect, source, root }): Opinion {
    const fn = namedFunctionAround(suspect.node);
    const near = source.lines
      .slice(Math.max(0, suspect.node.row - 3), suspect.node.endRow + 2)
      .map((line) => line.slice(0, LINE_TO_READ))
      .join('\n');
    if (suspect.kind === 'hash' || suspect.kind === 'random') return impactByPurpose(suspect, fn, near);
    const settled = tooCheap(suspect, root);
    if (settled) return refutes(`It is strong enough: ${settled}`);
    if (
      suspect.kind === 'cipher' &&
      /decipher|decrypt/i.test(suspect.node.text) &&
      /legacy|migrat|before \d{4}|old format/i.test(`${near}${fn ? nameOfFunction(fn) : ''}`)
    )
      return refutes('It protects nothing new: it only reads what was written in the past.');
    if (suspect.kind === 'signature' && /\.verify\(/.test(fn?.text ?? ''))
      return refutes('The same function verifies the signature.');
    return holds('Whoever holds the data can undo the protection.');
  },
};

function namedFunctionAround(node: SyntaxNode): SyntaxNode | undefined {
  let fn = functionAround(node);
  while (fn && nameOfFunction(fn) === '') fn = functionAround(fn);
  return fn;
}

function cryptoAt(node: SyntaxNode, source: Source): Suspect | null {
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

function randomFlow({ node }: Suspect, root: SyntaxNode): Opinion {
  const { names, texts } = flowsInto(node, root);
  const secret = names.find(isForSecurity);
  if (secret) return holds(`Its value goes into \`${secret}\`.`);
  const made = texts.find((text) =>
    /toString\((36|16|32)\)|\[\s*Math\.floor|charAt|ascii_letters|hexdigits|string\.digits/.test(text),
  );
  const fn = functionAround(node);
  if (made && fn && isForSecurity(nameOfFunction(fn)))
    return holds('Its value becomes a text that others must not guess.');
  return refutes(`Its value goes into ${names[0] ? `\`${names[0]}\`` : 'a calculation'}, no secret.`);
}

function hashFlow({ node, inputs }: Suspect, root: SyntaxNode): Opinion {
  const { names, texts } = flowsInto(node, root);
  const given = inputs.flatMap((input) => [input.text, ...originsOf(input, root).map((origin) => origin.text)]);
  const secret = [...given, ...names].find(isForSecurity);
  if (secret) return holds(`A secret goes through it: \`${secret.slice(0, 60)}\`.`);
  const cut = texts.find((text) =>
    /\.(slice|substring|substr)\(\s*0|\[:\d+\]|int\(|parseInt|readUInt|%\s*\w/.test(text),
  );
  if (cut) return refutes('Only a part of the digest is used, as a short name or a number.');
  const other = [...names, ...given].find(isForSomethingElse);
  if (other) return refutes(`It sums up \`${other.replace(/\s+/g, ' ').slice(0, 60)}\`, which is no secret.`);
  return holds('What goes in may matter: nothing shows that it is plain content.');
}

function impactByPurpose({ kind, node }: Suspect, fn: SyntaxNode | undefined, near: string): Opinion {
  if (/usedforsecurity\s*=\s*False/.test(node.text)) return refutes('It is marked as not used for security.');
  const comment =
    /(?:\/\/|#|\*)([^\n]*\b(not|no)\b[^\n]*(secur|crypto|secret)[^\n]*|[^\n]*(non-?crypto|checksum|cache key|etag|collision|only for|gravatar|protocol requires|required by)[^\n]*)/i.exec(
      near,
    );
  if (comment) return refutes(`The code says what it is for: "${comment[1]!.trim().slice(0, 100)}".`);
  const text = fn?.text ?? near;
  if (kind === 'random') {
    const named = [fn ? nameOfFunction(fn) : '', ...wordsAssigned(text, near)].find(isForSecurity);
    return named && !/jitter|backoff|shuffle|animat|color|mock|fake/i.test(text.slice(0, 300))
      ? holds(`Who guesses \`${named}\` gets in.`)
      : refutes('Nobody gains anything by guessing the value.');
  }
  if (/gravatar|258EAFA5|content-md5|oauth_signature|hotp|totp|sha1-git|blob \$\{/i.test(text))
    return refutes('The protocol asks for this very hash.');
  const words = [fn ? nameOfFunction(fn) : '', near];
  if (words.some(isForSecurity) || isForSecurity(text.slice(0, 200)))
    return holds('Who can make a second input of the same hash gets around the check.');
  return words.some(isForSomethingElse) || isForSomethingElse(text.slice(0, 400))
    ? refutes('A second input of the same hash would gain nobody anything.')
    : holds('What hangs on the digest is not known, and its weakness is.');
}

function wordsAssigned(text: string, near: string): string[] {
  return [...near.matchAll(/([\w.$]+)\s*(?:\+?=)[^=]/g)]
    .map((match) => match[1]!)
    .concat([...text.matchAll(/return\s+([\w.$]+)/g)].map((match) => match[1]!));
}
