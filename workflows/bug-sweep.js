export const meta = {
  name: 'bug-sweep',
  description: 'Looks for bugs through six lenses; three challengers try to refute each finding, and the majority decides',
  whenToUse: 'Before a release, or on code just taken over',
  phases: [
    { title: 'Scout', detail: 'lists the source files' },
    { title: 'Find', detail: 'each batch of files through each lens, in rounds until two bring nothing new' },
    { title: 'Challenge', detail: 'three challengers a finding, each from another side' },
    { title: 'Report', detail: 'what held, what fell, and why' },
  ],
  servedBy: ['builtin'],
  args: {
    type: 'object',
    properties: {
      paths: { type: 'array', items: { type: 'string' }, minItems: 1, default: ['.'], description: 'Folders or files to look through' },
      glob: { type: 'string', description: 'Only files that match, such as src/**/*.py' },
      lenses: {
        type: 'array',
        items: { enum: ['secrets', 'injection', 'dangerous-calls', 'swallowed-errors', 'resource-leaks', 'weak-crypto'] },
        minItems: 1,
        description: 'Kinds of bugs to look for; without, all',
      },
      maxFiles: { type: 'integer', minimum: 1, default: 400, description: 'Files at most' },
      rounds: { type: 'integer', minimum: 1, default: 4, description: 'Rounds of finders at most' },
      maxAgents: { type: 'integer', minimum: 1, default: 1000, description: 'Agents at most' },
    },
    additionalProperties: false,
  },
};

const LENSES = {
  secrets: 'passwords, keys, tokens and other credentials that stand in the code itself',
  injection: 'input from outside that reaches SQL, a shell, a page, a template, a file path or an address unescaped',
  'dangerous-calls': 'eval and its kin, unsafe deserialising, certificate checks and other guards switched off',
  'swallowed-errors': 'errors that are caught and dropped, so that the program goes on wrongly and nobody learns of it',
  'resource-leaks': 'files, streams, connections, locks and processes that stay open on some path',
  'weak-crypto': 'broken hashes and ciphers, and predictable randomness, where security depends on them',
};
// Each challenger attacks from another side, so that they do not all make the same mistake.
const SIDES = ['live code', 'data flow', 'real impact'];
const SEVERITIES = ['critical', 'high', 'medium', 'low'];
const SMALLEST_BATCH = 12;
// A large repository gets larger batches, not more: 16 batches by 6 lenses leave most of 1,000 agents to challenge.
const MOST_BATCHES = 16;

const FILES = object({ files: { type: 'array', items: { type: 'string' } }, total: { type: 'integer' } });
const FINDINGS = object({
  findings: {
    type: 'array',
    items: object({
      file: { type: 'string' },
      line: { type: 'integer', minimum: 1 },
      severity: { type: 'string', enum: SEVERITIES },
      title: { type: 'string' },
      evidence: { type: 'string' },
    }),
  },
});

const { paths, glob, lenses = Object.keys(LENSES), maxFiles, rounds, maxAgents } = args;
let agentsLeft = maxAgents;
const claims = new Map(); // What was found in any round, by its key: what is found twice is challenged once.
const unread = new Map(); // Units that no finder got through, and why.
let cutShort = false;

phase('Scout');
const { files, total } = await scout();
if (total > files.length) {
  log(`Not looked at: ${total - files.length} of ${total} source files, for maxFiles is ${maxFiles}.`);
}

phase('Find');
const batches = split(files, Math.max(SMALLEST_BATCH, Math.ceil(files.length / MOST_BATCHES)));
const units = batches.flatMap((batch, index) => lenses.map((lens) => ({ lens, batch, name: `${lens}, batch ${index + 1}` })));
const sweep = await converge(oneRound, { key: keyOf, dryRounds: 2, maxRounds: rounds });

phase('Report');
const ranked = [...claims.values()].sort(
  (a, b) =>
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    (a.file === b.file ? a.line - b.line || (a.lens < b.lens ? -1 : 1) : a.file < b.file ? -1 : 1),
);
const [findings, refuted, unverified] = ['upheld', 'refuted', 'unverified'].map((wanted) =>
  ranked.filter(({ outcome }) => outcome === wanted).map(({ outcome, ...finding }) => finding),
);
log(`${findings.length} upheld, ${refuted.length} refuted, ${unverified.length} unverified.`);
return { findings, refuted, unverified, comments: findings.map(commentOf), rounds: sweep.rounds, report: writeReport() };

// ---- Agents. The first lines of each prompt are a task header (docs/task-header.md): the built-in analyst goes by them
// ---- alone, a model reads them together with the text below.

async function scout() {
  agentsLeft -= 1;
  const answer = await agent(
    `Counterpoint-Task: scout
Paths: ${JSON.stringify(paths)}
MaxFiles: ${maxFiles}${glob ? `\nGlob: ${JSON.stringify(glob)}` : ''}

List the source files under these paths${glob ? ' that match the glob' : ''} for a hunt for bugs, at most MaxFiles.
Leave out tests, and what is generated, vendored, minified or data. First those that handle input, credentials, files,
processes or the network. \`total\`: how many such files there are, listed or not.`,
    { label: 'list source files', phase: 'Scout', schema: FILES },
  );
  if (answer === null) throw new Error('The scout failed, so there is nothing to look through; the log says why.');
  const listed = [...new Set(answer.files.map(plainPath))].slice(0, maxFiles);
  return { files: listed, total: Math.max(answer.total, listed.length) };
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
  agentsLeft -= some.length;
  const found = await pipeline(some, (unit) => find(unit, round), challengeFresh);
  return found.flatMap((items) => items ?? []);
}

async function find(unit, round) {
  const known = [...claims.values()].filter(({ lens, file }) => lens === unit.lens && unit.batch.includes(file));
  const knownText = known.map(({ file, line, title }) => `\n${JSON.stringify({ file, line, title })}`).join('');
  if (round === 1) unread.set(unit, 'its finder failed');
  const answer = await agent(
    `Counterpoint-Task: find
Lens: ${JSON.stringify(unit.lens)}
Files: ${JSON.stringify(unit.batch)}

Look through these files for one kind of bug only: ${LENSES[unit.lens]}.
Read what you judge. Report a bug only where you can name the line and what goes wrong there: no style, no guesses, nothing
in tests. \`line\` counts from 1; \`evidence\` is that line as it stands, secrets masked; \`title\` has at most ten words;
\`severity\` is critical where data, money or secrets are lost or a stranger takes over, high where ordinary use goes wrong,
medium where only unusual use does, low where hardly anybody notices. An empty list is a good answer.${knownText && `\nThese are known; look for what was missed:${knownText}`}`,
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
  const fresh = [];
  for (const finding of found) {
    if (claims.has(keyOf(finding))) continue;
    const claim = { ...finding, verdict: notChallenged('the run was cut short'), outcome: 'unverified' };
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
  // No word of the finder's reasoning: who knows it tends to believe it.
  const { file, line, lens, title, evidence } = claim;
  const { verdict, ...votes } = await challenge(
    { file, line, lens, title, evidence },
    { challengers: SIDES.length, lenses: SIDES, label: title, detail: placeOf(claim), phase: 'Challenge' },
  );
  claim.outcome = verdict;
  claim.verdict = votes;
}

// ---- The report

function writeReport() {
  const { found, total: all, low, high } = sweep.estimate;
  const ends = { dry: 'the last two brought nothing new', maxRounds: 'no more were wanted', budget: 'the budget was spent' };
  const votes = ({ verdict }) => `${verdict.for} : ${verdict.against}`;
  return [
    '# Bug sweep',
    '',
    `**${plural(findings.length, 'finding')}** held against the challengers, ${refuted.length} fell, ${unverified.length} could not be settled.`,
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
    ...chapter('Coverage', [
      `- **Files:** ${files.length} of ${total} source files, in ${plural(batches.length, 'batch', 'batches')}, through ${plural(lenses.length, 'lens', 'lenses')}.`,
      `- **Rounds:** ${sweep.rounds}; ${cutShort ? 'cut short by the limit of agents' : ends[sweep.stopped]}.`,
      `- **Still unfound:** ${found} were found; by how often each turned up, there are about ${Math.round(all)} of the kind that`,
      `  these finders can see (Chao1, 95 %: ${Math.round(low)} to ${Math.round(high)}).`,
      ...[...unread].map(([{ name, batch }, why]) => `- **Not looked at:** ${name}, for ${why}: ${batch.map(code).join(', ')}`),
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
    ...reasons.flatMap((reason, side) => (reason ? [`- ${reasons.length === SIDES.length ? `*${SIDES[side]}:* ` : ''}${escaped(reason)}`] : [])), '',
  ];
}

/** For the margin of an editor. Plain text: whoever shows it escapes it. */
function commentOf({ file, line, lens, severity, title, verdict }) {
  return { file, line, severity, title, body: verdict.reasons.filter(Boolean).join('\n'), lens, verdict };
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
