import {
  argumentsOf,
  calleeOf,
  functionAround,
  isCall,
  isString,
  keyOf,
  lastName,
  literalText,
  nodesOnRow,
} from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import type { Source } from '../syntax/parser.ts';
import { holds, type LensQuestions, type Opinion, refutes, type Suspect } from './lens-questions.ts';
import { isMadeUp, isName, isProse, isPublic, isSigningKey, isStrong, looksLikeKey } from './secret-values.ts';

interface Secret extends Suspect {
  /** The text of the literal; of a URL only the password. */
  value: string;
  /** What it is called; '' where it stands for itself. */
  name: string;
}

const CREDENTIAL =
  /(api_?key|secret|token|passw(or)?d|passphrase|(^|_)pwd|Pwd|private_?key|access_?key|auth_?key|signing_?key|encryption_?key|credential|client_?key|license_?key|(^|_)pass$)/i;
/** A name about a credential, not for one. */
const ABOUT =
  /(_|^|[a-z])(name|field|header|url|uri|path|label|type|regex|pattern|prefix|suffix|env|var|param|id|title|message|msg|error|hint|placeholder|policy|length|format|file|filename|endpoint|route|cookie|storage|kind|scope|help|text|description|desc|column|attr|attribute|selector|input|expiry|ttl|location|dir|folder|algorithm|alg|audience|issuer|version|status|state|event|action|reason|class|style|required|invalid|missing|mismatch|confirm\w*|prompt|template|subject|view|page|module|service|provider|strategy|mode|rule|schema|charset|encoding|topic|queue|table|key_?name|arn|ref|address)s?$/i;
const ABOUT_FIRST = /^(header|cookie|attr|conf|field|env|label|param|event|url|path|msg|err|error|col|column)_/i;
const HOLDERS =
  /^(labels?|messages?|errors?|translations?|i18n|strings?|texts?|routes?|paths?|urls?|endpoints?|schema|columns?|fields?|types?|enum\w*|placeholders?|titles?|hints?|headers?_?names?|selectors?|locators?|env_?vars?|mapping|aliases|permissions?|scopes?|events?|actions?|properties|locale|en|de|fr|es|copy)$/i;
/** Calls with a place for a key: which argument that is. */
const KEY_CALLS: readonly (readonly [RegExp, number])[] = [
  [/^(jwt|jsonwebtoken)\.(sign|verify|encode|decode)$/, 1],
  [/(^|\.)createHmac$|(^|\.)create(De)?[cC]ipheriv$|(^|\.)createCipher$|(^|\.)HTTPBasicAuth$|\.login$/, 1],
  [/^hmac\.new$|(^|\.)cookieParser$|(^|\.)Fernet$|(^|\.)AES\.new$|Serializer$|(^|\.)(pbkdf2|scrypt)Sync$/, 0],
];
const URL_PARTS = /^[a-z][a-z0-9+.-]*:\/\/([^\s:@/]+):([^\s@/]+)@([^\s/:?]+)/i;
const TOKEN =
  /\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|[sr]k_live_[0-9a-zA-Z]{10,}|xox[abprs]-[0-9A-Za-z-]{10,}|AIza[0-9A-Za-z_-]{30,}|eyJ[\w-]{10,}\.[\w-]{10,}\.)/;

export const secrets: LensQuestions<Secret> = {
  noun: 'literal that serves as a credential',

  suspectOn(source: Source, row: number): Secret | null {
    for (const node of nodesOnRow(source.root, row)) {
      if (!isString(node) || node.field === 'key' || isString(node.parent!)) continue;
      const secret = special(node) ?? underName(node) ?? asArgument(node);
      if (secret) return secret;
    }
    return null;
  },

  liveCode({ suspect }): Opinion {
    if (suspect.name !== '' && (ABOUT.test(suspect.name) || ABOUT_FIRST.test(suspect.name)))
      return refutes(`\`${suspect.name}\` is about a credential, and not one itself.`);
    for (const outer of suspect.node.around()) {
      const name = holderName(outer);
      if (name && HOLDERS.test(lastName(name)))
        return refutes(`It is an entry of \`${name}\`, a table of texts or names.`);
      if (/^jsx_attribute$/.test(outer.type)) return refutes('It is an attribute of an element on a page.');
      if (/^(enum_declaration|type_alias_declaration|interface_declaration|literal_type)$/.test(outer.type))
        return refutes('It stands in a type.');
    }
    const fn = functionAround(suspect.node);
    if (fn && /^(get_?)?(example|sample|demo|mock|fake|dummy)/i.test(fn.at('name')?.text ?? ''))
      return refutes('It serves a demonstration.');
    return holds(suspect.name ? `It is what the running code uses as \`${suspect.name}\`.` : 'It is live code.');
  },

  dataFlow({ suspect }): Opinion {
    const { value, name, kind, node } = suspect;
    if (isSigningKey(name, node) && !/^<|your|change.?me|placeholder|x{4,}/i.test(value))
      return holds('It signs what the program trusts, and is written out.');
    if (isMadeUp(value) || (kind === 'url' && value === name)) return refutes('The value is a placeholder.');
    if (isPublic(name, value)) return refutes('The value is made to be public.');
    if (kind === 'token' || kind === 'private key') return holds('The literal has the form of a real credential.');
    if (isName(value, name)) return refutes(`The value \`${value.slice(0, 40)}\` is a name, and no secret.`);
    if (isProse(value)) return refutes('The value is a sentence for people.');
    if (/^[$%{<]|\$\{|\{\{|%\(|%s/.test(value)) return refutes('The value is filled in later.');
    return holds('The value is written out, and nothing replaces it.');
  },

  realImpact({ suspect, source }): Opinion {
    const { value, name, kind, node } = suspect;
    if (isPublic(name, value)) return refutes('Everybody may know it.');
    if (isSigningKey(name, node) && !/^<|your|change.?me|placeholder|x{4,}/i.test(value))
      return holds('Whoever knows it can sign whatever they like, and a short word is guessed.');
    if (isMadeUp(value)) return refutes('It opens nothing: it is a placeholder.');
    if (
      kind === 'url' &&
      /@(localhost|127\.0\.0\.1|0\.0\.0\.0|db|postgres|mysql|redis|mongo|rabbitmq|host|hostname|server|example\.\w+|[\w.]*\.example\.\w+)([:/?]|$)/.test(
        node.text.replace(/['"`]/g, ''),
      )
    )
      return refutes('It opens only a service on the own machine.');
    if (kind === 'token' || kind === 'private key' || kind === 'url')
      return holds('Whoever reads the code can use it.');
    if (isName(value, name) || isProse(value) || !isStrong(value))
      return refutes(`\`${value.slice(0, 3)}…\` does not look like a credential: it has the form of a word.`);
    if (/(^|[/_.-])(dev|development|local)([/_.-]|$)/.test(source.path) && !looksLikeKey(value))
      return refutes('It is for development only.');
    return holds('Whoever reads the code can use it, and it cannot be changed without a new release.');
  },
};

/** Literals that are a credential by their form. */
function special(node: SyntaxNode): Secret | null {
  const text = literalText(node) ?? node.text;
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    // The bare header is what code looks for in a key, or puts around one.
    return text
      .replace(/-----[A-Z ]+-----/g, '')
      .replace(/\\n/g, '')
      .trim().length > 20
      ? { kind: 'private key', node, inputs: [], value: text, name: '' }
      : null;
  }
  const url = URL_PARTS.exec(text);
  if (url) return /[${}]/.test(url[2]!) ? null : { kind: 'url', node, inputs: [], value: url[2]!, name: url[1]! };
  if (TOKEN.test(text)) return { kind: 'token', node, inputs: [], value: text, name: nameFor(node) };
  const bearer = /^(Bearer|Basic|token|ApiKey) ([A-Za-z0-9._~+/=-]{16,})$/i.exec(text);
  return bearer ? { kind: 'header', node, inputs: [], value: bearer[2]!, name: '' } : null;
}

function underName(node: SyntaxNode): Secret | null {
  const value = literalText(node);
  const name = nameFor(node);
  if (value === undefined || value.length < 4 || !CREDENTIAL.test(name)) return null;
  return { kind: 'named', node, inputs: [], value, name };
}

function asArgument(node: SyntaxNode): Secret | null {
  const value = literalText(node);
  const list = node.parent;
  const call = list && /^(arguments|argument_list)$/.test(list.type) ? list.parent : undefined;
  if (value === undefined || value.length < 4 || !call || !isCall(call)) return null;
  const place = KEY_CALLS.find(([callee]) => callee.test(calleeOf(call)));
  if (place && argumentsOf(call)[place[1]] === node) return { kind: 'argument', node, inputs: [], value, name: '' };
  const [first] = argumentsOf(call);
  // The second argument of a look-up in the environment is what holds where nothing is set.
  const isDefault =
    /(environ\.get|getenv|env|config\.get|config)$/.test(calleeOf(call)) &&
    first !== node &&
    /(secret|token|passw|key|pwd)/i.test(first?.text ?? '');
  return isDefault ? { kind: 'default', node, inputs: [], value, name: literalText(first!) ?? '' } : null;
}

/** The name that a literal is given: by an assignment, a key, a parameter's default, or a comparison. */
function nameFor(node: SyntaxNode): string {
  let inner = node;
  for (const outer of node.around()) {
    if (
      /^(parenthesized_expression|as_expression|binary_expression|boolean_operator|satisfies_expression|await_expression|concatenated_string)$/.test(
        outer.type,
      )
    ) {
      const operator = outer.at('operator')?.text;
      if (/^[!=]==?$/.test(operator ?? ''))
        return lastName((outer.at('left') === inner ? outer.at('right') : outer.at('left'))?.text ?? '');
      if (operator !== undefined && !/^(\|\||\?\?|or)$/.test(operator)) return '';
    } else if (outer.type === 'call_expression' && /^Buffer\.from$/.test(calleeOf(outer))) {
      // The bytes of a text are the text.
    } else if (outer.type !== 'arguments') return holderName(outer) ?? '';
    inner = outer;
  }
  return '';
}

function holderName(outer: SyntaxNode): string | undefined {
  if (outer.type === 'pair' || outer.type === 'keyword_argument')
    return outer.type === 'pair' ? keyOf(outer) : outer.at('name')?.text;
  if (
    /declarator$|^assignment|field_definition$|^(typed_)?default_parameter$|^(assignment_pattern|object_assignment_pattern)$|^(required|optional)_parameter$/.test(
      outer.type,
    )
  ) {
    const target = outer.at('name') ?? outer.at('left') ?? outer.at('property') ?? outer.at('pattern');
    const key =
      target && /subscript/.test(target.type)
        ? (/\[\s*['"`]([^'"`]+)['"`]\s*\]$/.exec(target.text)?.[1] ?? target.text)
        : target?.text;
    return key && lastName(key);
  }
  if (outer.type === 'comparison_operator') return lastName(outer.named.find((side) => !isString(side))?.text ?? '');
  return undefined;
}
