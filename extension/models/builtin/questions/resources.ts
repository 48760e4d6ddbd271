import { argumentsOf, bindingsIn, calleeOf, functionAround, isCall, isFunction, nodesOnRow } from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import type { Source } from '../syntax/parser.ts';
import type { Suspect } from './lens-questions.ts';

/** Something that is opened, and must be closed. */
export interface Resource extends Suspect {
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

/** What is opened on a row, by the calls that are known to open. */
export function resourceOn(source: Source, row: number): Resource | null {
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
    // `open(path).catch(...)` is still what was opened.
    else if (/\.catch$/.test(outer.text) || (isCall(outer) && /\.catch$/.test(outer.at('function')?.text ?? '')))
      inner = outer;
    else if (/declarator$|^assignment/.test(outer.type)) {
      const target = outer.at('name') ?? outer.at('left');
      if ((outer.at('value') ?? outer.at('right')) !== inner || !target) return undefined;
      return bindingsIn(target)[0]?.text ?? target.text;
    } else return undefined;
  }
  return undefined;
}

export function isHeldByUsing(node: SyntaxNode): boolean {
  return [...node.around()].some((outer) => /declaration$/.test(outer.type) && /^(await\s+)?using\b/.test(outer.text));
}

export function isSingleton({ node, holder }: Resource): boolean {
  return (
    functionAround(node) === undefined &&
    (holder !== undefined || argumentsOf(node).some(isFunction)) &&
    !/^\s*(for|while)/.test(node.parent?.parent?.parent?.type ?? '') &&
    ![...node.around()].some((outer) => /^(for|while)/.test(outer.type))
  );
}
