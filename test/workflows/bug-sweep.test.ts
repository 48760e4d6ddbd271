import { expect, test } from 'vitest';
import { ModelError, type Provider } from '../../extension/models/provider.ts';
import type { Json } from '../../extension/protocol/json.ts';
import { type Sweep, sweepFolder } from '../support/corpus.ts';
import { tempDir } from '../support/temp-dir.ts';
import { writeFiles } from '../support/workspace.ts';

const FILES = {
  'src/run.js': 'exports.run = (text) => eval(text);\n\nexports.two = () => eval("2"); // ``` <b>| *not* markup\n',
  'src/load.py': 'import pickle\n\n\ndef load(data):\n    return pickle.loads(data)\n',
  'src/quiet.js':
    'exports.save = async (store, item) => {\n  try {\n    await store.put(item);\n  } catch (e) {\n  }\n};\n',
};

function sweep(args: Json = {}, wrap?: (provider: Provider) => Provider): Promise<Sweep> {
  const folder = tempDir();
  writeFiles(folder, FILES);
  return sweepFolder(folder, args, wrap);
}

const placeOf = ({ file, line }: { file: string; line: number }): string => `${file}:${line}`;

test('gives findings, refuted, unverified, rounds and a report, each finding with its verdict', async () => {
  const { status, result } = await sweep();
  expect(status).toBe('completed');
  expect(Object.keys(result).sort()).toEqual(['comments', 'findings', 'refuted', 'report', 'rounds', 'unverified']);
  expect(result.findings.map(placeOf)).toEqual(['src/load.py:5', 'src/run.js:1', 'src/quiet.js:4']);
  expect(result.refuted.map(placeOf)).toEqual(['src/run.js:3']);
  expect(result.unverified).toEqual([]);
  // One round that finds, two that bring nothing new.
  expect(result.rounds).toBe(3);
  expect(result.findings[1]).toEqual({
    file: 'src/run.js',
    line: 1,
    lens: 'dangerous-calls',
    severity: 'critical',
    title: 'Text run as code',
    evidence: 'exports.run = (text) => eval(text);',
    verdict: { for: 3, against: 0, failed: 0, reasons: expect.any(Array) },
  });
  expect(result.findings[1]?.verdict.reasons).toHaveLength(3);
});

test('the report shows place, severity, evidence, votes and reasons of what held and of what fell, and the coverage', async () => {
  const { result } = await sweep();
  const { report } = result;
  expect(report).toContain('**3 findings** held against the challengers, 1 fell, 0 could not be settled.');
  expect(report).toContain('critical · dangerous-calls · `src/run.js:1` · 3 for, 0 against');
  expect(report).toContain('```\nexports.run = (text) => eval(text);\n```');
  for (const finding of [...result.findings, ...result.refuted]) {
    for (const reason of finding.verdict.reasons) expect(report.replaceAll('\\', '')).toContain(reason);
  }
  expect(report).toContain('- **Files:** 3 of 3 source files');
  expect(report).toContain('- **Rounds:** 3; the last two brought nothing new.');
});

test('text of the repository does not become markup of the report', async () => {
  const { result } = await sweep({ lenses: ['dangerous-calls'] }, answering('challenge', UPHELD));
  const { evidence } = result.findings.find((finding) => finding.line === 3)!;
  expect(evidence).toContain('``` <b>|');
  expect(result.report).toContain(`\`\`\`\`\n${evidence}\n\`\`\`\``);
});

test('what a finder says twice in one answer is challenged once, and findings stand in the order of lines', async () => {
  const twice = (answer: Json): Json => {
    const { findings } = answer as { findings: { line: number }[] };
    const below = findings.map((finding) => ({ ...finding, line: finding.line + 8 }));
    return { findings: [...below, ...findings, ...findings] };
  };
  const args = { paths: ['src/run.js'], lenses: ['dangerous-calls'], rounds: 1 };
  const prompts: string[] = [];
  const { result } = await sweep(args, (provider) =>
    watching(prompts)(answering('find', twice)(answering('challenge', UPHELD)(provider))),
  );
  expect(result.findings.map(({ line }) => line)).toEqual([1, 3, 9, 11]);
  expect(prompts.filter((prompt) => prompt.startsWith('Counterpoint-Task: challenge'))).toHaveLength(12);
});

test('keeps to paths, lenses and rounds', async () => {
  const { result } = await sweep({ paths: ['src/run.js', 'src/load.py'], lenses: ['dangerous-calls'], rounds: 1 });
  expect(result.findings.map(placeOf)).toEqual(['src/load.py:5', 'src/run.js:1']);
  expect(result.rounds).toBe(1);
});

test('says which files it did not look at', async () => {
  const { result, logs } = await sweep({ maxFiles: 1 });
  expect(logs).toContain('Not looked at: 2 of 3 source files, for maxFiles is 1.');
  expect(result.report).toContain('- **Files:** 1 of 3 source files');
});

test('what no agents are left to challenge is unverified, and neither upheld nor refuted nor lost', async () => {
  // One scout, one finder, and three challengers for the first of three claims.
  const { result, logs } = await sweep({ lenses: ['dangerous-calls'], maxAgents: 5 });
  expect(result.findings.length + result.refuted.length).toBe(1);
  expect(result.unverified).toHaveLength(2);
  expect(result.unverified[0]?.verdict).toEqual({
    for: 0,
    against: 0,
    failed: 0,
    reasons: ['Not challenged: the limit of 5 agents was reached.'],
  });
  expect(logs.filter((line) => line.startsWith('Not challenged for want of agents'))).toHaveLength(2);
  expect(result.report).toContain('cut short by the limit of agents');
});

test('finders that no agents are left for are told, and half of the agents is kept for challengers', async () => {
  const { result, logs } = await sweep({ lenses: ['weak-crypto', 'secrets', 'swallowed-errors'], maxAgents: 5 });
  expect(logs).toContain('Round 1 takes 3 agents, and 4 are left: only 2 are sent.');
  expect(result.report).toContain(
    '- **Not looked at:** swallowed-errors, batch 1, for the limit of 5 agents was reached: `src/load.py`',
  );
});

test('a finder that fails is told of in the log and in the report, and the others go on', async () => {
  const { status, result, logs } = await sweep(
    {},
    failing((prompt) => prompt.includes('Lens: "injection"')),
  );
  expect(status).toBe('completed_with_failures');
  expect(result.findings).toHaveLength(3);
  expect(logs).toContain('No answer from the finder for injection, batch 1 in round 1.');
  expect(result.report).toContain(
    '- **Not looked at:** injection, batch 1, for its finder failed: `src/load.py`, `src/quiet.js`, `src/run.js`',
  );
});

test('two challengers that fail leave a claim unverified', async () => {
  const { result } = await sweep(
    { lenses: ['swallowed-errors'] },
    failing((prompt) => /Lens: "(live code|data flow)"/.test(prompt)),
  );
  expect(result.findings).toEqual([]);
  expect(result.unverified.map(({ verdict }) => [verdict.for, verdict.against, verdict.failed])).toEqual([[1, 0, 2]]);
});

test('challengers get the claim alone, and no word of the finder on it', async () => {
  const prompts: string[] = [];
  await sweep({ lenses: ['swallowed-errors'] }, watching(prompts));
  const claims = prompts.flatMap((prompt) => /^Claim: (.*)$/m.exec(prompt)?.[1] ?? []);
  expect(claims).toHaveLength(3);
  expect(Object.keys(JSON.parse(claims[0]!))).toEqual(['file', 'line', 'lens', 'title', 'evidence']);
  expect(
    prompts
      .filter((prompt) => prompt.startsWith('Counterpoint-Task: challenge'))
      .map((prompt) => /^Lens: (.*)$/m.exec(prompt)?.[1]),
  ).toEqual(['"live code"', '"data flow"', '"real impact"']);
});

test('later rounds are told what is known', async () => {
  const prompts: string[] = [];
  await sweep({ lenses: ['swallowed-errors'] }, watching(prompts));
  const finders = prompts.filter((prompt) => prompt.startsWith('Counterpoint-Task: find'));
  expect(
    finders.map((prompt) => prompt.includes('\n{"file":"src/quiet.js","line":4,"title":"Error caught and dropped')),
  ).toEqual([false, true, true]);
});

test.each<[Json, string]>([
  [{ path: 'src' }, 'path'],
  [{ paths: 'src' }, 'paths'],
  [{ lenses: ['style'] }, 'lenses'],
  [{ rounds: 0 }, 'rounds'],
  [{ glob: 3 }, 'glob'],
])('args %j are refused, and it is said what they may be', async (args, name) => {
  await expect(sweep(args)).rejects.toThrow(new RegExp(`args do not fit.*${name}.*It takes: paths`));
});

/** Challengers that uphold everything. */
const UPHELD = (): Json => ({ verdict: 'upheld', reason: 'the test says so' });

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

/** The analyst, but for what agents of one task answer. */
function answering(task: string, change: (answer: Json) => Json): (provider: Provider) => Provider {
  return (provider) => ({
    ...provider,
    complete: async (request, watch) => {
      const reply = await provider.complete(request, watch);
      const isMeant = promptOf(request).startsWith(`Counterpoint-Task: ${task}\n`);
      const content = reply.content.map((block) =>
        isMeant && block.type === 'tool_use' && block.name === 'answer'
          ? { ...block, input: change(block.input) }
          : block,
      );
      return { ...reply, content };
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
