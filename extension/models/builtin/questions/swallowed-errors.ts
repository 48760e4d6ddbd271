import {
  calleeOf,
  functionAround,
  isCall,
  isFunction,
  lastName,
  nameOfFunction,
  parametersOf,
  statementOf,
  unwrap,
} from '../syntax/code.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import type { Source } from '../syntax/parser.ts';
import { type Handler, handlerOn, uses } from './handlers.ts';
import { holds, type LensQuestions, type Opinion, refutes } from './lens-questions.ts';

/** What may fail without harm: the thing is gone, or closed, either way. */
const CLEANUP =
  /^(unlink|unlinkSync|rm|rmSync|rmdir|rmdirSync|rmtree|remove|removeSync|close|closeSync|end|destroy|kill|terminate|disconnect|release|abort|cancel|dispose|shutdown|stop|quit|logout|unref|unsubscribe|removeListener|removeItem|clearTimeout|cleanup|unwatch|killpg|rollback|mkdir|mkdirSync|makedirs)$/;

/** What is tried to see whether it works: its failure is an answer. */
const PROBE =
  /^(parse|parseFloat|loads|decode|decodeURIComponent|decodeURI|atob|URL|stat|statSync|lstat|lstatSync|access|accessSync|exists|existsSync|realpath|realpathSync|resolve|require|import_module|int|float|fromisoformat|strptime|getItem|setItem|matchMedia|execCommand|getContext|index|which|gethostbyaddr|BigInt|Date|RegExp|toString|trim|join|get|isatty|getpwuid|readlink|readlinkSync|vibrate|showPopover|scrollIntoView|setPointerCapture|releasePointerCapture|supports|literal_eval|UUID|ip_address|Decimal|getattr|from|String|Number|strip|split|match|test|replace|toLowerCase)$/;

/** Names that catch nearly everything. */
const EVERYTHING = /^(Base)?Exception$|^Error$/;

/** What is named, and still stands for a whole service that is down: an empty value in its place hides that. */
const SERVICE =
  /^(RequestException|requests\.\S*|DatabaseError|SQLAlchemyError|URLError|ConnectionError|sqlite3\.\S*|psycopg2\.\S*|pymysql\.\S*|smtplib\.\S*|\S*(ClientError|DBError|OperationalError))$/;

/** What is named, but holds so much that dropping it without a value in its place hides something. */
const SYSTEM = /^(OSError|IOError|EnvironmentError|RuntimeError|HTTPError|TimeoutError|socket\.error|subprocess\.\S*)$/;

const REASON =
  /\b(ignore[ds]?|expected|because|since|optional|fine|ok(ay)?|best.effort|intentional\w*|deliberate\w*|does not matter|doesn't matter|harmless|already|not (yet )?(there|exist|found|supported|available|installed|a problem|fatal|critical|an error)|may|might|only|so |if |when |unless|fall.?back|default|no.op|nothing to|safe|never|cannot|can't|gone|missing|absent|older|without|means?|tells?|reported|elsewhere|handled)\b/i;

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b|eslint-disable|noqa|pylint|istanbul|pragma|type:\s*ignore/;

const PROBING_NAME =
  /^_?(is|has|can|try|exists|safe|maybe|detect|probe|supports|close|cleanup|clean_?up|dispose|shutdown|stop|destroy|teardown|tear_down|kill|__del__|__exit__|parse_?(or|maybe)|optional|silent|check(if)?exists)(_|[A-Z]|$)/;

export const swallowedErrors: LensQuestions<Handler> = {
  noun: 'handler that drops an error',
  suspectOn: handlerOn,

  liveCode({ suspect }): Opinion {
    const comment =
      suspect.body &&
      explained(
        [...suspect.body.walk(), ...suspect.node.walk(), ...commentAbove(suspect)]
          .filter((node) => node.type === 'comment')
          .map((node) => node.text),
      );
    if (comment) return refutes(`The code says why the error is dropped: "${comment}".`);
    const acts = suspect.body && actionIn(suspect.body);
    if (acts) return refutes(`The handler does something about it: \`${acts}\`.`);
    const fn = functionAround(suspect.node);
    if (fn && PROBING_NAME.test(nameOfFunction(fn)))
      return refutes(`It is the task of \`${nameOfFunction(fn)}\` to go on when this fails.`);
    if ([...suspect.node.around()].some((outer) => /^finally_clause$/.test(outer.type)))
      return refutes('It is a clean-up within a `finally`, where the first error matters.');
    return holds('It is live code, and neither a comment nor its place says that this is meant.');
  },

  dataFlow({ suspect, source }): Opinion {
    const { body, error } = suspect;
    if (body && error && suspect.kind !== 'callback' && uses(body, error))
      return refutes(`The error goes on: the handler uses \`${error}\`.`);
    if (body && actionIn(body)) return refutes(`The failure leaves a trace: \`${actionIn(body)}\`.`);
    if (isNarrow(suspect)) return refutes(`Only ${suspect.types.join(', ')} ends here; every other error goes on.`);
    const calls = callsIn(suspect.tried);
    if (calls.length > 0 && calls.every((name) => CLEANUP.test(name)))
      return refutes('No value comes out of what is tried: it only cleans up.');
    if (calls.every((name) => CLEANUP.test(name) || PROBE.test(name)) && suspect.tried && hasFallback(suspect, source))
      return refutes('When it fails a default takes the place of the value.');
    return holds('The error goes nowhere: it is neither used, nor logged, nor thrown on.');
  },

  realImpact({ suspect, source }): Opinion {
    const text = source.lines.slice(suspect.node.row, suspect.node.endRow + 1).join('\n');
    const above = source.lines[(suspect.tried?.row ?? suspect.node.row) - 1] ?? '';
    const comments = [...text.matchAll(/(?:\/\/|#|\/\*)\s*(.*?)(?:\*\/|$)/gm)].map((match) => match[1] ?? '');
    const reason = explained([
      ...comments,
      ...[/^\s*(?:\/\/|#)\s*(.*)$/.exec(above)?.[1] ?? ''].filter(
        (line) => suspect.kind === 'reject' || /ignor|best.effort|optional|swallow|don't care|never fail/i.test(line),
      ),
    ]);
    if (reason) return refutes(`Its author has weighed it: "${reason}".`);
    if (isNarrow(suspect)) return refutes(`${suspect.types.join(', ')} is an expected outcome here, no failure.`);
    const calls = callsIn(suspect.tried);
    if (suspect.tried && calls.every((name) => CLEANUP.test(name) || PROBE.test(name)))
      return refutes(
        `Nothing is lost when this fails: it only tries ${
          calls
            .slice(0, 3)
            .map((name) => `\`${name}\``)
            .join(', ') || 'a value'
        }.`,
      );
    if (answersByValue(suspect))
      return refutes('The failure is the answer `false` to the question that the function asks.');
    return holds('When this fails the program goes on as if it had worked, and nobody learns of it.');
  },
};

/** What a handler does beyond leaving: a call, a throw, a note of the error; undefined where it does nothing. */
function actionIn(body: SyntaxNode): string | undefined {
  if (body.parent && isFunction(body.parent) && parametersOf(body.parent).length > 1) return undefined;
  const whole = unwrap(body);
  if (body.parent && isFunction(body.parent) && !/block$/.test(whole.type))
    return isEmptyValue(whole) ? undefined : whole.text.slice(0, 60);
  for (const node of body.walk()) {
    if (isCall(node) || /^(throw_statement|raise_statement|yield|yield_expression)$/.test(node.type))
      return node.text.replace(/\s+/g, ' ').slice(0, 60);
    if (/^(augmented_)?assignment(_expression)?$/.test(node.type) && !isEmptyValue(node.at('right') ?? node))
      return node.text.replace(/\s+/g, ' ').slice(0, 60);
    if (node.type === 'return_statement' && node.named[0] && !isEmptyValue(unwrap(node.named[0])))
      return node.text.replace(/\s+/g, ' ').slice(0, 60);
  }
  return undefined;
}

function isEmptyValue(node: SyntaxNode): boolean {
  return (
    /^(null|undefined|None|false|False|true|True|''|""|``|\[\]|\{\}|\(\)|0|-1|void 0)$/.test(
      node.text.replace(/\s+/g, ''),
    ) ||
    (node.type === 'statement_block' && node.named.length === 0)
  );
}

/** A one-line handler has its reason above it. */
function commentAbove({ kind, node }: Handler): SyntaxNode[] {
  const statement = statementOf(node);
  const siblings = statement.parent?.children ?? [];
  const before = siblings[siblings.indexOf(statement) - 1];
  return kind === 'reject' && before?.type === 'comment' && before.endRow === statement.row - 1 ? [before] : [];
}

function explained(comments: string[]): string | undefined {
  const text = comments
    .join(' ')
    .replace(/^[\s/#*]+|[\s*/]+$/g, '')
    .replace(/\s+/g, ' ');
  const words = text.match(/[A-Za-z']{2,}/g) ?? [];
  return words.length >= 3 && REASON.test(text) && !UNFINISHED.test(text) ? text.slice(0, 120) : undefined;
}

function isNarrow({ kind, types, body }: Handler): boolean {
  if ((kind !== 'except' && kind !== 'suppress') || types.length === 0) return false;
  if (types.some((type) => EVERYTHING.test(type) || SERVICE.test(type))) return false;
  return !types.some((type) => SYSTEM.test(type)) || givesValue(body);
}

function callsIn(tried: SyntaxNode | undefined): string[] {
  if (!tried) return [];
  return [...tried.walk()]
    .filter((call) => isCall(call) && !onlyPrepares(call) && !/\.(then|finally)$/.test(call.at('function')?.text ?? ''))
    .map((call) => lastName(calleeOf(call)));
}

/** A plain function that only works out an argument of another call. */
function onlyPrepares(call: SyntaxNode): boolean {
  return /^(arguments|argument_list)$/.test(call.parent?.type ?? '') && !calleeOf(call).includes('.');
}

/** The handler gives another value, or what the try sets had one before. */
function hasFallback({ body, tried, node }: Handler, source: Source): boolean {
  if (
    body &&
    [...body.walk()].some((part) => /^(return_statement|assignment(_expression)?|continue_statement)$/.test(part.type))
  )
    return true;
  if (body?.parent && isFunction(body.parent) && !/block$/.test(body.type)) return true;
  const set = [...(tried?.walk() ?? [])]
    .filter((part) => /^assignment(_expression)?$/.test(part.type))
    .map((part) => part.at('left')?.text ?? '');
  const before = source.lines.slice(Math.max(0, functionAround(node)?.row ?? 0), tried?.row ?? 0).join('\n');
  if (set.length > 0 && set.some((name) => before.includes(name))) return true;
  const statement = [...node.around()].find((outer) => outer.type === 'try_statement');
  const after = statement?.parent?.named.find((sibling) => sibling.start > statement.end);
  return [...(tried?.walk() ?? [])].some((part) => part.type === 'return_statement') && after !== undefined;
}

/** Something takes the place of what was tried: a value is returned or set. */
function givesValue(body: SyntaxNode | undefined): boolean {
  return [...(body?.walk() ?? [])].some(
    (part) =>
      (part.type === 'return_statement' && part.named.length > 0) || /^assignment(_expression)?$/.test(part.type),
  );
}

function answersByValue({ body, tried, node }: Handler): boolean {
  const answer = body && [...body.walk()].find((part) => part.type === 'return_statement')?.named[0]?.text;
  const yes = [...(tried?.walk() ?? [])].some(
    (part) => part.type === 'return_statement' && /^(true|True)$/.test(part.named[0]?.text ?? ''),
  );
  const fn = functionAround(node);
  return /^(false|False)$/.test(answer ?? '') && (yes || PROBING_NAME.test(fn ? nameOfFunction(fn) : ''));
}
