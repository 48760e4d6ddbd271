import {
  argumentsOf,
  bindingsIn,
  calleeOf,
  functionAround,
  isCall,
  isFunction,
  lastName,
  nodesOnRow,
  unwrap,
} from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import type { Source } from '../syntax/parser.ts';
import { holds, type LensQuestions, type Opinion, refutes, type Suspect } from './lens-questions.ts';

interface Resource extends Suspect {
  /** What holds it: a name, a dotted name, or nothing where it is used on the spot. */
  holder: string | undefined;
  /** The function it is opened in, or the file. */
  scope: SyntaxNode;
}

const OPENERS: readonly { kind: string; language: 'js' | 'py'; callee: RegExp }[] = [
  {
    kind: 'file',
    language: 'js',
    callee: /^((fs|fsp|fsPromises|promises|fse|fs\.promises)\.)?(open|openSync|opendir|opendirSync)$/,
  },
  { kind: 'stream', language: 'js', callee: /(^|\.)create(Read|Write)Stream$/ },
  {
    kind: 'connection',
    language: 'js',
    callee:
      /(^|\.)(createConnection|getConnection|startSession|createClient|getClient)$|[pP]ool\.(connect|acquire)$|(^|\.)MongoClient(\.connect)?$|^(pg\.)?Client$|^(net|tls|amqp|amqplib)\.connect$|^(sqlite3\.)?Database$/,
  },
  { kind: 'browser', language: 'js', callee: /^(puppeteer|chromium|firefox|webkit|playwright\.\w+)\.launch$/ },
  { kind: 'browser', language: 'py', callee: /^(p|playwright|pw)\.\w+\.launch$|^webdriver\.\w+$/ },
  {
    kind: 'file',
    language: 'py',
    callee:
      /^((io|codecs|gzip|bz2|lzma|os|tarfile|wave|tokenize|zipfile|tempfile|aiofiles)\.)?((fd)?open|ZipFile|mkstemp|NamedTemporaryFile|TemporaryFile)$|^[\w.]*[pP]ath\w*\.open$/,
  },
  {
    kind: 'connection',
    language: 'py',
    callee:
      /(^|\.)(create_connection|connect|getconn|SMTP|SMTP_SSL|FTP|FTP_TLS|SSHClient|urlopen|[sS]ession|ClientSession|AsyncClient|IMAP4|IMAP4_SSL|HTTPConnection|HTTPSConnection)$|^socket\.socket$|^httpx\.Client$|[pP]ool\.acquire$/,
  },
  {
    kind: 'process',
    language: 'py',
    callee: /(^|\.)(Popen|ThreadPoolExecutor|ProcessPoolExecutor)$|^(multiprocessing|mp)\.Pool$|^Pool$/,
  },
  { kind: 'lock', language: 'py', callee: /([lL]ock|[mM]utex|[sS]em\w*)\.acquire$/ },
];
const CLOSERS =
  'close|end|destroy|release|disconnect|quit|terminate|kill|wait|communicate|shutdown|join|cleanup|stop|dispose|logout|closeSync|putconn|aclose|unref|endSession|abort|detach|finish';
const BORROWS =
  /^(load|loads|reader|DictReader|writer|DictWriter|dump|len|print|str|list|iter|next|enumerate|readSync|read|writeSync|write|fstatSync|fstat|ftruncateSync|fsyncSync|log|isinstance|fileno|select|parse|safe_load|copyfileobj|map|sorted|tuple|readlines|input|sum|max|min|bool|repr|type|getattr|hasattr|setattr|json|query|execute|read_csv|sendmail|flock|zip)$/;

export const resourceLeaks: LensQuestions<Resource> = {
  noun: 'place where something is opened that must be closed',
  suspectOn: resourceOn,

  liveCode({ suspect }): Opinion {
    const manager = [...suspect.node.around()].find((outer) => /^(with_item|with_clause)$/.test(outer.type));
    if (manager) return refutes('A `with` closes it.');
    if (isHeldByUsing(suspect.node)) return refutes('A `using` declaration closes it.');
    if (isSingleton(suspect))
      return refutes('It is opened once, when the module loads, for as long as the program runs.');
    const where = closedInStructure(suspect);
    if (where) return refutes(where);
    return holds('No `with` and no `finally` around it closes it.');
  },

  dataFlow({ suspect }): Opinion {
    if ([...suspect.node.around()].some((outer) => outer.type === 'with_item') || isHeldByUsing(suspect.node))
      return refutes('Its block ends its life.');
    const away = goesAway(suspect);
    if (away) return refutes(away);
    const closers = closingNodes(suspect);
    const [first] = closers;
    if (!first)
      return holds(
        suspect.holder
          ? `Nothing closes \`${suspect.holder}\`, and it goes nowhere else.`
          : 'It is used on the spot, and nothing can close it.',
      );
    if (suspect.holder && closers.some(isInFinally))
      return refutes(`A \`finally\` closes \`${suspect.holder}\` (line ${first.row + 1}).`);
    const exit = exitBetween(suspect, first);
    if (exit) return holds(`Line ${exit.row + 1} leaves before line ${first.row + 1} closes it.`);
    return refutes(`It is closed in line ${first.row + 1}.`);
  },

  realImpact({ suspect, source }): Opinion {
    if (isSingleton(suspect))
      return refutes('There is one of it in the whole program, and the system takes it back at the end.');
    const away = goesAway(suspect);
    if (away) return refutes(`Somebody else answers for it: ${away}`);
    if (/createReadStream$/.test(calleeOf(suspect.node)))
      return refutes('A read stream closes itself at its end, and on an error.');
    const fn = functionAround(suspect.node);
    if (
      fn &&
      /^(main|run|cli)$/.test(fn.at('name')?.text ?? '') &&
      /__main__|process\.argv|process\.exit/.test(source.text)
    )
      return refutes('The program ends soon after, and the system takes it back.');
    if ([...suspect.node.around()].some((outer) => outer.type === 'with_item'))
      return refutes('It is closed at the end of the block.');
    return holds('Each run of this code may leave one more open, until there are no more to be had.');
  },
};

function resourceOn(source: Source, row: number): Resource | null {
  for (const node of nodesOnRow(source.root, row)) {
    if (!isCall(node)) continue;
    const callee = calleeOf(node);
    const opener = OPENERS.find(
      ({ language, callee: pattern }) => language === source.language && pattern.test(callee),
    );
    if (!opener) continue;
    // Asking a module for something of the same name is no opening: `os.open` is, `webbrowser.open` is not.
    if (source.language === 'py' && /^(webbrowser|Image|PIL\.Image|fits|xr|self\.app|signal|dispatcher)\./.test(callee))
      continue;
    if (/\.connect$/.test(callee) && isSignal(node)) continue;
    const holder = opener.kind === 'lock' ? callee.replace(/\.acquire$/, '') : holderOf(node);
    return { kind: opener.kind, node, inputs: [], holder, scope: functionAround(node) ?? source.root };
  }
  return null;
}

/** `button.clicked.connect(self.save)`: a function is no address. */
function isSignal(call: SyntaxNode): boolean {
  const [first] = argumentsOf(call);
  return (
    call.type === 'call' &&
    call.parent?.type === 'expression_statement' &&
    first !== undefined &&
    /^(attribute|lambda)$/.test(first.type)
  );
}

function holderOf(call: SyntaxNode): string | undefined {
  let inner = call;
  for (const outer of call.around()) {
    if (/^(await|await_expression|parenthesized_expression|as_expression|non_null_expression)$/.test(outer.type))
      inner = outer;
    else if (/declarator$|^assignment/.test(outer.type)) {
      const target = outer.at('name') ?? outer.at('left');
      if ((outer.at('value') ?? outer.at('right')) !== inner || !target) return undefined;
      return bindingsIn(target)[0]?.text ?? target.text;
    } else return undefined;
  }
  return undefined;
}

function isHeldByUsing(node: SyntaxNode): boolean {
  return [...node.around()].some((outer) => /declaration$/.test(outer.type) && /^(await\s+)?using\b/.test(outer.text));
}

function isSingleton({ node, holder }: Resource): boolean {
  return (
    functionAround(node) === undefined &&
    holder !== undefined &&
    !/^\s*(for|while)/.test(node.parent?.parent?.parent?.type ?? '') &&
    ![...node.around()].some((outer) => /^(for|while)/.test(outer.type))
  );
}

/** It is returned, kept in an object, or handed to somebody: then it is theirs to close. */
function goesAway({ node, holder, scope }: Resource): string | null {
  const direct = node.parent && unwrapUp(node);
  if (direct?.parent && /^(return_statement|yield|yield_expression)$/.test(direct.parent.type))
    return 'it is returned to the caller.';
  if (direct?.parent && isFunction(direct.parent) && direct.field === 'body') return 'it is returned to the caller.';
  const taker =
    direct?.parent && /^(arguments|argument_list)$/.test(direct.parent.type) ? direct.parent.parent : undefined;
  if (taker && isCall(taker) && !BORROWS.test(lastName(calleeOf(taker))))
    return `\`${calleeOf(taker).slice(0, 40)}\` takes it over.`;
  if (direct?.field === 'object' && /\.(pipe|on|once)$/.test(direct.parent?.text ?? ''))
    return 'it is piped on, and closes with the pipe.';
  if (direct?.parent?.type === 'for_in_statement' && /^for\s+await/.test(direct.parent.text))
    return 'the loop reads it to its end.';
  if (direct?.parent?.type === 'pair') return 'it becomes a part of an object.';
  if (!holder) return null;
  if (/[.[]/.test(holder)) return `it is kept in \`${holder}\`.`;
  for (const use of scope.walk()) {
    if (use.start <= node.end || !/^(identifier|shorthand_property_identifier)$/.test(use.type) || use.text !== holder)
      continue;
    const why = passedOn(use);
    if (why) return why;
  }
  const isGlobal =
    new RegExp(`\\b(global|nonlocal)\\s+[^\\n]*\\b${holder.replace(/[^\w]/g, '')}\\b`).test(scope.text) ||
    isSetOutside(holder, scope);
  return isGlobal ? `\`${holder}\` lives longer than the function.` : null;
}

function unwrapUp(node: SyntaxNode): SyntaxNode {
  let outer = node;
  while (
    outer.parent &&
    /^(await|await_expression|parenthesized_expression|as_expression|ternary_expression|conditional_expression)$/.test(
      outer.parent.type,
    )
  )
    outer = outer.parent;
  return outer;
}

function passedOn(use: SyntaxNode): string | null {
  const top = unwrapUp(use);
  const parent = top.parent;
  if (!parent) return null;
  if (/^(return_statement|yield|yield_expression)$/.test(parent.type)) return `it is returned in line ${use.row + 1}.`;
  if (
    /^(tuple|expression_list|list|array|object|pair|shorthand_property_identifier|dictionary)$/.test(parent.type) ||
    use.type === 'shorthand_property_identifier'
  )
    return `it becomes a part of something larger in line ${use.row + 1}.`;
  if (/^(arguments|argument_list)$/.test(parent.type) || parent.type === 'keyword_argument') {
    const call = parent.type === 'keyword_argument' ? parent.parent?.parent : parent.parent;
    if (call && isCall(call)) {
      const name = lastName(calleeOf(call));
      if (!BORROWS.test(name) && !new RegExp(`^(${CLOSERS})$`).test(name))
        return `\`${calleeOf(call).slice(0, 40)}\` takes it over in line ${use.row + 1}.`;
    }
  }
  if (/^assignment/.test(parent.type) && top.field === 'right' && /[.[]/.test(parent.at('left')?.text ?? ''))
    return `it is kept in \`${parent.at('left')!.text}\`.`;
  if (top.field === 'object' && /^member_expression$/.test(parent.type) && parent.at('property')?.text === 'pipe')
    return 'it is piped on, and closes with the pipe.';
  if (parent.type === 'with_item') return `a \`with\` in line ${use.row + 1} closes it.`;
  return null;
}

function isSetOutside(holder: string, scope: SyntaxNode): boolean {
  if (!scope.parent) return false;
  const declared = [...scope.walk()].some((node) => /declarator$/.test(node.type) && node.at('name')?.text === holder);
  const assigned = [...scope.walk()].some(
    (node) => node.type === 'assignment_expression' && node.at('left')?.text === holder,
  );
  return assigned && !declared;
}

/** Calls in the scope that close it, in the order of the text. */
function closingNodes({ holder, node, scope }: Resource): SyntaxNode[] {
  if (!holder) return [];
  const method = new RegExp(`^${holder.replace(/[.$[\]()]/g, '\\$&')}[?!]?\\.(${CLOSERS})$`);
  const given = new RegExp(`(^|\\.)(${CLOSERS})$`);
  return [...scope.walk()].filter((call) => {
    if (!isCall(call) || call.start <= node.end) return false;
    const callee = calleeOf(call);
    return (
      method.test(callee) ||
      (given.test(callee) && argumentsOf(call).some((argument) => unwrap(argument).text === holder))
    );
  });
}

function isInFinally(node: SyntaxNode): boolean {
  return [...node.around()].some((outer) => outer.type === 'finally_clause');
}

/** A way out of the function after the opening and before the closing, but for one that asks whether it was opened at all. */
function exitBetween({ node, scope, holder }: Resource, closing: SyntaxNode): SyntaxNode | undefined {
  const own = (candidate: SyntaxNode): SyntaxNode | undefined => functionAround(candidate);
  return [...scope.walk()].find((exit) => {
    if (
      !/^(return_statement|throw_statement|raise_statement)$/.test(exit.type) ||
      exit.start < node.end ||
      exit.end > closing.start
    )
      return false;
    if (own(exit) !== own(node) || exit.contains(closing)) return false;
    const condition = [...exit.around()].find((outer) => outer.type === 'if_statement')?.at('condition');
    const asksWhetherOpen =
      condition &&
      [...condition.walk()].some((part) => part.type === 'identifier' && part.text === holder) &&
      !/\./.test(condition.text);
    const inHandler = [...exit.around()].some(
      (outer) =>
        /^(except_clause|catch_clause)$/.test(outer.type) &&
        outer.row > node.row &&
        outer.parent!.at('body')!.contains(node),
    );
    return !asksWhetherOpen && !inHandler;
  });
}

/** The close stands in a `finally`, or straight below in the same block. */
function closedInStructure(suspect: Resource): string | null {
  for (const closing of closingNodes(suspect)) {
    if (isInFinally(closing)) return `The \`finally\` in line ${closing.row + 1} closes it.`;
    const block = [...closing.around()].find((outer) => /block$|^program$|^module$/.test(outer.type));
    if (block?.contains(suspect.node) && !exitBetween(suspect, closing))
      return `The same block closes it in line ${closing.row + 1}.`;
    if (isFunction(functionAround(closing) ?? suspect.node) && functionAround(closing) !== functionAround(suspect.node))
      return `A callback closes it in line ${closing.row + 1}.`;
  }
  return null;
}
