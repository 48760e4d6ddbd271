import { expect, test } from 'vitest';
import { ModelError, type Provider } from '../../extension/models/provider.ts';
import type { Json, JsonObject } from '../../extension/protocol/json.ts';
import { type BundledRun, runBundled } from '../support/bundled-run.ts';
import { type FakeAgent, fakeAgents } from '../support/fake-agents.ts';
import { promptsOf, runHarness } from '../support/run-harness.ts';
import { sarifProblems } from '../support/sarif-problems.ts';
import { tempDir } from '../support/temp-dir.ts';
import { writeFiles } from '../support/workspace.ts';

const FILES = {
  'src/server.js': `const express = require('express');
const { exec } = require('child_process');
const app = express();
app.get('/ping', (req, res) => {
  exec('ping -c 1 ' + req.query.host, (error, out) => res.send(error ? 'down' : 'up'));
});
`,
  'src/tasks.js': `const { exec } = require('child_process');
exports.archive = (folder) => exec('tar czf out.tgz ' + folder, () => {});
exports.clean = () => exec('rm -rf build' + '/tmp');
`,
  'src/settings.py': 'DB_PASSWORD = "q8Zr-41fT-x0Lm"\n',
};

interface Finding {
  file: string;
  line: number;
  lens: string;
  severity: string;
  title: string;
  evidence: string;
  why: string | null;
  verdict: { for: number; against: number; failed: number; reasons: string[] };
}

interface Audit {
  findings: Finding[];
  refuted: Finding[];
  unverified: Finding[];
  entryPoints: { file: string; line: number; kind: string; what: string }[];
  comments: { file: string; line: number; severity: string; title: string; body: string }[];
  rounds: number;
  report: string;
  sarif: JsonObject;
}

interface SarifResult {
  ruleId: string;
  kind: string;
  level: string;
  message: { text: string };
  locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[];
  partialFingerprints: Record<string, string>;
}

function audit(args: Json = {}, wrap?: (provider: Provider) => Provider): Promise<BundledRun<Audit>> {
  const folder = tempDir();
  writeFiles(folder, FILES);
  return runBundled<Audit>('security-audit', folder, { args, ...(wrap && { wrap }) });
}

let whole: Promise<BundledRun<Audit>> | undefined;

/** The audit of all, which several tests look at. */
function wholeAudit(): Promise<BundledRun<Audit>> {
  whole ??= audit();
  return whole;
}

const placeOf = ({ file, line }: { file: string; line: number }): string => `${file}:${line}`;

function sarifRun({ sarif }: Audit): JsonObject & { results: SarifResult[] } {
  return (sarif.runs as JsonObject[])[0] as unknown as JsonObject & { results: SarifResult[] };
}

test('with the built-in analyst: what held by how grave it is, with what fell, where input comes in, comments and a report', async () => {
  const { status, result, logs } = await wholeAudit();
  expect(status).toBe('completed');
  expect(result.findings.map((finding) => [finding.severity, placeOf(finding), finding.lens])).toEqual([
    ['critical', 'src/server.js:5', 'injection'],
    ['high', 'src/settings.py:1', 'secrets'],
    // The same pattern as the first; but here no request chooses the value.
    ['high', 'src/tasks.js:2', 'injection'],
  ]);
  expect(result.findings[0]?.why).toBe('`req.query.host` comes from outside (line 5).');
  expect(result.refuted.map(placeOf)).toContain('src/tasks.js:3');
  expect(result.unverified).toEqual([]);
  expect(result.entryPoints.map((entry) => [placeOf(entry), entry.kind])).toEqual([
    ['src/server.js:4', 'request'],
    ['src/server.js:5', 'request'],
  ]);
  expect(result.comments.map(placeOf)).toEqual(result.findings.map(placeOf));
  expect(result.comments[0]?.body).toContain('`req.query.host` comes from outside');
  expect(result.report).toContain('**3 findings** held against the challengers (1 critical, 2 high)');
  expect(result.report).toContain('| `src/server.js:4` | request | app.get(');
  const gap =
    'authorisation, paths-and-addresses, deserialising, exhaustion (the built-in analyst has no patterns for that, only a model can look).';
  expect(logs).toContain(`Not looked through: ${gap}`);
  expect(result.report).toContain(`- **Not looked through:** ${gap}`);
});

test('the SARIF is valid, has a result for each finding at its place and none for what fell, and keeps no secret', async () => {
  const { result } = await wholeAudit();
  expect(sarifProblems(result.sarif)).toEqual([]);
  const { results } = sarifRun(result);
  const placed = results.map(({ locations: [location] }) => {
    const { artifactLocation, region } = location!.physicalLocation;
    return `${artifactLocation.uri}:${region.startLine}`;
  });
  expect(placed).toEqual(result.findings.map(placeOf));
  expect(results.map(({ level }) => level)).toEqual(['error', 'error', 'error']);
  expect(JSON.stringify(result)).not.toContain('q8Zr-41fT');
});

test('a fingerprint stays where lines move, and two equal lines have two', async () => {
  const folder = tempDir();
  const line = 'exports.run = (text) => eval(text);\n';
  const prints = async (text: string): Promise<string[]> => {
    writeFiles(folder, { 'run.js': text });
    const { result } = await runBundled<Audit>('security-audit', folder, {
      args: { lenses: ['dangerous-calls'], rounds: 1 },
    });
    return sarifRun(result).results.flatMap(({ partialFingerprints }) => Object.values(partialFingerprints));
  };
  const before = await prints(line + line);
  expect(new Set(before).size).toBe(2);
  expect(await prints(`// moved\n\n${line}// apart\n${line}`)).toEqual(before);
});

test('keeps to paths, lenses and files, and looks first at files where something comes in', async () => {
  const { result } = await audit({ paths: ['src'], glob: '*.js', lenses: ['injection'] });
  expect(result.findings.map(placeOf)).toEqual(['src/server.js:5', 'src/tasks.js:2']);
  const prompts: string[] = [];
  await audit({ lenses: ['injection'], rounds: 1 }, watching(prompts));
  const finder = prompts.find((prompt) => prompt.startsWith('Counterpoint-Task: find'));
  expect(finder).toContain('Files: ["src/server.js",');
  expect(finder).toContain(
    'Here something comes in:\n{"file":"src/server.js","line":4,"kind":"request","what":"app.get(',
  );
});

test('what fails is told, in the log, in the report and in the SARIF, and the rest goes on', async () => {
  const { status, result, logs } = await audit(
    {},
    failing((prompt) => /^Counterpoint-Task: (threats|severity)|^Lens: "secrets"\nFiles/m.test(prompt)),
  );
  expect(status).toBe('completed_with_failures');
  expect(result.findings.map(placeOf)).toEqual(['src/server.js:5', 'src/tasks.js:2']);
  // Without threats nobody says that the analyst lacks lenses; so its finders fail for themselves.
  for (const lens of ['secrets', 'authorisation', 'exhaustion'])
    expect(result.report).toContain(`- **Not looked at:** ${lens}, batch 1, for its finder failed: \`src/server.js\``);
  expect(logs).toContain('Entry points: not known, for the agent that was to list them gave no answer.');
  expect(result.report).toContain(
    '- **Severity:** not judged, but as the finder had it, for src/server.js:5, src/tasks.js:2.',
  );
  expect(result.findings.map(({ why }) => why)).toEqual([null, null]);
  expect(sarifProblems(result.sarif)).toEqual([]);
  const [invocation] = sarifRun(result).invocations as JsonObject[];
  expect(invocation?.executionSuccessful).toBe(false);
  expect(JSON.stringify(invocation)).toContain('Not looked at: secrets, batch 1');
});

test('what no agents are left for is unverified and to be reviewed, not lost', async () => {
  // A scout, the threats, one finder, and challengers for the first of three claims.
  const { result, logs } = await audit({ lenses: ['injection'], maxAgents: 6 });
  expect(result.findings.length + result.refuted.length).toBe(1);
  expect(result.unverified.map(({ verdict }) => verdict.reasons)).toEqual(
    Array(2).fill(['Not challenged: the limit of 6 agents was reached.']),
  );
  expect(logs.filter((line) => line.startsWith('Not challenged for want of agents'))).toHaveLength(2);
  expect(sarifProblems(result.sarif)).toEqual([]);
  const kinds = sarifRun(result).results.map(({ kind, level }) => `${kind} ${level}`);
  expect(kinds.filter((kind) => kind === 'review none')).toHaveLength(2);
  expect(result.report).toContain('cut short by the limit of agents');
});

test('finders that no agents are left for are told, and half of the agents is kept for challengers', async () => {
  // Four are left when the finders go out: two of them, with the first lenses, and the challengers of nothing.
  const { result, logs } = await audit({ lenses: ['weak-crypto', 'secrets', 'injection'], maxAgents: 6 });
  expect(logs).toContain('Round 1 takes 3 agents, and 4 are left: only 2 are sent.');
  expect(result.report).toContain(
    '- **Not looked at:** injection, batch 1, for the limit of 6 agents was reached: `src/server.js`',
  );
  expect([...result.findings, ...result.unverified].map(placeOf)).toEqual(['src/settings.py:1']);
  expect(JSON.stringify(sarifRun(result).invocations)).toContain(
    'Not looked at: injection, batch 1, for the limit of 6',
  );
});

test('an answer that never fits is as none; what is said twice is one finding, and findings stand in the order of lines', async () => {
  const hole = { file: 'src/a.js', line: 7, severity: 'high', title: 'A hole', evidence: 'x' };
  const find: FakeAgent = ({ Lens }) => ({
    findings: Lens === 'secrets' ? 'none that fit' : [{ ...hole, line: 12 }, hole, hole],
  });
  const odd: FakeAgent = () => ({ odd: true });
  const challenge: FakeAgent = () => ({ verdict: 'upheld', reason: 'It stands.' });
  const { manager, api } = await runHarness(fakeAgents({ ...HOSTILE, threats: odd, severity: odd, find, challenge }));
  const args = { lenses: ['secrets', 'injection'], rounds: 1 };
  const runId = await manager.start({ script: 'security-audit', provider: 'anthropic', args });
  const { status, result } = await manager.finished(runId);
  expect(status).toBe('completed_with_failures');
  const { report, findings } = result as unknown as Audit;
  expect(findings.map(({ line }) => line)).toEqual([7, 12]);
  const challenges = promptsOf(api).filter((prompt) => prompt.startsWith('Counterpoint-Task: challenge'));
  expect(challenges).toHaveLength(6);
  expect(report).toContain('- **Not looked at:** secrets, batch 1, for its finder failed');
  expect(report).toContain('- **Entry points:** not known');
  expect(report).toContain('- **Severity:** not judged, but as the finder had it, for src/a.js:12, src/a.js:7.');
});

test('without a file to look through it says so, and without a scout it fails', async () => {
  const { result } = await audit({ paths: ['src'], glob: '*.rb' });
  expect(result.findings).toEqual([]);
  expect(result.report).toContain('**0 findings**');
  expect(sarifProblems(result.sarif)).toEqual([]);
  const noScout = audit(
    {},
    failing((prompt) => prompt.startsWith('Counterpoint-Task: scout')),
  );
  await expect(noScout).rejects.toThrow('The scout failed, so there is nothing to look through');
});

const EVIL = '![x](https://evil.example/x.png) {0} [y](1) | `a` <b> \\';

/** A model that finds one hole a lens and file, in words that want to be markup. */
const HOSTILE: Record<string, FakeAgent> = {
  scout: () => ({ files: ['src/a b#?.js', './src/ü%41.js', 'src/a b#?.js'], total: 1 }),
  threats: ({ Files }) => ({
    entryPoints: (Files as string[]).map((file) => ({ file, line: 3, kind: EVIL, what: EVIL })),
    skip: [
      { lens: 'exhaustion', why: `${EVIL}.` },
      { lens: 'nothing', why: 'no lens of ours' },
    ],
  }),
  find: ({ Lens, Files }) => ({
    findings: (Files as string[]).map((file) => ({
      file,
      line: 7,
      severity: 'critical',
      title: `${Lens} ${EVIL}`,
      evidence: `\`\`\`\n${EVIL}`,
    })),
  }),
  challenge: ({ Lens, Claim }) => {
    const { lens } = Claim as JsonObject;
    if (lens === 'secrets') return { verdict: 'refuted', reason: `It is a placeholder. ${EVIL}` };
    if (lens === 'injection') return Lens === 'live code' ? null : { verdict: 'unsure', reason: 'cannot see it' };
    return { verdict: Lens === 'data flow' ? 'refuted' : 'upheld', reason: EVIL };
  },
  severity: ({ Claims }) => ({
    ratings: (Claims as Json[]).flatMap((_, index) =>
      index === 0
        ? [{ claim: 99, severity: 'low', why: 'of none' }]
        : [{ claim: index + 1, severity: 'medium', why: EVIL }],
    ),
  }),
};

test('with a model: every lens that is not skipped, majorities, severities by the judge; hostile words stay words', async () => {
  const { manager } = await runHarness(fakeAgents(HOSTILE));
  const runId = await manager.start({ script: 'security-audit', provider: 'anthropic', args: { rounds: 1 } });
  const { status, result: value } = await manager.finished(runId);
  const result = value as unknown as Audit;
  expect(status).toBe('completed_with_failures');
  expect([...new Set(result.findings.map(({ lens }) => lens))].sort()).toEqual([
    'authorisation',
    'dangerous-calls',
    'deserialising',
    'paths-and-addresses',
    'weak-crypto',
  ]);
  expect(result.refuted.every(({ lens }) => lens === 'secrets')).toBe(true);
  expect(result.unverified.map(({ lens, verdict }) => [lens, verdict.failed])).toEqual(Array(2).fill(['injection', 3]));
  // The rating that names no claim changes none; so one is as its finder had it, and that is told.
  expect(result.findings.map(({ severity }) => severity)).toEqual(['critical', ...Array(9).fill('medium')]);
  expect(result.report).toMatch(/- \*\*Severity:\*\* not judged, but as the finder had it, for src\//);
  expect(sarifProblems(result.sarif)).toEqual([]);
  const uris = sarifRun(result).results.map(({ locations }) => locations[0]!.physicalLocation.artifactLocation.uri);
  expect([...new Set(uris)].sort()).toEqual(['src/%C3%BC%2541.js', 'src/a%20b%23%3F.js']);
  expect(result.report).toContain('````\n```\n');
  // Outside of fences nothing of it is an image, a link or a tag.
  expect(result.report.replace(/^`{4}\n[\s\S]*?\n`{4}$/gm, '')).not.toMatch(/[^\\]\]\(|[^\\]<b|!\[/);
});

test('later rounds are told what is known, and challengers get the claim alone', async () => {
  const prompts: string[] = [];
  await audit({ lenses: ['secrets'] }, watching(prompts));
  const finders = prompts.filter((prompt) => prompt.startsWith('Counterpoint-Task: find'));
  expect(
    finders.map((prompt) => prompt.includes('\n{"file":"src/settings.py","line":1,"title":"Credential written')),
  ).toEqual([false, true, true]);
  const claims = prompts.flatMap((prompt) => /^Claim: (.*)$/m.exec(prompt)?.[1] ?? []);
  expect(claims).toHaveLength(3);
  expect(Object.keys(JSON.parse(claims[0]!))).toEqual(['file', 'line', 'lens', 'title', 'evidence']);
});

function promptOf(request: Parameters<Provider['complete']>[0]): string {
  const [block] = request.messages[0]?.content ?? [];
  return block?.type === 'text' ? block.text : '';
}

/** The analyst, but for agents whose prompt is met: those are refused for good. */
function failing(meets: (prompt: string) => boolean): (provider: Provider) => Provider {
  return (provider) => ({
    ...provider,
    complete: async (request, watch) => {
      if (meets(promptOf(request))) throw new ModelError('refused by the test', { retryable: false });
      return provider.complete(request, watch);
    },
  });
}

/** The analyst; the first prompt of each agent is noted. */
function watching(prompts: string[]): (provider: Provider) => Provider {
  return (provider) => ({
    ...provider,
    complete: (request, watch) => {
      if (request.messages.length === 1) prompts.push(promptOf(request));
      return provider.complete(request, watch);
    },
  });
}
