/**
 * How a good workflow is written: the dialect, the patterns, and what makes them grow without end. This is the one place for
 * it: the planner's rules are made from it (`plan-prompt.ts`), and so is docs/patterns.md (`npm run docs`). Every word is
 * paid for with each plan, so there are few; a test holds them under a bound, and runs every example.
 */
export interface GuideSection {
  title: string;
  text: string;
  /** A whole script, or the body of one after `SHARED`. */
  example: string;
}

/** What the examples have in common, so that it is written once. */
export const SHARED = `const object = (properties) => ({ type: 'object', properties, required: Object.keys(properties), additionalProperties: false });
const list = (items) => ({ type: 'array', items });
const text = { type: 'string' };
const FINDINGS = object({ findings: list(object({ file: text, line: { type: 'integer' }, title: text, evidence: text })) });
const keyOf = ({ file, line }) => \`\${file}:\${line}\`;`;

const DIALECT: GuideSection[] = [
  {
    title: 'The file',
    text: `Plain JavaScript. \`export const meta\` comes first and is a pure literal; then the body of an async function in strict mode, with \`await\` and \`return\` at its top level. No import, no other export, no TypeScript; a script has no files, network or process: it only orchestrates.
\`meta.args\` is the JSON Schema of \`args\`; its defaults are filled in before the script begins. Whatever decides how large or dear a run gets (paths, counts, rounds) belongs there. \`phase(title)\` begins a phase; within \`parallel\` and \`pipeline\` give agents their \`phase\` as an option. \`log(text)\` is for people. What the body returns is the result: an object of JSON with a \`report\` in Markdown.`,
    example: `export const meta = {
  name: 'explain-retries',
  description: 'How failed requests are tried again, and where that goes wrong',
  phases: [{ title: 'Look', detail: 'one agent a folder' }],
  args: {
    type: 'object',
    properties: { paths: { type: 'array', items: { type: 'string' }, default: ['src/http'] } },
    additionalProperties: false,
  },
};
const { paths } = args;
phase('Look');
const looks = await parallel(paths.map((path) => () => agent(\`How are failed requests tried again under \${path}? Cite file:line.\`, { label: path })));
const parts = looks.map((look, index) => \`## \${paths[index]}\\n\\n\${look ?? 'Not looked at: the agent failed.'}\`);
return { report: ['# Retries', ...parts].join('\\n\\n') };`,
  },
  {
    title: 'Agents',
    text: `\`agent(prompt, { label, phase, schema, model, effort })\` resolves to text, or with \`schema\` (root \`type: 'object'\`) to an object that satisfies it. It sees its prompt alone and can ask nobody; it may read the workspace (\`read_file\`, \`list_directory\`, \`glob\`, \`grep\`) and changes nothing.
Good prompts: one job; where to look, by real paths; what counts and what does not; the form of the answer; "an empty list is a good answer". What other agents said goes in as JSON. Leave \`model\` out, except \`'haiku'\` for bulk work that is easily checked.`,
    example: `const ROUTES = object({ routes: list(object({ method: text, path: text, file: text })) });
const scout = await agent(
  'List the HTTP routes that src/server.ts and src/routes define. Leave out tests. An empty list is a good answer.',
  { label: 'list routes', phase: 'Scout', schema: ROUTES },
);
if (scout === null) throw new Error('The scout failed, so there is nothing to look at; the log says why.');
log(\`\${scout.routes.length} routes\`);`,
  },
  {
    title: 'Answers may be null',
    text: `An agent that the provider refuses, or that a person skips, gives \`null\`; so does what throws within \`parallel\` or \`pipeline\`. Check before you take an answer apart, filter lists, and say in log and report what was lost: nothing is dropped in silence. After five answers that do not fit, \`agent\` throws; so it does at a cap.`,
    example: `const areas = ['src/api', 'src/jobs', 'src/web'];
const answers = await parallel(areas.map((area) => () => agent(\`What fails silently in \${area}?\`, { label: area, schema: FINDINGS })));
const findings = answers.flatMap((answer) => answer?.findings ?? []);
const lost = areas.filter((_, index) => answers[index] === null);
if (lost.length > 0) log(\`Not looked at: \${lost.join(', ')}\`);
return { findings, report: \`\${findings.length} findings. Not looked at: \${lost.join(', ') || 'nothing'}.\` };`,
  },
  {
    title: 'Decompose and fan out',
    text: `Units are what one agent can hold: a question, or some ten files; split along the seams the code has, or by batches, and multiply by lenses where each lens needs its own eye. Facts that code can find out are no agent's work: \`await tool(name, input)\` calls a tool without a model and gives its text: those of agents, and \`git_diff\` (\`{ base?, paths? }\`), what has changed. A large repository gets larger batches, not endlessly more. 16 agents work at a time by themselves: no batching by hand.`,
    example: `const listed = await tool('glob', { pattern: 'src/**/*.ts' });
const files = listed.split('\\n').filter((line) => line.endsWith('.ts'));
const size = Math.max(10, Math.ceil(files.length / 16));
const batches = Array.from({ length: Math.ceil(files.length / size) }, (_, n) => files.slice(n * size, (n + 1) * size));
const units = batches.flatMap((batch, n) => ['races', 'leaks'].map((lens) => ({ lens, batch, label: \`\${lens}, batch \${n + 1}\` })));
const found = await parallel(units.map(({ lens, batch, label }) => () => agent(\`Find \${lens} in these files only: \${JSON.stringify(batch)}\`, { label, schema: FINDINGS })));
log(\`\${found.filter(Boolean).length} of \${units.length} units looked at\`);`,
  },
  {
    title: 'Pipeline or parallel',
    text: `\`pipeline(items, ...stages)\` sends each item on as soon as it is ready; a stage gets \`(previous, item, index)\`, and one that returns \`null\` or throws ends its item. \`parallel(thunks)\` waits for all: only where the next step needs all of them together.`,
    example: `const lenses = ['races', 'leaks', 'lost errors'];
const judged = await pipeline(
  lenses,
  (lens) => agent(\`Find \${lens} under src.\`, { label: lens, phase: 'Find', schema: FINDINGS }),
  ({ findings }) => parallel(findings.slice(0, 10).map((claim) => async () => ({ ...claim, ...(await challenge(claim, { phase: 'Challenge' })) }))),
);
const upheld = judged.flatMap((claims) => claims ?? []).filter((claim) => claim?.verdict === 'upheld');
return { upheld, report: upheld.map((claim) => \`- \${claim.title} (\${keyOf(claim)})\`).join('\\n') };`,
  },
];

const PATTERNS: GuideSection[] = [
  {
    title: 'Adversarial verify',
    text: `No claim reaches the report unchallenged. \`challenge(claim)\` sets three agents on it that are told to refute it; a majority decides: \`{ verdict: 'upheld' | 'refuted' | 'unverified', for, against, failed, reasons }\`. Give what can be checked (\`title\`, \`file\`, \`line\`, \`evidence\`), never the finder's reasoning. Deduplicate first: each claim costs three agents.`,
    example: `const claim = { title: 'The pool leaks a connection on timeout', file: 'src/pool.ts', line: 88, evidence: 'const c = await take();' };
const { verdict, reasons, ...votes } = await challenge(claim, { challengers: 3, phase: 'Challenge' });
return { verdict, report: \`\${claim.title}: **\${verdict}** (\${votes.for} : \${votes.against})\\n\\n\${reasons.join('\\n')}\` };`,
  },
  {
    title: 'Perspective-diverse verify',
    text: `Challengers with one view make one mistake. Give each its own lens, fit for the kind of claim. Where claims are many, \`confidence\` sends only as many as the evidence takes.`,
    example: `const lenses = ['can this line be reached?', 'can an outsider choose the value?', 'does anything guard it elsewhere?'];
const { verdict, reasons } = await challenge('GET /export runs any SQL that its caller sends (src/export.ts:41)', { lenses, confidence: 0.9, max: 7 });
return { verdict, report: \`**\${verdict}**\\n\\n\${reasons.join('\\n')}\` };`,
  },
  {
    title: 'Judge panel',
    text: `For designs and texts, where nothing is true or false: candidates from different stances, independent judges with one set of criteria, then the winner improved with what the others do better. \`judge\` scores 0 to 10, skips candidates that are \`null\`, and throws where all are.`,
    example: `const stances = ['the fewest changes', 'the cleanest end', 'the least risk'];
const plans = await parallel(stances.map((stance) => () => agent(\`Plan how to split src/db.ts. Aim at \${stance}. Steps, files, risks.\`, { label: stance, phase: 'Draft' })));
if (plans.every((plan) => plan === null)) throw new Error('No plan was drafted; the log says why.');
const { winner, scores, reasons } = await judge(plans, { criteria: 'every step ships alone; callers change least', phase: 'Judge' });
const best = plans[winner];
const final = await agent(\`Improve this plan with what the judges praised in others.\\n\${JSON.stringify({ best, plans, reasons })}\`, { label: 'improve', phase: 'Improve' });
return { scores, report: final ?? best };`,
  },
  {
    title: 'Loop until dry',
    text: `One pass finds about half. Where "all" matters, \`converge(round, { key, dryRounds, maxRounds })\` repeats until \`dryRounds\` (2) in a row bring nothing unseen. It compares with everything seen, not with what was upheld. Tell finders what is known; challenge \`fresh\` items within a round, or all at the end. \`estimate\` says how many are still unfound. Never write \`while (true)\`.`,
    example: `const { maxRounds = 4 } = args ?? {};
const sweep = await converge(async ({ round, seen }) => {
  const known = JSON.stringify(seen.map(keyOf));
  const answers = await parallel(['src/api', 'src/jobs'].map((area) => () =>
    agent(\`Find unchecked input in \${area}. Known, look for others: \${known}\`, { label: \`\${area}, round \${round}\`, phase: 'Find', schema: FINDINGS })));
  return answers.flatMap((answer) => answer?.findings ?? []);
}, { key: keyOf, maxRounds });
const { low, high } = sweep.estimate;
return { items: sweep.items, report: \`\${sweep.items.length} found in \${sweep.rounds} rounds (\${sweep.stopped}); there are about \${Math.round(low)} to \${Math.round(high)}.\` };`,
  },
  {
    title: 'Completeness critic',
    text: `Before the end, one agent asks what is missing: a part not looked at, a claim not checked, a question not answered. What it names is done, once, under a cap.`,
    example: `const goal = 'How does a request become a response?';
const draft = await agent(\`\${goal} Read src/server.ts and follow it. Cite file:line.\`, { label: 'trace' });
if (draft === null) throw new Error('There is no draft; the log says why.');
const critic = await agent(\`Goal: \${goal}\\nDraft: \${JSON.stringify(draft)}\\nWhat is missing? Each gap a task for one agent; none is a good answer.\`, { label: 'critic', schema: object({ gaps: list(text) }) });
const gaps = (critic?.gaps ?? []).slice(0, 5);
const filled = await parallel(gaps.map((gap) => () => agent(\`\${gap}\\nIt belongs to: \${goal}\`, { label: gap })));
return { gaps, report: [draft, ...filled.filter(Boolean)].join('\\n\\n') };`,
  },
  {
    title: 'Multi-modal sweep',
    text: `Each way of looking is blind somewhere else. Finders that go by different ways, not told of each other, are merged by a key; what two of them found is likelier true.`,
    example: `const ways = ['by name: grep for the usual calls', 'by entry: from each route inwards', 'by data: from each write backwards', 'by tests: what none of them covers'];
const answers = await parallel(ways.map((way) => () => agent(\`Where can src lose a write? Look \${way}.\`, { label: way, schema: FINDINGS })));
const byKey = new Map();
for (const finding of answers.flatMap((answer) => answer?.findings ?? []))
  byKey.set(keyOf(finding), { ...finding, seen: (byKey.get(keyOf(finding))?.seen ?? 0) + 1 });
const findings = [...byKey.values()].sort((a, b) => b.seen - a.seen);
return { findings, report: findings.map((finding) => \`- \${finding.title} (\${keyOf(finding)}), seen \${finding.seen} times\`).join('\\n') };`,
  },
  {
    title: 'Generate and filter',
    text: `Ideas are cheap, good ones rare: many generators with different seeds, duplicates out by code, then a filter with a rubric that says no by default.`,
    example: `const seeds = ['a new user', 'an attacker', 'a night on call', 'ten times the load'];
const drafts = await parallel(seeds.map((seed) => () => agent(\`Five tests that src/queue.ts lacks, seen by \${seed}. One line each.\`, { label: seed, schema: object({ ideas: list(text) }) })));
const ideas = [...new Set(drafts.flatMap((draft) => draft?.ideas ?? []))].slice(0, 20);
const checks = await parallel(ideas.map((idea) => () => agent(\`Would this test catch a bug that no other test of src/queue.ts would? Keep it only if you are sure: \${JSON.stringify(idea)}\`, { label: idea, schema: object({ keep: { type: 'boolean' }, why: text }) })));
const kept = ideas.filter((_, index) => checks[index]?.keep === true);
return { kept, report: kept.map((idea) => \`- \${idea}\`).join('\\n') };`,
  },
  {
    title: 'Tournament',
    text: `Many candidates, one to be chosen: pairs are judged, the winners go on. It takes fewer tokens than judges who read all of them.`,
    example: `const drafts = await parallel(Array.from({ length: 8 }, (_, n) => () => agent(\`Name the product of README.md, attempt \${n + 1}: one name, one reason.\`, { label: \`draft \${n + 1}\` })));
let field = drafts.filter(Boolean);
for (let round = 1; field.length > 1 && round <= 3; round += 1) {
  const pairs = Array.from({ length: Math.ceil(field.length / 2) }, (_, n) => field.slice(2 * n, 2 * n + 2));
  field = (await parallel(pairs.map((pair) => async () =>
    pair.length === 1 ? pair[0] : pair[(await judge(pair, { criteria: 'short, apt, not taken', judges: 1, phase: \`Round \${round}\` })).winner]))).filter(Boolean);
}
return { report: field[0] ?? 'No candidate was left; the log says why.' };`,
  },
  {
    title: 'Checkpoints',
    text: `Where the next step is dear, cannot be undone, or is a matter of taste, a person decides: \`checkpoint(question, { detail, choices, schema, timeoutMs, default })\` waits, for days if need be, and resolves to \`{ choice, comment?, values? }\`. At most one or two a run, and none where nothing is left to decide. \`await tool('inbox')\` gives what people added.`,
    example: `const outline = await agent('Outline a migration of src/db from callbacks to promises.', { label: 'outline' });
if (outline === null) throw new Error('There is no outline; the log says why.');
const { choice, comment } = await checkpoint('Work this outline out, one agent a step?', { detail: outline, choices: ['Go on', 'Stop here'] });
if (choice !== 'Go on') return { report: outline };
const plan = await agent(\`Work out each step.\\n\${JSON.stringify({ outline, comment })}\`, { label: 'work out' });
return { report: plan ?? outline };`,
  },
  {
    title: 'Caps and budget',
    text: `Whatever grows with the answers has a cap from \`args\`: count before you send, and log what is left out. A run ends at 1,000 agents; \`budget.remaining()\` is output tokens, \`Infinity\` without a budget.`,
    example: `const { maxAgents = 40 } = args ?? {};
const found = await agent('Find swallowed errors under src.', { label: 'find', schema: FINDINGS });
const claims = found?.findings ?? [];
const affordable = claims.slice(0, Math.floor((maxAgents - 1) / 3));
if (affordable.length < claims.length) log(\`Not challenged for want of agents: \${claims.length - affordable.length}\`);
const verdicts = await parallel(affordable.map((claim) => () => challenge(claim)));
const rows = affordable.map((claim, index) => \`| \${claim.title} | \${keyOf(claim)} | \${verdicts[index]?.verdict ?? 'unverified'} |\`);
return { report: ['| Claim | Place | Verdict |', '| --- | --- | --- |', ...rows].join('\\n') };`,
  },
];

export const GUIDE: readonly { title: string; sections: readonly GuideSection[] }[] = [
  { title: 'The dialect', sections: DIALECT },
  { title: 'Patterns', sections: PATTERNS },
];

/** The guide as Markdown, its chapters at the second level. */
export function guideMarkdown(): string {
  const chapters = GUIDE.map(({ title, sections }) => [`## ${title}`, ...sections.map(sectionMarkdown)].join('\n\n'));
  return [
    `The examples share these lines; they are no globals, so a script that wants them has them too:\n\n${fenced(SHARED)}`,
    ...chapters,
  ].join('\n\n');
}

function sectionMarkdown({ title, text, example }: GuideSection): string {
  return `### ${title}\n\n${text}\n\n${fenced(example)}`;
}

function fenced(code: string): string {
  return `\`\`\`js\n${code}\n\`\`\``;
}
