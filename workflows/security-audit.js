export const meta = {
  name: 'security-audit',
  description: 'Looks for what an outsider could use: first where input comes in, then lens by lens; three challengers attack each finding, and how grave it is gets judged. Gives a report and SARIF',
  whenToUse: 'Before code meets the network or files of strangers, before a release, or on code just taken over.',
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
const MOST_NAMES = 12;

const FILES = object({ files: { type: 'array', items: { type: 'string' } }, total: { type: 'integer' } });
const LINE = { type: 'integer', minimum: 1 };
const TEXT = { type: 'string' };
const THREATS = object({
  entryPoints: { type: 'array', items: object({ file: TEXT, line: LINE, kind: TEXT, what: TEXT }) },
  skip: { type: 'array', items: object({ lens: TEXT, why: TEXT }) },
});
const FINDINGS = object({
  findings: {
    type: 'array',
    items: object({ file: TEXT, line: LINE, severity: { type: 'string', enum: SEVERITIES }, title: TEXT, evidence: TEXT }),
  },
});
const RATINGS = object({
  ratings: { type: 'array', items: object({ claim: LINE, severity: { type: 'string', enum: SEVERITIES }, why: TEXT }) },
});

const STANDARD = { paths: ['.'], glob: null, lenses: Object.keys(LENSES), maxFiles: 400, rounds: 4, maxAgents: 1000 };
const options = { ...STANDARD, ...args };
let agentsLeft = options.maxAgents;
const claims = new Map(); // What was found in any round, by its key: what is found twice is challenged once.
const unread = new Map(); // Units that no finder got through, and why.
const remarks = []; // What else the coverage must tell.
let cutShort = false;

phase('Scout');
const { files, total } = await scout();
if (total > files.length) {
  log(`Not looked at: ${total - files.length} of ${total} source files, for maxFiles is ${options.maxFiles}.`);
}

phase('Threats');
const { entryPoints, skipped } = await threats();
const lenses = options.lenses.filter((lens) => !skipped.some((skip) => skip.lens === lens));
for (const gap of grouped(skipped, 'lens')) log(`Not looked through: ${gap}`);

phase('Find');
// Files where something comes in go first, and together: what a limit cuts off is then the least exposed.
const exposed = new Set(entryPoints.map(({ file }) => file));
const ordered = [...files.filter((file) => exposed.has(file)), ...files.filter((file) => !exposed.has(file))];
const batches = split(ordered, Math.max(SMALLEST_BATCH, Math.ceil(files.length / MOST_BATCHES)));
const units = batches.flatMap((batch, index) =>
  lenses.map((lens) => ({ lens, batch, name: `${lens}, batch ${index + 1}` })),
);
const sweep = await converge(oneRound, { key: keyOf, dryRounds: 2, maxRounds: options.rounds });

phase('Judge');
const held = [...claims.values()].filter(({ outcome }) => outcome === 'upheld');
await parallel(split(held, JUDGED_TOGETHER).map((some, index) => () => judgeSeverity(some, index)));

phase('Report');
const rank = ({ severity }) => SEVERITIES.indexOf(severity);
const judged = [...claims.values()].sort((a, b) => rank(a) - rank(b) || (keyOf(a) < keyOf(b) ? -1 : 1));
const [findings, refuted, unverified] = ['upheld', 'refuted', 'unverified'].map((wanted) =>
  judged.filter(({ outcome }) => outcome === wanted).map(({ outcome, ...finding }) => finding),
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
  agentsLeft -= 1;
  const header = [`Paths: ${JSON.stringify(options.paths)}`, `MaxFiles: ${options.maxFiles}`];
  if (options.glob !== null) header.push(`Glob: ${JSON.stringify(options.glob)}`);
  const answer = await agent(
    `Counterpoint-Task: scout
${header.join('\n')}

List the source files under these paths${options.glob === null ? '' : ' that match the glob'} for a security audit, at most MaxFiles.
Leave out tests, and what is generated, vendored, minified or data. First those that handle input, credentials, files,
processes or the network. \`total\`: how many such files there are, listed or not.`,
    { label: 'list source files', phase: 'Scout', schema: FILES },
  );
  if (answer === null) throw new Error('The scout failed, so there is nothing to look through; the log says why.');
  const listed = [...new Set(answer.files.map(plainPath))].slice(0, options.maxFiles);
  return { files: listed, total: Math.max(answer.total, listed.length) };
}

async function threats() {
  const answer = await sent(
    `Counterpoint-Task: threats
Files: ${JSON.stringify(files)}
Lenses: ${JSON.stringify(options.lenses)}

Who could attack this program, and where do they get in? List the entry points in these files: the lines where something
from outside comes in that somebody hostile may choose, such as requests, messages, uploads, files of others, command lines
or answers of other services. \`kind\` is one or two words, \`what\` at most fifteen: who chooses it, and where it goes.
\`skip\`: those of the lenses that can find nothing here, and why; when in doubt, none.
${options.lenses.map((lens) => `- ${lens}: ${LENSES[lens].looks}`).join('\n')}`,
    { label: 'entry points', phase: 'Threats', schema: THREATS },
  );
  if (answer === null) {
    remark('Entry points: not known, for the agent that was to list them gave no answer.');
    return { entryPoints: [], skipped: [] };
  }
  const place = (entry) => ({ ...entry, file: plainPath(entry.file) });
  return { entryPoints: answer.entryPoints.map(place), skipped: answer.skip.filter(({ lens }) => options.lenses.includes(lens)) };
}

/** Finds and challenges. `pipeline` has no barrier: a finding is challenged while other finders are still at work. */
async function oneRound({ round }) {
  // Half of the agents is kept for challengers: what nobody has challenged is worth little.
  const some = units.slice(0, Math.floor(agentsLeft / 2));
  if (some.length < units.length) {
    cutShort = true;
    log(`Round ${round} takes ${units.length} agents, and ${agentsLeft} are left: ${round === 1 ? `only ${some.length} are sent` : 'it is left out'}.`);
    if (round > 1) return [];
    for (const unit of units.slice(some.length)) unread.set(unit, `the limit of ${options.maxAgents} agents was reached`);
  }
  agentsLeft -= some.length;
  const found = await pipeline(some, (unit) => find(unit, round), challengeFresh);
  return found.flatMap((items) => items ?? []);
}

async function find(unit, round) {
  const known = [...claims.values()].filter(({ lens, file }) => lens === unit.lens && unit.batch.includes(file));
  const knownText = known.map((claim) => `\n- ${placeOf(claim)} ${claim.title}`).join('');
  const entries = entryPoints.filter(({ file }) => unit.batch.includes(file)).slice(0, MOST_ENTRIES_SHOWN);
  const entryText = entries.map((entry) => `\n- ${placeOf(entry)} ${entry.kind}: ${entry.what}`).join('');
  if (round === 1) unread.set(unit, 'its finder failed');
  const answer = await agent(
    `Counterpoint-Task: find
Lens: ${JSON.stringify(unit.lens)}
Files: ${JSON.stringify(unit.batch)}

Audit these files for one kind of hole only: ${LENSES[unit.lens].looks}.
Begin where something comes in, follow it, and read what it passes through. Report a hole only where you can name the line,
who gets there, and what they gain: no style, no missing hardening, no guesses, nothing in tests. \`evidence\` is that line
as it stands, secrets masked; \`line\` counts from 1; \`title\` has at most ten words. An empty list is a good answer.\
${entryText && `\nHere something comes in:${entryText}`}${knownText && `\nThese are known; look for what was missed:${knownText}`}`,
    { label: unit.name, phase: 'Find', schema: FINDINGS },
  );
  if (answer === null) {
    log(`No answer from the finder for ${unit.name} in round ${round}.`);
    return null;
  }
  unread.delete(unit);
  return answer.findings.map((finding) => ({ ...finding, file: plainPath(finding.file), lens: unit.lens }));
}

async function challengeFresh(found) {
  const fresh = found.filter((finding) => !claims.has(keyOf(finding)));
  const entered = fresh.map(({ file, line, lens, severity, title, evidence }) => {
    const verdict = notChallenged('the run was cut short');
    const claim = { file, line, lens, severity, title, evidence, why: null, verdict, outcome: 'unverified' };
    claims.set(keyOf(claim), claim);
    return claim;
  });
  await parallel(entered.map((claim) => () => judgeClaim(claim)));
  return found;
}

async function judgeClaim(claim) {
  if (agentsLeft < SIDES.length) {
    claim.verdict = notChallenged(`the limit of ${options.maxAgents} agents was reached`);
    log(`Not challenged for want of agents: ${placeOf(claim)} ${claim.title}`);
    return;
  }
  agentsLeft -= SIDES.length;
  // No word of the finder's reasoning: who knows it tends to believe it.
  const { file, line, lens, title, evidence } = claim;
  const { verdict, ...votes } = await challenge(
    { file, line, lens, title, evidence },
    { challengers: SIDES.length, lenses: SIDES, label: title, detail: placeOf(claim), phase: 'Challenge' },
  );
  claim.outcome = verdict;
  claim.verdict = votes;
}

/** Finders call everything grave, each by a scale of its own: who sees many findings that held gives them one scale. */
async function judgeSeverity(some, index) {
  const answer = await sent(
    `Counterpoint-Task: severity
Claims: ${JSON.stringify(some.map(({ file, line, lens, title, evidence }) => ({ file, line, lens, title, evidence })))}

These holes were challenged, and held. How grave is each? Look at each place, and judge all by one scale:
- critical: anybody who reaches the program takes it over, or gets at everybody's data.
- high: the same, but only after something they must have first; or one person's data or money at once.
- medium: harm that needs bad luck, a mistake of the victim, or rights that few have.
- low: no harm by itself; it makes another hole worse.
\`claim\` counts the list from 1. \`why\`: who gets there, and what they gain, in one sentence.`,
    { label: `severity of ${plural(some, 'finding')}${index === 0 ? '' : `, part ${index + 1}`}`, phase: 'Judge', schema: RATINGS },
  );
  for (const { claim, severity, why } of answer?.ratings ?? []) if (some[claim - 1]) Object.assign(some[claim - 1], { severity, why });
  const without = some.filter(({ why }) => why === null);
  if (without.length > 0) remark(`Severity: not judged, but as the finder had it, for ${listed(without.map(placeOf))}.`);
}

/** An agent within the limit; null where none is left, it failed, or none of its answers fitted. */
async function sent(prompt, how) {
  if (agentsLeft < 1) {
    log(`Left out for want of agents: ${how.label}.`);
    return null;
  }
  agentsLeft -= 1;
  try {
    return await agent(prompt, how);
  } catch (error) {
    log(`${how.label}: ${error.message}`);
    return null;
  }
}

// ---- The report

function writeReport() {
  const { found, total: all, low, high } = sweep.estimate;
  const ends = { dry: 'the last two brought nothing new', maxRounds: 'no more were wanted', budget: 'the budget was spent' };
  const votes = ({ verdict }) => `${verdict.for} : ${verdict.against}`;
  const counts = SEVERITIES.map((severity) => [findings.filter((finding) => finding.severity === severity).length, severity]);
  const grave = counts.filter(([count]) => count > 0).map(([count, severity]) => `${count} ${severity}`).join(', ');
  return [
    '# Security audit',
    '',
    `**${plural(findings, 'finding')}** held against the challengers${grave && ` (${grave})`}, ${refuted.length} fell, ${unverified.length} could not be settled.`,
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
      `- **Files:** ${files.length} of ${total} source files, in ${plural(batches, 'batch', 'batches')}, through ${plural(lenses, 'lens', 'lenses')}.`,
      `- **Rounds:** ${sweep.rounds}; ${cutShort ? 'cut short by the limit of agents' : ends[sweep.stopped]}.`,
      `- **Still unfound:** ${found} were found; by how often each turned up, there are about ${Math.round(all)} of the kind that`,
      `  these finders can see (Chao1, 95 %: ${Math.round(low)} to ${Math.round(high)}).`,
      ...grouped(skipped, 'lens').map((gap) => `- **Not looked through:** ${escaped(gap)}`),
      ...[...unread].map(([{ name, batch }, why]) => `- **Not looked at:** ${name}, for ${why}: ${batch.map(code).join(', ')}`),
      ...remarks.map((text) => `- ${escaped(text)}`),
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
  const body = [why, ...verdict.reasons].filter(Boolean).join('\n');
  return { file, line, severity, title, body, lens, verdict };
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
  const rows = items.map((item, index) => row(cellsOf(item, index).map(escaped)));
  return [row(titles), row(titles.map(() => '---')), ...rows, ''];
}
function chapter(title, lines) {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines, ''];
}
function plural(items, one, many = `${one}s`) {
  return `${items.length} ${items.length === 1 ? one : many}`;
}

// ---- SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), for code scanning and other programs. What was refuted is no
// ---- result; what could not be settled is one to be reviewed.

function writeSarif() {
  const rules = lenses.map(sarifRule);
  const results = [...findings.map((finding) => sarifResult(finding, 'fail')), ...unverified.map((claim) => sarifResult(claim, 'review'))];
  const unseen = [...unread].map(([{ name }, why]) => `Not looked at: ${name}, for ${why}.`);
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Counterpoint security-audit', rules } },
        automationDetails: { id: 'counterpoint/security-audit/' },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The workspace that was audited.' } } },
        invocations: [
          {
            executionSuccessful: unseen.length === 0,
            toolExecutionNotifications: [
              ...unseen.map((text) => ({ level: 'error', message: { text: sarifText(text) } })),
              ...remarks.map((text) => ({ level: 'warning', message: { text: sarifText(text) } })),
              ...grouped(skipped, 'lens').map((gap) => ({ level: 'note', message: { text: sarifText(`Not looked through: ${gap}`) } })),
            ],
          },
        ],
        results: numbered(results),
      },
    ],
  };
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

function sarifResult({ file, line, lens, severity, title, evidence, why, verdict }, kind) {
  const levels = { critical: 'error', high: 'error', medium: 'warning', low: 'note' };
  const said = [title, why, ...verdict.reasons].filter(Boolean).map((text) => text.replace(/[.\s]*$/, '.'));
  return {
    ruleId: lens,
    ruleIndex: lenses.indexOf(lens),
    kind,
    level: kind === 'fail' ? levels[severity] : 'none',
    message: { text: sarifText(said.join(' ')) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file), uriBaseId: '%SRCROOT%' },
          region: { startLine: line, snippet: { text: evidence } },
        },
      },
    ],
    partialFingerprints: { 'counterpointFinding/v1': hashOf(`${lens}\n${file}\n${evidence.replace(/\s+/g, ' ').trim()}`) },
    properties: { severity, votesFor: verdict.for, votesAgainst: verdict.against },
  };
}

/** The same line may be there twice: a fingerprint must be of one result. */
function numbered(results) {
  const seen = new Map();
  return results.map((result) => {
    const [[name, hash]] = Object.entries(result.partialFingerprints);
    const times = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, times);
    return { ...result, partialFingerprints: { [name]: `${hash}:${times}` } };
  });
}

/** Braces are placeholders there, and brackets links. */
function sarifText(text) {
  return text.replace(/[{}]/g, '$&$&').replace(/[\\[\]]/g, '\\$&');
}

function uriOf(file) {
  return file.split('/').map((part) => encodeURIComponent(part.replace(/\p{Surrogate}/gu, '\ufffd'))).join('/');
}

/** FNV-1a, twice: the line number may change and the fingerprint stays. */
function hashOf(text) {
  const half = (seed) => {
    let hash = seed;
    for (const unit of text) hash = Math.imul(hash ^ unit.codePointAt(0), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, '0');
  };
  return half(0x811c9dc5) + half(0x9dc5811c);
}

// ---- Small things

/** What was left out, by the reason: `a, b (why).` */
function grouped(gaps, name) {
  const reasons = [...new Set(gaps.map(({ why }) => why))];
  return reasons.map((why) => `${listed(gaps.filter((gap) => gap.why === why).map((gap) => gap[name]))} (${why.replace(/[.\s]+$/, '')}).`);
}
function listed(names) {
  return `${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''}`;
}
function remark(text) {
  log(text);
  remarks.push(text);
}
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
