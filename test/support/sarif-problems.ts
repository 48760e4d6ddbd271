import { isJsonObject, type Json, type JsonObject } from '../../extension/protocol/json.ts';

/**
 * What of a SARIF log breaks a rule of the standard (SARIF 2.1.0, docs.oasis-open.org/sarif/sarif/v2.1.0), as far as our logs
 * use it: what must be there, which values there are, and what refers to what.
 */
export function sarifProblems(log: Json | undefined): string[] {
  const problems: string[] = [];
  const check = (good: boolean, problem: string): void => {
    if (!good) problems.push(problem);
  };
  if (!isJsonObject(log)) return ['the log is no object'];
  check(log.version === '2.1.0', 'version');
  check(typeof log.$schema === 'string' && /sarif.*2\.1\.0/.test(log.$schema), '$schema');
  const runs = objects(log.runs);
  check(runs.length === 1, 'runs');
  for (const run of runs) {
    const driver = object(object(run.tool).driver);
    check(isText(driver.name), 'tool.driver.name');
    const rules = objects(driver.rules);
    const ids = rules.map(({ id }) => id ?? null);
    check(ids.every(isText) && new Set(ids).size === ids.length, 'rule ids');
    for (const rule of rules) checkRule(rule, check);
    const prints = new Set<string>();
    for (const [at, result] of objects(run.results).entries())
      checkResult(result, ids, prints, (good, problem) => check(good, `results[${at}].${problem}`));
    checkRun(run, check);
  }
  return problems;
}

type Check = (good: boolean, problem: string) => void;

function checkRun(run: JsonObject, check: Check): void {
  check(Array.isArray(run.results), 'results');
  check(['utf16CodeUnits', 'unicodeCodePoints'].includes(String(run.columnKind)), 'columnKind');
  check(isText(object(run.automationDetails).id), 'automationDetails.id');
  for (const invocation of objects(run.invocations)) {
    check(typeof invocation.executionSuccessful === 'boolean', 'executionSuccessful');
    for (const notification of objects(invocation.toolExecutionNotifications)) {
      check(LEVELS.includes(String(notification.level)), 'notification.level');
      checkMessage(notification.message, 'notification.message', check);
    }
  }
}

const LEVELS = ['none', 'note', 'warning', 'error'];
const KINDS = ['notApplicable', 'pass', 'fail', 'review', 'open', 'informational'];

function checkRule(rule: JsonObject, check: Check): void {
  for (const name of ['shortDescription', 'help']) check(isText(object(rule[name]).text), `${rule.id}.${name}.text`);
  const { tags, 'security-severity': severity } = object(rule.properties);
  check(Array.isArray(tags) && new Set(tags).size === tags.length && tags.every(isText), `${rule.id}.tags`);
  check(
    severity === undefined || (typeof severity === 'string' && /^\d+(\.\d+)?$/.test(severity)),
    'security-severity',
  );
}

function checkResult(result: JsonObject, ids: Json[], prints: Set<string>, check: Check): void {
  const { ruleId, ruleIndex, kind, level } = result;
  check(typeof ruleIndex === 'number' && ids[ruleIndex] === ruleId, 'ruleIndex names its rule');
  check(KINDS.includes(String(kind)), 'kind');
  check(LEVELS.includes(String(level)), 'level');
  check(kind === 'fail' ? level !== 'none' : level === 'none', 'level goes with kind (3.27.10)');
  checkMessage(result.message, 'message', check);
  check(Array.isArray(result.locations) && result.locations.length > 0, 'locations');
  for (const location of objects(result.locations)) {
    const { artifactLocation, region } = object(location.physicalLocation);
    const { uri, uriBaseId } = object(artifactLocation);
    // A relative reference (RFC 3986): no scheme, no blank, nothing that had to be encoded, and a place in the workspace.
    const relative =
      isText(uri) && /^(?:[\w.~!$&'()*+,;=@-]|%[0-9A-F]{2})+(?:\/(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-F]{2})+)*$/.test(uri);
    check(relative, `uri ${String(uri)}`);
    check(uriBaseId === '%SRCROOT%', 'uriBaseId');
    const { startLine, snippet } = object(region);
    check(typeof startLine === 'number' && Number.isInteger(startLine) && startLine >= 1, 'startLine');
    check(typeof object(snippet).text === 'string', 'snippet.text');
  }
  const values = Object.entries(object(result.partialFingerprints));
  check(
    values.length > 0 && values.every(([name, value]) => /^[\w/-]+\/v\d+$/.test(name) && isText(value)),
    'fingerprints',
  );
  for (const [, value] of values) {
    check(!prints.has(String(value)), 'a fingerprint of its own');
    prints.add(String(value));
  }
}

/** In a message, braces that stand alone are placeholders (3.11.5), and brackets with an address behind them links (3.11.6). */
function checkMessage(message: Json | undefined, where: string, check: Check): void {
  const { text } = object(message);
  check(isText(text), `${where}.text`);
  if (!isText(text)) return;
  const bare = text.replace(/\{\{|\}\}/g, '').replace(/\\[\\[\]]/g, '');
  check(!/[{}]/.test(bare), `${where} has a placeholder`);
  check(!/[[\]]/.test(bare), `${where} has a link`);
}

function object(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
