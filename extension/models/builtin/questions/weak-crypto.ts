import { functionAround, nameOfFunction, nodesOnRow } from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import { originsOf } from '../syntax/origins.ts';
import type { Source } from '../syntax/parser.ts';
import { namesAround } from './common.ts';
import { flowsInto, parameterOf, tooCheap } from './crypto-facts.ts';
import { cryptoAt } from './crypto-suspects.ts';
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
