export const meta = {
  name: 'security-audit',
  description: 'Looks for what an outsider could use: first where input comes in, then lens by lens; three challengers attack each finding, and how grave it is gets judged. Gives a report and SARIF',
  whenToUse: 'Before code meets the network or files of strangers, before a release, or on code just taken over',
  phases: [
    { title: 'Scout', detail: 'lists the source files' },
    { title: 'Threats', detail: 'where something from outside comes in, and which lenses are worth it' },
    { title: 'Find', detail: 'each batch of files through each lens, in rounds until two bring nothing new' },
    { title: 'Challenge', detail: 'three challengers a finding, each from another side' },
    { title: 'Judge', detail: 'how grave what held is, many findings side by side' },
    { title: 'Report', detail: 'Markdown for people, SARIF for programs' },
  ],
  servedBy: ['builtin'],
  args: {
    type: 'object',
    properties: {
      paths: { type: 'array', items: { type: 'string' }, minItems: 1, default: ['.'], description: 'Folders or files to look through' },
      glob: { type: 'string', description: 'Only files that match, such as src/**/*.py' },
      lenses: {
        type: 'array',
        items: { enum: ['secrets', 'injection', 'dangerous-calls', 'weak-crypto', 'authorisation', 'paths-and-addresses', 'deserialising', 'exhaustion'] },
        minItems: 1,
        description: 'What to look for; without, all. The built-in analyst knows the first four',
      },
      maxFiles: { type: 'integer', minimum: 1, default: 400, description: 'Files at most, those that handle input first' },
      rounds: { type: 'integer', minimum: 1, default: 4, description: 'Rounds of finders at most' },
      maxAgents: { type: 'integer', minimum: 1, default: 1000, description: 'Agents at most' },
    },
    additionalProperties: false,
  },
};

// What each lens looks for, and which weaknesses of the CWE list that is.
const LENSES = {
  secrets: { looks: 'passwords, keys, tokens and other credentials that stand in the code itself', cwe: [798] },
  injection: { looks: 'input from outside that becomes part of a query, a command, a page or a template', cwe: [74, 79, 89] },
  'dangerous-calls': { looks: 'eval and its kin, certificate checks and other guards that are switched off', cwe: [95, 295] },
  'weak-crypto': { looks: 'broken hashes and ciphers, and predictable randomness, where security depends on them', cwe: [327, 330] },
  authorisation: { looks: 'what somebody may do or see without being asked who they are, or whether it is theirs', cwe: [862, 639] },
  'paths-and-addresses': { looks: 'input from outside that chooses a file, an address to fetch or a place to redirect to', cwe: [22, 601, 918] },
  deserialising: { looks: 'data from outside that is turned into objects, code or types it may choose itself', cwe: [502, 1321] },
  exhaustion: { looks: 'small input from outside that costs much time, memory, disk or money', cwe: [400, 1333] },
};
// Each challenger attacks from another side, so that they do not all make the same mistake.
const SIDES = ['live code', 'data flow', 'real impact'];
const SEVERITIES = ['critical', 'high', 'medium', 'low'];
const SMALLEST_BATCH = 12;
// A large repository gets larger batches, not more: 16 batches by 8 lenses leave most of 1,000 agents to challenge.
const MOST_BATCHES = 16;
// Severities are comparable where one agent sees many findings at once.
const JUDGED_TOGETHER = 20;
const MOST_ENTRIES_SHOWN = 30;

const TEXT = { type: 'string' };
const NUMBER = { type: 'integer', minimum: 1 }; // Of a line, or of a claim in a list.
const SEVERITY = { type: 'string', enum: SEVERITIES };
const listOf = (items) => ({ type: 'array', items });
const FILES = object({ files: listOf(TEXT), total: { type: 'integer' } });
const THREATS = object({
  entryPoints: listOf(object({ file: TEXT, line: NUMBER, kind: TEXT, what: TEXT })),
  skip: listOf(object({ lens: TEXT, why: TEXT })),
});
const FINDINGS = object({
  findings: listOf(object({ file: TEXT, line: NUMBER, severity: SEVERITY, title: TEXT, evidence: TEXT })),
});
const RATINGS = object({ ratings: listOf(object({ claim: NUMBER, severity: SEVERITY, why: TEXT })) });

const { paths, glob, lenses: wanted = Object.keys(LENSES), maxFiles, rounds, maxAgents } = args;
let agentsLeft = maxAgents;
const claims = new Map(); // What was found in any round, by its key: what is found twice is challenged once.
const unread = new Map(); // Units that no finder got through, and why.
const remarks = []; // What else report and SARIF must tell.
let cutShort = false;

phase('Scout');
const { files, total } = await scout();
if (total > files.length) {
  log(`Not looked at: ${total - files.length} of ${total} source files, for maxFiles is ${maxFiles}.`);
}

phase('Threats');
const { entryPoints, lenses } = await threats();

phase('Find');
// Files where something comes in go first, and together: what a limit cuts off is then the least exposed.
const exposed = new Set(entryPoints.map(({ file }) => file));
const ordered = [...files.filter((file) => exposed.has(file)), ...files.filter((file) => !exposed.has(file))];
const batches = split(ordered, Math.max(SMALLEST_BATCH, Math.ceil(files.length / MOST_BATCHES)));
const units = batches.flatMap((batch, index) => lenses.map((lens) => ({ lens, batch, name: `${lens}, batch ${index + 1}` })));
const sweep = await converge(oneRound, { key: keyOf, dryRounds: 2, maxRounds: rounds });

phase('Judge');
const held = [...claims.values()].filter(({ outcome }) => outcome === 'upheld');
await parallel(split(held, JUDGED_TOGETHER).map((some, index) => () => judgeSeverity(some, index)));

phase('Report');
const ranked = [...claims.values()].sort(
  (a, b) =>
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    (a.file === b.file ? a.line - b.line || (a.lens < b.lens ? -1 : 1) : a.file < b.file ? -1 : 1),
);
const [findings, refuted, unverified] = ['upheld', 'refuted', 'unverified'].map((which) =>
  ranked.filter(({ outcome }) => outcome === which).map(({ outcome, ...finding }) => finding),
);
log(`${findings.length} upheld, ${refuted.length} refuted, ${unverified.length} unverified.`);
return {
  findings,
  refuted,
  unverified,
  entryPoints,
  comments: findings.map(commentOf),
  rounds: sweep.rounds,
  report: writeReport(),
  sarif: writeSarif(),
};

// ---- Agents. The first lines of each prompt are a task header (docs/task-header.md): the built-in analyst goes by them
// ---- alone, a model reads them together with the text below.

async function scout() {
  const answer = await ask(
    `Counterpoint-Task: scout
Paths: ${JSON.stringify(paths)}
MaxFiles: ${maxFiles}${glob ? `\nGlob: ${JSON.stringify(glob)}` : ''}

List the source files under these paths${glob ? ' that match the glob' : ''} for a security audit, at most MaxFiles.
Leave out tests, and what is generated, vendored, minified or data. First those that handle input, credentials, files,
processes or the network. \`total\`: how many such files there are, listed or not.`,
    { label: 'list source files', phase: 'Scout', schema: FILES },
  );
  if (answer === null) throw new Error('The scout failed, so there is nothing to look through; the log says why.');
  const listed = [...new Set(answer.files.map(plainPath))].slice(0, maxFiles);
  return { files: listed, total: Math.max(answer.total, listed.length) };
}

async function threats() {
  const answer = await ask(
    `Counterpoint-Task: threats
Files: ${JSON.stringify(files)}
Lenses: ${JSON.stringify(wanted)}

Who could attack this program, and where do they get in? List the entry points in these files: the lines where something
from outside comes in that somebody hostile may choose, such as requests, messages, uploads, files of others, command lines
or answers of other services. \`kind\` is one or two words, \`what\` at most fifteen: who chooses it, and where it goes.
\`skip\`: those of the lenses that can find nothing here, and why; when in doubt, none.
${wanted.map((lens) => `- ${lens}: ${LENSES[lens].looks}`).join('\n')}`,
    { label: 'entry points', phase: 'Threats', schema: THREATS },
  );
  if (answer === null) {
    remark('Entry points', 'not known, for the agent that was to list them gave no answer.');
    return { entryPoints: [], lenses: wanted };
  }
  const skipped = answer.skip.filter(({ lens }) => wanted.includes(lens));
  for (const why of new Set(skipped.map((skip) => skip.why))) {
    const names = skipped.filter((skip) => skip.why === why).map(({ lens }) => lens);
    remark('Not looked through', `${names.join(', ')} (${why.replace(/[.\s]+$/, '')}).`, 'note');
  }
  return {
    entryPoints: answer.entryPoints.map((entry) => ({ ...entry, file: plainPath(entry.file) })),
    lenses: wanted.filter((lens) => !skipped.some((skip) => skip.lens === lens)),
  };
}

/** Finds and challenges. `pipeline` has no barrier: a finding is challenged while other finders are still at work. */
async function oneRound({ round }) {
  // Half of the agents is kept for challengers: what nobody has challenged is worth little.
  const some = units.slice(0, Math.floor(agentsLeft / 2));
  if (some.length < units.length) {
    cutShort = true;
    log(`Round ${round} takes ${units.length} agents, and ${agentsLeft} are left: ${round === 1 ? `only ${some.length} are sent` : 'it is left out'}.`);
    if (round > 1) return [];
    for (const unit of units.slice(some.length)) unread.set(unit, `the limit of ${maxAgents} agents was reached`);
  }
  const found = await pipeline(some, (unit) => find(unit, round), challengeFresh);
  return found.flatMap((items) => items ?? []);
}

async function find(unit, round) {
  const known = [...claims.values()].filter(({ lens, file }) => lens === unit.lens && unit.batch.includes(file));
  const knownText = known.map(({ file, line, title }) => `\n${JSON.stringify({ file, line, title })}`).join('');
  const entries = entryPoints.filter(({ file }) => unit.batch.includes(file)).slice(0, MOST_ENTRIES_SHOWN);
  const entryText = entries.map((entry) => `\n${JSON.stringify(entry)}`).join('');
  if (round === 1) unread.set(unit, 'its finder failed');
  const answer = await ask(
    `Counterpoint-Task: find
Lens: ${JSON.stringify(unit.lens)}
Files: ${JSON.stringify(unit.batch)}

Audit these files for one kind of hole only: ${LENSES[unit.lens].looks}.
Begin where something comes in, follow it, and read what it passes through. Report a hole only where you can name the line,
who gets there, and what they gain: no style, no missing hardening, no guesses, nothing in tests. \`line\` counts from 1;
\`evidence\` is that line as it stands, secrets masked; \`title\` has at most ten words. An empty list is a good answer.\
${entryText && `\nHere something comes in:${entryText}`}${knownText && `\nThese are known; look for what was missed:${knownText}`}`,
    { label: unit.name, phase: 'Find', schema: FINDINGS },
  );
  if (answer === null) return null;
  unread.delete(unit);
  return answer.findings.map((finding) => ({ ...finding, file: plainPath(finding.file), lens: unit.lens }));
}

async function challengeFresh(found) {
  const fresh = [];
  for (const finding of found) {
    if (claims.has(keyOf(finding))) continue;
    const claim = { ...finding, why: null, verdict: notChallenged('the run was cut short'), outcome: 'unverified' };
    claims.set(keyOf(claim), claim);
    fresh.push(claim);
  }
  await parallel(fresh.map((claim) => () => challengeOne(claim)));
  return found;
}

async function challengeOne(claim) {
  if (agentsLeft < SIDES.length) {
    claim.verdict = notChallenged(`the limit of ${maxAgents} agents was reached`);
    log(`Not challenged for want of agents: ${placeOf(claim)} ${claim.title}`);
    return;
  }
  agentsLeft -= SIDES.length;
  const { verdict, ...votes } = await challenge(bare(claim), {
    challengers: SIDES.length, lenses: SIDES, label: claim.title, detail: placeOf(claim), phase: 'Challenge',
  });
  claim.outcome = verdict;
  claim.verdict = votes;
}

/** A claim without a word of the finder's reasoning or of how grave it seemed: who knows these tends to believe them. */
function bare({ file, line, lens, title, evidence }) {
  return { file, line, lens, title, evidence };
}

/** Finders call everything grave, each by a scale of its own: who sees many findings that held gives them one scale. */
async function judgeSeverity(some, index) {
  const answer = await ask(
    `Counterpoint-Task: severity
Claims: ${JSON.stringify(some.map(bare))}

These holes were challenged, and held. How grave is each? Look at each place, and judge all by one scale:
- critical: anybody who reaches the program takes it over, or gets at everybody's data.
- high: the same, but only after something they must have first; or one person's data or money at once.
- medium: harm that needs bad luck, a mistake of the victim, or rights that few have.
- low: no harm by itself; it makes another hole worse.
\`claim\` counts the list from 1. \`why\`: who gets there, and what they gain, in one sentence.`,
    { label: `severity of ${plural(some.length, 'finding')}${index === 0 ? '' : `, part ${index + 1}`}`, phase: 'Judge', schema: RATINGS },
  );
  for (const { claim, severity, why } of answer?.ratings ?? []) {
    if (some[claim - 1]) Object.assign(some[claim - 1], { severity, why });
  }
  const places = some.filter(({ why }) => why === null).map(placeOf);
  if (places.length > 0) remark('Severity', `not judged, but as the finder had it, for ${places.join(', ')}.`);
}

/** One agent; null where it failed or none is left to send. Neither ends the run: what is there is reported all the same. */
async function ask(prompt, options) {
  if (agentsLeft < 1) {
    log(`Not asked, for the limit of ${maxAgents} agents is reached: ${options.label}.`);
    return null;
  }
  agentsLeft -= 1;
  try {
    const answer = await agent(prompt, options);
    if (answer === null) log(`No answer: ${options.label}.`);
    return answer;
  } catch (error) {
    log(`No answer: ${options.label}. ${error.message}`);
    return null;
  }
}

/** What was not done as it should be, for the log, the report and the SARIF. */
function remark(what, text, level = 'warning') {
  log(`${what}: ${text}`);
  remarks.push({ what, text, level });
}

// ---- The report

function writeReport() {
  const { found, total: all, low, high } = sweep.estimate;
  const ends = { dry: 'the last two brought nothing new', maxRounds: 'no more were wanted', budget: 'the budget was spent' };
  const votes = ({ verdict }) => `${verdict.for} : ${verdict.against}`;
  const counts = SEVERITIES.map((severity) => [findings.filter((finding) => finding.severity === severity).length, severity]);
  const grave = counts.flatMap(([count, severity]) => (count > 0 ? [`${count} ${severity}`] : [])).join(', ');
  return [
    '# Security audit',
    '',
    `**${plural(findings.length, 'finding')}** held against the challengers${grave && ` (${grave})`}, ${refuted.length} fell, ${unverified.length} could not be settled.`,
    '',
    ...table(['#', 'Severity', 'Lens', 'Finding', 'Place', 'For : against'], findings, (finding, index) => [
      index + 1, finding.severity, finding.lens, finding.title, code(placeOf(finding)), votes(finding),
    ]),
    ...chapter('Findings', findings.flatMap(detailsOf)),
    ...chapter(
      'Refuted',
      table(['Place', 'Lens', 'Claim', 'For : against', 'What the challengers said'], refuted, (claim) => [
        code(placeOf(claim)), claim.lens, claim.title, votes(claim), claim.verdict.reasons.filter(Boolean).join(' '),
      ]),
    ),
    ...chapter('Unverified', unverified.flatMap(detailsOf)),
    ...chapter('Where something comes in', [
      ...table(['Place', 'Kind', 'What'], entryPoints.slice(0, MOST_ENTRIES_SHOWN), (entry) => [
        code(placeOf(entry)), entry.kind, entry.what,
      ]),
      ...(entryPoints.length > MOST_ENTRIES_SHOWN ? [`… and ${entryPoints.length - MOST_ENTRIES_SHOWN} more, in the result.`] : []),
    ]),
    ...chapter('Coverage', [
      `- **Files:** ${files.length} of ${total} source files, in ${plural(batches.length, 'batch', 'batches')}, through ${plural(lenses.length, 'lens', 'lenses')}.`,
      `- **Rounds:** ${sweep.rounds}; ${cutShort ? 'cut short by the limit of agents' : ends[sweep.stopped]}.`,
      `- **Still unfound:** ${found} were found; by how often each turned up, there are about ${Math.round(all)} of the kind that`,
      `  these finders can see (Chao1, 95 %: ${Math.round(low)} to ${Math.round(high)}).`,
      ...[...unread].map(([{ name, batch }, why]) => `- **Not looked at:** ${name}, for ${why}: ${batch.map(code).join(', ')}`),
      ...remarks.map(({ what, text }) => `- **${what}:** ${escaped(text)}`),
    ]),
  ].join('\n');
}

function detailsOf(finding, index) {
  const { for: votesFor, against, failed, reasons } = finding.verdict;
  const votes = `${votesFor} for, ${against} against${failed > 0 ? `, ${failed} without a vote` : ''}`;
  return [
    `### ${index + 1}. ${escaped(finding.title)}`, '',
    `${finding.severity} · ${finding.lens} · ${code(placeOf(finding))} · ${votes}`, '',
    ...fenced(finding.evidence), '',
    ...(finding.why === null ? [] : [`- *Severity:* ${escaped(finding.why)}`]),
    ...reasons.flatMap((reason, side) => (reason ? [`- ${reasons.length === SIDES.length ? `*${SIDES[side]}:* ` : ''}${escaped(reason)}`] : [])), '',
  ];
}

/** For the margin of an editor. Plain text: whoever shows it escapes it. */
function commentOf({ file, line, lens, severity, title, why, verdict }) {
  return { file, line, severity, title, body: [why, ...verdict.reasons].filter(Boolean).join('\n'), lens, verdict };
}

// What comes from a repository or a model is foreign text: nothing in it becomes markup of the report, but for `code`.
function escaped(foreign) {
  const pieces = String(foreign).replace(/\s+/g, ' ').trim().replace(/`+/g, '`').split('`');
  if (pieces.length % 2 === 0) pieces.push(pieces.splice(-2).join("'"));
  const marked = pieces.map((piece, at) => (at % 2 === 1 ? code(piece) : piece.replace(/[\\*_~[\]<>|#]/g, '\\$&'))).join('');
  return marked.replace(/^(\d*)([-+=.)])/, '$1\\$2');
}
function code(foreign) {
  return `\`${foreign.replace(/[`\s|]+/g, ' ')}\``;
}
function fenced(text) {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [fence, text, fence];
}
function table(titles, items, cellsOf) {
  if (items.length === 0) return [];
  const row = (cells) => `| ${cells.join(' | ')} |`;
  return [row(titles), row(titles.map(() => '---')), ...items.map((item, index) => row(cellsOf(item, index).map(escaped))), ''];
}
function chapter(title, lines) {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines, ''];
}
function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

// ---- SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), for code scanning and other programs. What was refuted is no
// ---- result; what could not be settled is one to be reviewed.

function writeSarif() {
  const unseen = [...unread].map(([{ name }, why]) => ({ what: 'Not looked at', text: `${name}, for ${why}.`, level: 'error' }));
  const seen = new Map();
  const run = {
    tool: { driver: { name: 'Counterpoint security-audit', rules: lenses.map(sarifRule) } },
    automationDetails: { id: 'counterpoint/security-audit/' },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The workspace that was audited.' } } },
    invocations: [
      {
        executionSuccessful: unseen.length === 0,
        toolExecutionNotifications: [...unseen, ...remarks].map(({ what, text, level }) => ({ level, message: sarifText(`${what}: ${text}`) })),
      },
    ],
    results: [
      ...findings.map((finding) => sarifResult(finding, 'fail', seen)),
      ...unverified.map((claim) => sarifResult(claim, 'review', seen)),
    ],
  };
  return { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
}

function sarifRule(lens) {
  const { looks, cwe } = LENSES[lens];
  const worst = SEVERITIES.find((severity) => findings.some((finding) => finding.lens === lens && finding.severity === severity));
  const text = `${looks[0].toUpperCase()}${looks.slice(1)}.`;
  return {
    id: lens,
    shortDescription: { text },
    help: { text: `${text} Each finding was attacked by ${SIDES.length} challengers: ${SIDES.join(', ')}.` },
    properties: {
      tags: ['security', ...cwe.map((number) => `external/cwe/cwe-${String(number).padStart(3, '0')}`)],
      // The scale of CVSS, by which code scanning sorts.
      ...(worst && { 'security-severity': { critical: '9.5', high: '8.0', medium: '5.5', low: '2.5' }[worst] }),
    },
  };
}

function sarifResult(claim, kind, seen) {
  const { file, line, lens, severity, title, evidence, why, verdict } = claim;
  const levels = { critical: 'error', high: 'error', medium: 'warning', low: 'note' };
  const said = [title, why, ...verdict.reasons].filter(Boolean).map((text) => text.replace(/[.\s]*$/, '.'));
  return {
    ruleId: lens,
    ruleIndex: lenses.indexOf(lens),
    kind,
    level: kind === 'fail' ? levels[severity] : 'none',
    message: sarifText(said.join(' ')),
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file), uriBaseId: '%SRCROOT%' },
          region: { startLine: line, snippet: { text: evidence } },
        },
      },
    ],
    partialFingerprints: { 'counterpointFinding/v1': fingerprintOf(claim, seen) },
    properties: { severity, votesFor: verdict.for, votesAgainst: verdict.against },
  };
}

/** Of the line's text and not of its number, which may change. The same line may be there twice: so they are counted. */
function fingerprintOf({ lens, file, evidence }, seen) {
  const hash = hashOf(`${lens}\n${file}\n${evidence.replace(/\s+/g, ' ').trim()}`);
  seen.set(hash, (seen.get(hash) ?? 0) + 1);
  return `${hash}:${seen.get(hash)}`;
}

/** A message; braces are placeholders there, and brackets links. */
function sarifText(text) {
  return { text: text.replace(/[{}]/g, '$&$&').replace(/[\\[\]]/g, '\\$&') };
}

function uriOf(file) {
  return file.split('/').map((part) => encodeURIComponent(part.replace(/\p{Surrogate}/gu, '\ufffd'))).join('/');
}

/** FNV-1a, twice. */
function hashOf(text) {
  const half = (seed) => {
    let hash = seed;
    for (const unit of text) hash = Math.imul(hash ^ unit.codePointAt(0), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, '0');
  };
  return half(0x811c9dc5) + half(0x9dc5811c);
}

// ---- Small things

function plainPath(file) {
  return file.replace(/^(\.\/)+/, '');
}
function placeOf({ file, line }) {
  return `${file}:${line}`;
}
function keyOf({ file, line, lens }) {
  return `${file}\n${line}\n${lens}`;
}
function split(items, size) {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) => items.slice(part * size, (part + 1) * size));
}
function notChallenged(why) {
  return { for: 0, against: 0, failed: 0, reasons: [`Not challenged: ${why}.`] };
}
function object(properties) {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}
