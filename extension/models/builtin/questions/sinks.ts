import type { Language } from '../rules/rule.ts';
import {
  argumentsOf,
  calleeOf,
  insertionsIn,
  isCall,
  isString,
  literalText,
  optionOf,
  unwrap,
} from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';

/** A call where text becomes something else: which call, which of its arguments, and how sure it must be that they come from outside. */
export interface Sink {
  kind: string;
  language?: Language;
  callee: RegExp;
  /** The arguments that matter; null where this call is none of the kind. */
  inputs(call: SyntaxNode): SyntaxNode[] | null;
}

const at =
  (...positions: number[]) =>
  (call: SyntaxNode): SyntaxNode[] => {
    const args = argumentsOf(call);
    return positions.flatMap((position) => args.at(position) ?? []);
  };

/** Only where there is markup in it, or where it is nothing but what came in. */
function markup(call: SyntaxNode): SyntaxNode[] | null {
  const [first] = argumentsOf(call);
  if (!first) return null;
  const inner = unwrap(first);
  if (/^(object|dictionary|array|list)$/.test(inner.type)) return null;
  return [first];
}

/** What a request sends as JSON may be an object, and so an operator of the query; a part of the path is always text. */
function filterParts(call: SyntaxNode): SyntaxNode[] | null {
  const [filter] = argumentsOf(call);
  if (!filter || /\b(createHash|createHmac|hash|hmac|digest|cipher|sign|verify)\b[^.]*\.update$/i.test(calleeOf(call)))
    return null;
  if (/\.update$/.test(calleeOf(call)) && argumentsOf(call).length < 2) return null;
  const parts = filter.type === 'object' ? filter.named.map((entry) => entry.at('value') ?? entry) : [filter];
  const open = parts.filter((part) => /^(req|request|ctx\.request)\.(body|query)\b/.test(part.text));
  return open.length > 0 ? open : null;
}

function shell(call: SyntaxNode): SyntaxNode[] | null {
  const [command, list] = argumentsOf(call);
  if (!command) return null;
  // Without a shell each argument stays one argument; with `sh -c` it is a command line again.
  const throughShell = optionOf(call, 'shell');
  if (throughShell && !/^(false|False)$/.test(throughShell.text))
    return [command, ...(list && !isOptions(list) ? [list] : [])];
  const named = literalText(unwrap(command));
  if (list && /^(\/bin\/)?(ba|z|da)?sh$|^cmd(\.exe)?$|^powershell$/.test(named ?? '')) return [list];
  if (command.type === 'list' && /^\W*["'](\/bin\/)?(ba)?sh["']\s*,\s*["']-c/.test(command.text)) return [command];
  return [];
}

function isOptions(node: SyntaxNode): boolean {
  return node.type === 'object' || /^(function|arrow)/.test(node.type);
}

export const SINKS: readonly Sink[] = [
  {
    kind: 'command',
    language: 'js',
    callee: /(^|\.)(exec|execSync|execAsync|execPromise|execaCommand|execaCommandSync)$/,
    inputs: at(0),
  },
  { kind: 'command', language: 'js', callee: /(^|\.)(spawn|spawnSync|execFile|execFileSync|execa)$/, inputs: shell },
  {
    kind: 'command',
    language: 'py',
    callee:
      /^(os\.(system|popen)|(subprocess|commands)\.(getoutput|getstatusoutput)|(asyncio\.)?create_subprocess_shell)$|\.exec_command$/,
    inputs: at(0),
  },
  {
    kind: 'command',
    language: 'py',
    callee: /^(subprocess\.)?(run|call|check_call|check_output|Popen)$/,
    inputs: shell,
  },
  {
    kind: 'template',
    callee:
      /(^|\.)(render_template_string|from_string|Template|renderString)$|^(ejs|pug|jade|[hH]andlebars|_|lodash|Mustache|doT|nunjucks)\.(render|renderString|compile|template)$/,
    inputs: at(0),
  },
  { kind: 'page', language: 'js', callee: /^(window\.)?document\.write(ln)?$|bypassSecurityTrust\w+$/, inputs: at(0) },
  { kind: 'page', language: 'js', callee: /\.insertAdjacentHTML$/, inputs: at(1) },
  {
    kind: 'page',
    language: 'js',
    callee: /(\$\(.*\)|\$\w+|[eE]l\w*)\.(html|append|prepend|after|before)$/,
    inputs: markup,
  },
  {
    kind: 'reply',
    language: 'js',
    callee: /^(res|response|reply)(\.(status|type|set)\(.*\))*\.(send|write|end)$/,
    inputs: markup,
  },
  { kind: 'page', language: 'py', callee: /(^|\.)(Markup|mark_safe|SafeString)$/, inputs: at(0) },
  {
    kind: 'reply',
    language: 'py',
    callee: /(^|\.)(HttpResponse|HTMLResponse|make_response)$|^(self|response|resp)\.(wfile\.)?write$/,
    inputs: markup,
  },
  {
    kind: 'path',
    language: 'js',
    callee:
      /(^|\.)(readFile|readFileSync|createReadStream|createWriteStream|writeFile|writeFileSync|appendFile|appendFileSync|sendFile|sendfile|download|unlink|unlinkSync|readdir|readdirSync|rm|rmSync|stat|statSync)$/,
    // Express keeps what it sends below the root it is given.
    inputs: (call) => (optionOf(call, 'root') ? [] : at(0)(call)),
  },
  {
    kind: 'path',
    language: 'py',
    callee:
      /^(open|send_file|FileResponse|io\.open|os\.(remove|unlink|listdir|makedirs)|shutil\.\w+)$|(^|\.)(send_file|FileResponse)$/,
    inputs: at(0),
  },
  {
    kind: 'filter',
    language: 'js',
    callee:
      /\.(find|findOne|findOneAndUpdate|findOneAndDelete|updateOne|updateMany|deleteOne|deleteMany|aggregate|countDocuments|remove|update)$/,
    inputs: filterParts,
  },
  { kind: 'redirect', callee: /(^|\.)redirect$|(^|\.)HttpResponseRedirect$/, inputs: at(-1) },
  {
    kind: 'address',
    language: 'js',
    callee: /^(fetch|axios|got|needle|request|https?)(\.(get|post|put|head|delete|request))?$/,
    inputs: at(0),
  },
  {
    kind: 'address',
    language: 'py',
    callee: /^(requests|httpx|session)\.(get|post|put|head|delete|request)$|(^|\.)urlopen$/,
    inputs: at(0),
  },
];

const SQL =
  /\b(select\b[\s\S]{0,2000}\bfrom\b|insert\s+into\b|update\b[\s\S]{0,2000}\bset\b|delete\s+from\b|drop\s+(table|database)\b|create\s+(table|user|database)\b|alter\s+table\b|union\s+select\b|where\s+[\w."`[\]]+\s*(=|<|>|like|in\b|is\b)|order\s+by\b|and\s+[\w."`]+\s*(=|like)\s*['"%]?$|values\s*\()/i;
/** Patterns over a longer text could take forever. */
const LONGEST_TEXT = 20_000;
const QUERY_CALL = /\.(query|execute|executemany|executescript|raw|literal|extra|\$?\w*RawUnsafe|read_sql\w*|prepare)$/;

/**
 * The SQL text around a node that has something put into it: a template, an f-string, a sum, `%` or `.format()`.
 * Gives the whole expression and the parts put in; null where it is no SQL, or nothing is put in.
 */
export function builtSql(node: SyntaxNode): { whole: SyntaxNode; parts: SyntaxNode[] } | null {
  if (!isString(node)) return null;
  const whole = wholeText(node);
  const literal = [...whole.walk()]
    .filter(isString)
    .map((part) => part.text)
    .join(' ')
    .slice(0, LONGEST_TEXT);
  const asQuery =
    whole.parent?.field === 'arguments' || whole.parent?.type === 'arguments' || whole.parent?.type === 'argument_list';
  const inQuery =
    asQuery &&
    QUERY_CALL.test(calleeOf(whole.parent!.parent!)) &&
    /\b(select|insert|update|delete|where|set|call)\b/i.test(literal);
  if (!SQL.test(literal) && !inQuery) return null;
  const parts = partsOf(whole);
  return parts.length > 0 ? { whole, parts } : null;
}

function wholeText(node: SyntaxNode): SyntaxNode {
  let whole = node;
  for (const outer of node.around()) {
    if (
      /^(binary_expression|binary_operator|concatenated_string|parenthesized_expression|template_substitution|interpolation)$/.test(
        outer.type,
      )
    )
      whole = outer;
    else if (/^(template_string|string)$/.test(outer.type)) whole = outer;
    else if (
      (outer.type === 'attribute' || outer.type === 'member_expression') &&
      /\.(format|concat)$/.test(outer.text)
    )
      whole = outer;
    else if (isCall(outer) && /\.(format|concat)$/.test(calleeOf(outer)) && outer.at('function') === whole)
      whole = outer;
    else break;
  }
  return whole;
}

function partsOf(node: SyntaxNode): SyntaxNode[] {
  const inner = unwrap(node);
  if (isString(inner)) return insertionsIn(inner);
  if (isCall(inner)) {
    const receiver = inner.at('function')?.at('object');
    if (/\.(format|concat)$/.test(calleeOf(inner)) && receiver) {
      const values = (inner.at('arguments')?.named ?? []).map((argument) => argument.at('value') ?? argument);
      return [...partsOf(receiver), ...values];
    }
    return [inner];
  }
  if (/^binary_(expression|operator)$/.test(inner.type))
    return [inner.at('left'), inner.at('right')].flatMap((side) => (side ? partsOf(side) : []));
  if (/^(tuple|dictionary)$/.test(inner.type)) return inner.named.flatMap((part) => partsOf(part.at('value') ?? part));
  return literalText(inner) === undefined ? [inner] : [];
}
