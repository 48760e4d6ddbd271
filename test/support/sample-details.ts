/** What the agents of a sample run were asked, did and answered. */
import type { CallDetails, TranscriptEntry } from '../../extension/protocol/call-details.ts';
import type { Json, JsonObject } from '../../extension/protocol/json.ts';
import type { CallInfo, RunEvent } from '../../extension/protocol/run-events.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import { CLAIMS, REASONS } from './sample-texts.ts';

export function sampleDetails(events: RunEvent[]): Record<string, CallDetails> {
  const { calls } = foldRun(events);
  return Object.fromEntries([...calls.values()].map((call) => [call.info.id, detailsOf(call)]));
}

function detailsOf(call: CallNode): CallDetails {
  const base = {
    id: call.info.id,
    prompt: promptOf(call.info),
    options: { label: call.info.label },
    transcript: transcriptOf(call),
  };
  return {
    ...base,
    ...(call.settled ? { settled: call.settled } : {}),
    ...(call.settled?.outcome === 'succeeded' ? { answer: answerOf(call) } : {}),
  };
}

function promptOf(info: CallInfo): string {
  if (info.role === 'challenger')
    return `task: challenge\nlens: ${info.label.split(' · ')[1]}\n\nRefute this claim if you can. You see the claim and the code, not how it was found.`;
  return `task: ${info.label}\n\nLook at each file of the batch for problems of one kind. Give the file, the line and the code itself as evidence; leave out what you cannot point at.`;
}

function transcriptOf(call: CallNode): TranscriptEntry[] {
  const at = call.startedAt;
  if (at === null) return [];
  const { file } = CLAIMS[call.info.id % CLAIMS.length]!;
  const entries: TranscriptEntry[] = [
    {
      type: 'tool',
      at,
      id: 't1',
      name: 'read_file',
      input: { path: file, start: 40, end: 80 },
      output: 'const name = req.params.name;\nreturn fs.readFile(path.join(root, name));',
      isError: false,
      durationMs: 12,
    },
    {
      type: 'tool',
      at,
      id: 't2',
      name: 'grep',
      input: { pattern: 'sanitizeName' },
      output:
        'web/util.ts:14: export const sanitizeName = (name: string) =>\nweb/routes.ts:31: app.param("name", (…) =>',
      isError: false,
      durationMs: 8,
    },
    {
      type: 'text',
      at,
      text: 'The router does install a parameter hook, but only on `app`, while `files` is mounted on **its own router**, so the hook never runs.',
    },
  ];
  if (call.state === 'failed') {
    entries.push({ type: 'retry', at, reason: '529 overloaded', delayMs: 2400 });
    entries.push({
      type: 'answer-rejected',
      at,
      answer: { findings: [{ line: 'forty' }] },
      problems: '/findings/0/line must be integer',
    });
  }
  return entries;
}

function answerOf(call: CallNode): CallDetails['answer'] & {} {
  if (call.info.role === 'challenger')
    return { vote: call.settled?.vote ?? 'for', reason: REASONS[call.settled?.vote ?? 'for'][0]! };
  if (call.info.phase === 'Report') return SAMPLE_REPORT;
  const { file, title } = CLAIMS[call.info.id % CLAIMS.length]!;
  return {
    findings: [{ file, line: 57, title, severity: 'high', evidence: 'return fs.readFile(path.join(root, name));' }],
  };
}

export const SAMPLE_REPORT = `# Bug sweep

**2 findings** upheld, 1 refuted, 1 unverified, in 3 rounds. About 94 % of what there is was found.

## High

### SQL built by concatenating the report name

\`db/report.ts:88\` · injection · upheld 3–0

\`\`\`ts
return db.query("select * from reports where name = '" + name + "'");
\`\`\`

The name arrives from the request body and no guard stands between.

| Challenger | Vote | Reason |
| --- | --- | --- |
| reachability | for | The handler is mounted without the check. |
| exploitability | for | The value arrives from the request body. |
| correctness | for | No test or guard contradicts it. |

## Not decided

- \`mail/send.ts:204\`: one vote, one failure.
`;

/** What a thorough agent leaves behind: every kind of entry, of input and of output that the side shows in a way of its own. */
export function richDetails(id: number, at: number): CallDetails {
  return {
    id,
    prompt: 'task: fix\nlens: injection\n\nMend what was found. Give what you changed, and why.',
    options: { label: 'fix', schema: FIX_SCHEMA },
    scriptLine: "const fixed = await agent(`fix this`, { label: 'fix', schema: FIX })",
    transcript: RICH_ENTRIES.map((entry, index) => ({ ...entry, at: at + index * 1000 }) as TranscriptEntry),
    answer: FIX_ANSWER,
  };
}

const FIX_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    summary: { type: 'string', description: 'What was done, for a person' },
    severity: { type: 'string', enum: ['low', 'high'], description: 'How bad it was' },
    confirmed: { type: 'boolean' },
    places: { type: 'array', items: { $ref: '#/definitions/place' } },
    findings: {
      type: 'array',
      description: 'One for each problem',
      items: { type: 'object', properties: { evidence: { type: 'string', description: 'The code itself' } } },
    },
  },
  definitions: {
    place: {
      type: 'object',
      properties: { file: { type: 'string' }, line: { type: 'integer', description: 'From 1' } },
    },
  },
};

const FIX_ANSWER: Json = {
  summary: 'The name is **bound**, not joined:\n\n```ts\ndb.query(sql, [name]);\n```',
  severity: 'high',
  confirmed: true,
  places: [
    { file: 'db/report.ts', line: 88 },
    { file: 'db/export.ts', line: 12 },
  ],
  findings: [
    {
      title: 'SQL built by concatenating',
      evidence: 'return db.query("select …" + name);\nnext();',
      tags: ['sql', 'input'],
    },
  ],
};

export const UNIFIED_DIFF = `diff --git a/db/report.ts b/db/report.ts
index 1f2e3d4..5a6b7c8 100644
--- a/db/report.ts
+++ b/db/report.ts
@@ -86,4 +86,4 @@ export function report(name: string) {
   const db = open();
-  return db.query("select * from reports where name = '" + name + "'");
+  return db.query('select * from reports where name = ?', [name]);
 }
`;

const RICH_ENTRIES: DistributiveOmit<TranscriptEntry, 'at'>[] = [
  { type: 'text', text: 'First I look at the file, then at who calls it.' },
  {
    type: 'tool',
    id: 't1',
    name: 'read_file',
    input: { path: 'db/report.ts', offset: 86, limit: 3 },
    output: '86\t  const db = open(); // pooled\n87\t  const limit = 10;\n88\t  return db.query("select " + name);',
    isError: false,
    durationMs: 12,
  },
  { type: 'retry', reason: '529 overloaded', delayMs: 2400 },
  { type: 'message', text: 'Leave the exporter alone.' },
  {
    type: 'tool',
    id: 't2',
    name: 'edit_file',
    input: {
      path: 'db/report.ts',
      old_string: 'const db = open();\nreturn db.query("select " + name);',
      new_string: "const db = open();\nreturn db.query('select ?', [name]);",
    },
    output: 'ok',
    isError: false,
    durationMs: 31,
  },
  { type: 'tool', id: 't3', name: 'git_diff', input: {}, output: UNIFIED_DIFF, isError: false, durationMs: 40 },
  {
    type: 'tool',
    id: 't4',
    name: 'read_file',
    input: { path: 'db/gone.ts' },
    output: 'db/gone.ts does not exist.',
    isError: true,
    durationMs: 2,
  },
  { type: 'answer-rejected', answer: { severity: 'awful' }, problems: '/severity must be one of "low", "high"' },
  {
    type: 'text',
    text: 'It is mended:\n\n```diff\n-  a + name\n+  [name]\n```\n\n```ts\nexport const fixed: boolean = true; // done\n```',
  },
];

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
