import { argumentsOf, calleeOf, functionAround, isCall, keyOf, nodesOnRow, optionOf, unwrap } from '../syntax/code.ts';
import { guardAround, guardInText, namesIn } from '../syntax/guards.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import { isHarmless, type Origin, originsOf } from '../syntax/origins.ts';
import type { Source } from '../syntax/parser.ts';
import { isTainted, taintedNames } from '../syntax/taint.ts';
import { type Case, holds, type LensQuestions, type Opinion, refutes, type Suspect } from './lens-questions.ts';

/** Calls that are dangerous with a value from outside: the kind, the callee, the argument that counts. */
const CALLS: readonly { kind: string; callee: RegExp; argument: number; language?: 'js' | 'py' }[] = [
  {
    kind: 'code',
    language: 'js',
    callee: /^((window|global|globalThis)\.)?eval$|^vm\.(runIn\w+|compileFunction)$|^(vm\.)?Script$/,
    argument: 0,
  },
  { kind: 'code', language: 'js', callee: /^((window|globalThis)\.)?Function$/, argument: -1 },
  { kind: 'code', language: 'js', callee: /^(window\.)?set(Timeout|Interval)$/, argument: 0 },
  { kind: 'code', language: 'py', callee: /^(builtins\.)?(eval|exec)$/, argument: 0 },
  {
    kind: 'object',
    callee:
      /^(c?[pP]ickle|dill|marshal|jsonpickle|joblib|cloudpickle)\.(loads?|decode|Unpickler)$|^shelve\.open$|(^|\.)read_pickle$|^torch\.load$/,
    argument: 0,
  },
  { kind: 'object', callee: /^yaml\.(load|load_all|unsafe_load|full_load)$/, argument: 0 },
  { kind: 'object', language: 'js', callee: /(^|\.)unserialize$/, argument: 0 },
  { kind: 'module', language: 'js', callee: /^(require|import)$/, argument: 0 },
  { kind: 'module', language: 'py', callee: /^__import__$|(^|\.)import_module$/, argument: 0 },
  { kind: 'temporary name', callee: /(^|\.)mktemp$|^os\.(tmpnam|tempnam)$/, argument: 0 },
  { kind: 'archive', callee: /\.extractall$|\.unpack_archive$|\.extractAllTo$/, argument: 0 },
];
const GUARDS_DOWN =
  /^(rejectUnauthorized|strictSSL|contextIsolation|webSecurity)$|^(nodeIntegration|noent)$|^(verify|check_hostname|verify_ssl|ssl)$|^(debug|resolve_entities)$/;
const NETWORK =
  /^(requests|httpx|session|self\.session|self\._session|client|http|s|self\.client|urllib3|aiohttp|self\.http|api|conn|connector)\b|\.(get|post|put|patch|delete|head|request|Client|AsyncClient|PoolManager|TCPConnector|ClientSession)$/;
const DEVELOPMENT =
  /\b(NODE_ENV|DEBUG|debug|development|develop|dev|isDev|is_dev|local|localhost|insecure|allow_insecure|skip_verify|TESTING|127\.0\.0\.1)\b|insecure|self.?signed/i;

export const dangerousCalls: LensQuestions = {
  noun: 'dangerous call or setting',

  suspectOn(source: Source, row: number): Suspect | null {
    for (const node of nodesOnRow(source.root, row)) {
      const suspect = callAt(node, source) ?? settingAt(node);
      if (suspect) return suspect;
    }
    return null;
  },

  liveCode({ suspect, source }): Opinion {
    const guard =
      suspect.kind === 'setting'
        ? developmentGuard(suspect.node)
        : guardAround(suspect.node, namesIn(suspect.inputs), suspect.kind);
    if (guard) return refutes(`It runs only under a condition: ${guard}.`);
    if (/(^|[/_.-])(dev|development|local|debug)([/_.-]|$)/.test(source.path))
      return refutes(`${source.path} is for development.`);
    return holds('It is live code that no condition around it holds back.');
  },

  dataFlow({ suspect, root }): Opinion {
    const harmless = harmlessForm(suspect);
    if (harmless) return refutes(harmless);
    if (suspect.kind === 'setting' || suspect.kind === 'temporary name' || suspect.kind === 'mode')
      return holds('The value is written out here, and nothing changes it later.');
    const origins = suspect.inputs.flatMap((input) => originsOf(input, root));
    // A clean file name does not make the file clean.
    const fixed = (origin: Origin): boolean =>
      suspect.kind === 'object' ? /^(constant|trusted)$/.test(origin.kind) : isHarmless(origin);
    const open = origins.filter((origin) => !fixed(origin));
    if (open.length === 0) return refutes(`What it is given is fixed: \`${origins[0]?.text ?? 'a constant'}\`.`);
    if (suspect.kind === 'module' && !open.some((origin) => origin.kind === 'request'))
      return refutes('The name of the module does not come from outside.');
    return holds(`It is given \`${open[0]!.text}\` (line ${open[0]!.row + 1}), which is not fixed.`);
  },

  realImpact({ suspect, root, source }: Case): Opinion {
    if (suspect.kind === 'setting') return impactOfSetting(suspect, source);
    if (suspect.kind === 'temporary name')
      return holds('Between the choice of the name and its use anybody on the machine can take it.');
    if (suspect.kind === 'mode') return holds('Every user of the machine may change the file.');
    const harmless = harmlessForm(suspect);
    if (harmless) return refutes(`In this form it cannot run anything: ${harmless}`);
    const cleaning = suspect.kind === 'object' ? 'does not count' : 'counts';
    const tainted = taintedNames(suspect.node, root, cleaning);
    if (!suspect.inputs.some((input) => isTainted(input, tainted, cleaning) || isUnknownName(input, root)))
      return refutes('Nobody outside can choose what it is given.');
    const guard = guardInText(source.lines, suspect.node, namesIn(suspect.inputs), suspect.kind);
    if (guard) return refutes(`${guard} stops every value that could do harm.`);
    if (suspect.kind === 'module' && !/\b(req|request)\./.test(functionAround(suspect.node)?.text ?? ''))
      return refutes('No request chooses the module.');
    return holds('Whoever chooses what it is given runs code of their own.');
  },
};

function callAt(node: SyntaxNode, source: Source): Suspect | null {
  if (!isCall(node)) return null;
  const callee = calleeOf(node);
  if (/(^|\.)chmod(Sync)?$/.test(callee) && /0?o?777|0?o?666|S_IRWXO|S_IWOTH/.test(node.text))
    return { kind: 'mode', node, inputs: [] };
  if (/(_create_unverified_context|AutoAddPolicy|WarningPolicy|disable_warnings)$/.test(callee))
    return { kind: 'setting', node, inputs: [] };
  const known = CALLS.find((call) => (!call.language || call.language === source.language) && call.callee.test(callee));
  if (!known) return null;
  const argument = argumentsOf(node).at(known.argument);
  // A timer is a danger only with text in it.
  if (
    /set(Timeout|Interval)$/.test(callee) &&
    !/^(string|template_string|binary_expression)$/.test(argument?.type ?? '')
  )
    return null;
  const receiver = known.kind === 'archive' ? node.at('function')?.at('object') : undefined;
  return { kind: known.kind, node, inputs: receiver ? [receiver] : argument ? [argument] : [] };
}

function settingAt(node: SyntaxNode): Suspect | null {
  if (node.type === 'pair' && GUARDS_DOWN.test(keyOf(node)) && isDown(keyOf(node), node.at('value')?.text))
    return { kind: 'setting', node, inputs: [] };
  if (
    node.type === 'keyword_argument' &&
    GUARDS_DOWN.test(node.at('name')?.text ?? '') &&
    isDown(node.at('name')!.text, node.at('value')?.text)
  ) {
    return { kind: 'setting', node, inputs: [] };
  }
  if (/^assignment(_expression)?$/.test(node.type)) {
    const left = node.at('left')?.text ?? '';
    const right = node.at('right')?.text ?? '';
    const down =
      (/NODE_TLS_REJECT_UNAUTHORIZED/.test(left) && /^['"]?0/.test(right)) ||
      (/(^|\.)(verify_mode)$/.test(left) && /CERT_NONE$/.test(right)) ||
      (/\.(check_hostname|verify)$/.test(left) && right === 'False') ||
      (/(^|\.)rejectUnauthorized$/.test(left) && right === 'false') ||
      (/^(DEBUG|app\.debug|app\.config\[['"]DEBUG['"]\])$/.test(left) && right === 'True') ||
      /_create_unverified_context$/.test(right);
    if (down) return { kind: 'setting', node, inputs: [] };
  }
  if (node.type === 'keyword_argument' && /CERT_NONE['"]?$/.test(node.text))
    return { kind: 'setting', node, inputs: [] };
  return null;
}

function isDown(name: string, value: string | undefined): boolean {
  const dangerousWhenOn = /^(nodeIntegration|noent|debug|resolve_entities)$/.test(name);
  return /^(true|True)$/.test(value ?? '') ? dangerousWhenOn : /^(false|False)$/.test(value ?? '') && !dangerousWhenOn;
}

/** Forms of a call that its own arguments make harmless. */
function harmlessForm({ kind, node }: Suspect): string | null {
  const callee = isCall(node) ? calleeOf(node) : '';
  if (callee.startsWith('yaml.')) {
    if (node.type !== 'call') return 'the load of js-yaml builds plain data only.';
    const loader = optionOf(node, 'Loader')?.text ?? argumentsOf(node)[1]?.text ?? '';
    if (/Safe|BaseLoader/.test(loader)) return `the loader is ${loader}.`;
  }
  if (callee === 'torch.load' && optionOf(node, 'weights_only')?.text === 'True') return 'it loads weights only.';
  if (kind === 'archive' && (optionOf(node, 'filter') || optionOf(node, 'members'))) return 'its members are filtered.';
  if (kind === 'setting' && node.type === 'keyword_argument') {
    const call = node.parent?.parent;
    const name = node.at('name')?.text;
    const called = call && isCall(call) ? calleeOf(call) : '';
    if (
      name === 'debug' &&
      !/(^|\.)(run|run_app|serve|Flask|create_app|run_simple|run_server|Application|FastAPI|Sanic|Starlette|Bottle)$/.test(
        called,
      )
    )
      return `\`${called}\` starts no server.`;
    if (/^(verify|ssl|verify_ssl)$/.test(name ?? '') && !NETWORK.test(called))
      return `\`${called}\` opens no connection.`;
    if (name === 'resolve_entities' && !/XML|iterparse/.test(called)) return `\`${called}\` parses no XML.`;
  }
  return null;
}

function developmentGuard(node: SyntaxNode): string | null {
  const value = node.at('value') ?? node.at('right');
  if (value && /^(conditional|ternary)_expression$/.test(value.type)) return `\`${value.text.slice(0, 80)}\``;
  for (const outer of node.around()) {
    const condition = /^(if_statement|ternary_expression|elif_clause)$/.test(outer.type)
      ? outer.at('condition')
      : undefined;
    if (condition && !condition.contains(node) && DEVELOPMENT.test(condition.text))
      return `\`${condition.text.slice(0, 80)}\``;
    if (outer.type === 'conditional_expression' && DEVELOPMENT.test(outer.text))
      return `\`${outer.text.slice(0, 80)}\``;
  }
  return null;
}

function impactOfSetting(suspect: Suspect, source: Source): Opinion {
  const harmless = harmlessForm(suspect);
  if (harmless) return refutes(`The setting is about something else: ${harmless}`);
  const { node } = suspect;
  const near = source.lines.slice(Math.max(0, node.row - 3), node.endRow + 1).join('\n');
  if (/\b(if|else|elif)\b|\?/.test(near) && DEVELOPMENT.test(near))
    return refutes('It is in force on a machine of a developer only.');
  if (/\bif\b.*\belse\b/.test(node.text)) return refutes('It is in force only for those who have asked for it.');
  const call = [...node.around()].find(isCall) ?? node;
  if (/localhost|127\.0\.0\.1|\[::1\]|unix:/.test(call.text))
    return refutes('The connection does not leave the machine.');
  if (/(^|[/_.-])(dev|development|local|debug)([/_.-]|$)/.test(source.path))
    return refutes('The file is used in development only.');
  return holds('It is in force for everybody who uses the program.');
}

/** Something that this file says nothing about, such as a field of an object handed in. */
function isUnknownName(input: SyntaxNode, root: SyntaxNode): boolean {
  return originsOf(unwrap(input), root).some((origin) => origin.kind === 'unknown');
}
