import {
  argumentsOf,
  bindingsIn,
  calleeOf,
  functionAround,
  isCall,
  isFunction,
  keyOf,
  literalText,
  nameOfFunction,
  optionOf,
  unwrap,
} from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import { originsOf } from '../syntax/origins.ts';
import type { Source } from '../syntax/parser.ts';
import type { Suspect } from './lens-questions.ts';

/** OWASP's password storage guide asks for 600,000 rounds of SHA-256; below this a single machine tries every common password. */
const ENOUGH_ROUNDS = 100_000;
const ENOUGH_BCRYPT = 10;
const ENOUGH_RSA = 2_048;

/** Where a value goes: the names it is put into, and the text of the expressions on the way. */
export function flowsInto(node: SyntaxNode, root: SyntaxNode): { names: string[]; texts: string[] } {
  const names: string[] = [];
  const texts: string[] = [];
  for (const outer of node.around()) {
    if (isFunction(outer)) {
      // The value of a callback becomes a part of what the call makes; that of any other function goes to its callers.
      if (/^(arguments|argument_list)$/.test(outer.parent?.type ?? '')) continue;
      names.push(nameOfFunction(outer));
      break;
    }
    texts.push(outer.text.slice(0, 300));
    const target = /declarator$|^(augmented_)?assignment/.test(outer.type)
      ? (outer.at('name') ?? outer.at('left'))
      : undefined;
    if (target) {
      const bound = bindingsIn(target)[0]?.text ?? target.text;
      names.push(bound, ...usesOf(bound, outer, root));
      break;
    }
    if (outer.type === 'pair') names.push(keyOf(outer));
    if (outer.type === 'keyword_argument') names.push(outer.at('name')?.text ?? '');
    if (isCall(outer) && outer !== node && !isPartOf(outer, node)) names.push(calleeOf(outer));
    if (outer.type === 'return_statement') {
      names.push(nameOfFunction(functionAround(outer) ?? outer));
    }
    if (/^(comparison_operator|binary_expression)$/.test(outer.type))
      names.push(...outer.named.map((side) => side.text.slice(0, 80)));
    if (/statement$/.test(outer.type)) break;
  }
  return { names: names.filter((name) => name !== ''), texts };
}

/** A call further along the same chain, such as `.digest('hex')`. */
function isPartOf(outer: SyntaxNode, node: SyntaxNode): boolean {
  return outer.at('function')?.contains(node) ?? false;
}

/** Where a variable is used later: what it is stored under, compared with, or returned as. */
function usesOf(name: string, set: SyntaxNode, root: SyntaxNode): string[] {
  const scope = functionAround(set) ?? root;
  const uses: string[] = [];
  for (const node of scope.walk()) {
    if (node.start <= set.end || node.text !== name || !/identifier/.test(node.type)) continue;
    const parent = node.parent;
    if (!parent) continue;
    if (parent.type === 'pair') uses.push(keyOf(parent));
    if (parent.type === 'keyword_argument') uses.push(parent.at('name')?.text ?? '');
    if (parent.type === 'return_statement')
      uses.push(functionAround(node) ? nameOfFunction(functionAround(node)!) : '');
    if (/^(arguments|argument_list)$/.test(parent.type) && parent.parent)
      uses.push(
        calleeOf(parent.parent),
        ...argumentsOf(parent.parent)
          .filter((other) => other !== node)
          .map((other) => other.text.slice(0, 60)),
      );
    if (/^(comparison_operator|binary_expression)$/.test(parent.type))
      uses.push(...parent.named.filter((side) => side !== node).map((side) => side.text.slice(0, 80)));
    if (/^assignment/.test(parent.type) && node.field === 'right') uses.push(parent.at('left')?.text ?? '');
  }
  return uses;
}

/** Why a key derivation or a key is strong enough after all; null where it is not, or where it is another matter. */
export function tooCheap({ kind, node }: Suspect, root: SyntaxNode): string | null {
  if (kind !== 'derivation') return null;
  const callee = calleeOf(node);
  const args = argumentsOf(node);
  if (callee.startsWith('bcrypt.')) {
    const cost = optionOf(node, 'rounds') ?? (/gensalt|genSalt/.test(callee) ? args[0] : args[1]);
    const value = cost && numberOf(cost, root);
    return value === undefined || value >= ENOUGH_BCRYPT ? `the cost is ${value ?? 'the default, 10 or more'}.` : null;
  }
  if (/RSA\.generate|generate_private_key/.test(callee)) {
    const size =
      optionOf(node, 'key_size') ??
      args.find((argument) => (numberOf(argument, root) ?? 0) >= 512 && numberOf(argument, root) !== 65_537);
    const value = size && numberOf(size, root);
    return value === undefined || value >= ENOUGH_RSA
      ? `the key has ${value ?? 'a size that is set elsewhere'}${value ? ' bits' : ''}.`
      : null;
  }
  const rounds =
    optionOf(node, 'iterations') ??
    optionOf(node, 'count') ??
    args.find((argument) => (numberOf(argument, root) ?? 0) > 0 && args.indexOf(argument) >= 2) ??
    args[3];
  const value = rounds && numberOf(rounds, root);
  return value === undefined || value >= ENOUGH_ROUNDS
    ? `it takes ${value ?? 'a number of'} rounds${value ? '' : ' that is set elsewhere'}.`
    : null;
}

function numberOf(node: SyntaxNode, root: SyntaxNode): number | undefined {
  const read = (text: string): number => Number(text.replace(/[_n]/g, ''));
  const direct = read(unwrap(node).text);
  if (Number.isFinite(direct)) return direct;
  const origins = originsOf(node, root);
  const value = read(origins[0]?.text ?? '');
  return origins.length === 1 && Number.isFinite(value) ? value : undefined;
}

/** Why a setting is not what it seems; null where it is. */
export function parameterOf({ kind, node, inputs }: Suspect, source: Source): string | null {
  if (kind === 'protocol' && /PROTOCOL_SSLv23$/.test(node.text))
    return 'PROTOCOL_SSLv23 is an old name for choosing the best version both sides know.';
  if (kind === 'protocol' && node.parent && /^(comparison_operator|binary_expression)$/.test(node.parent.type))
    return 'It is only compared with, and not set.';
  if (kind === 'signature' && isCall(node)) return signatureChecked(node, source);
  if (kind === 'fixed') return fixedValue(node, inputs[0], source);
  return null;
}

function signatureChecked(call: SyntaxNode, source: Source): string | null {
  const options = optionOf(call, 'options')?.text ?? '';
  const off = /verify_signature['"]?\s*:\s*False/.test(options) || optionOf(call, 'verify')?.text === 'False';
  if (call.type === 'call') return off ? null : 'PyJWT checks the signature unless it is told not to.';
  const scope = functionAround(call)?.text ?? source.text;
  if (/\.verify\(|jwtVerify\(/.test(scope)) return 'the same code verifies the token too.';
  return /\.(exp|header|kid)\b|complete:\s*true|isExpired|expir/i.test(scope) &&
    !/\b(role|isAdmin|admin|userId|sub)\b/.test(scope)
    ? 'it only reads the time or the key id of the token.'
    : null;
}

/** A constant under such a name matters only where something is encrypted or derived with it. */
function fixedValue(node: SyntaxNode, value: SyntaxNode | undefined, source: Source): string | null {
  if (!/cipher|AES|pbkdf2|PBKDF2|scrypt|encrypt|hashlib|createHash|bcrypt|Fernet|subtle|crypto/i.test(source.text))
    return 'nothing in this file encrypts or derives anything.';
  const name = (node.at('key') ?? node.at('name') ?? node.at('left'))?.text ?? '';
  const filled = new RegExp(
    `(randomFill|randomFillSync|getRandomValues|randbytes)\\([^)]{0,200}\\b${name.replace(/[^\w]/g, '')}\\b|\\b${name.replace(/[^\w]/g, '')}\\.(set|write|copy)\\(`,
  );
  if (name !== '' && filled.test(source.text)) return 'it is filled with random bytes afterwards.';
  const words = value && literalText(unwrap(value));
  if (words && /^[a-z]+([-_. ][a-z]+)+$/i.test(words) && !/salt|static|fixed|(^|[-_])iv/i.test(words))
    return 'it is a label that keeps uses apart.';
  if (value && originsOf(value, source.root).some((origin) => origin.kind !== 'constant' && origin.kind !== 'number'))
    return 'it is not a constant.';
  return null;
}
