/** Runs of any size as the runtime really makes them, recorded once a process: for the panel what a journal would give it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelError, type ModelReply, type ModelRequest, type Provider } from '../../extension/models/provider.ts';
import type { Json, JsonObject } from '../../extension/protocol/json.ts';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import { openRunManager } from '../../extension/runs/run-manager.ts';
import { findRipgrep } from '../../extension/tools/find-ripgrep.ts';
import { builtDist } from './built-dist.ts';

const root = join(import.meta.dirname, '../..');
const recorded = new Map<number, Promise<RunEvent[]>>();

/** How many of each a run of so many agents has; what is left are finders. */
interface Parts {
  finders: number;
  items: number;
  claims: number;
  challengers: number;
  judges: number;
  round: number;
  called: number;
}

/** The agents of a run of this size that fail, and the claims that it has. */
export function expectedOf(agents: number): { failed: number; claims: number } {
  const { finders, claims } = partsOf(agents);
  return { failed: Math.ceil(finders / 50), claims };
}

function partsOf(agents: number): Parts {
  const small = agents < 100;
  const parts = small
    ? { items: 1, claims: 1, challengers: 1, judges: 1, round: 1, called: 1 }
    : { items: agents * 0.05, claims: agents * 0.1, challengers: 3, judges: 3, round: 10, called: 4 };
  const { items, claims, challengers, judges, round, called } = parts;
  return { ...parts, finders: agents - 1 - items * 2 - claims * challengers - judges - 2 * round - called };
}

/**
 * All events of a run of exactly so many agents, 10 or a multiple of 100: a scout, a `parallel` in which one of fifty fails,
 * a pipeline, challenged claims, rounds of a `converge`, a judgement, a checkpoint that answers itself, a called script, a log.
 */
export function recordedRun(agents: number): Promise<RunEvent[]> {
  const known = recorded.get(agents) ?? record(agents);
  recorded.set(agents, known);
  return known;
}

async function record(agents: number): Promise<RunEvent[]> {
  const workspace = await mkdtemp(join(tmpdir(), 'counterpoint-recorded-'));
  try {
    return (await recordInto(workspace, agents)).events;
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

/** Has such a run in a workspace, in whose journal it stays. */
export async function recordInto(workspace: string, agents: number): Promise<{ runId: string; events: RunEvent[] }> {
  const manager = await openRunManager({
    workspace,
    bundledWorkflows: join(root, 'workflows'),
    dist: await builtDist(),
    provider: async () => ANSWERS,
    ripgrep: await findRipgrep({ near: [root] }),
    node: process.execPath,
  });
  try {
    await writeFile(join(workspace, 'inner.js'), CALLED);
    await writeFile(join(workspace, 'script.js'), SCRIPT);
    const limits = { maxAgents: agents, concurrency: 256 };
    const script = join(workspace, 'script.js');
    const runId = await manager.start({ script, args: { ...partsOf(agents) }, provider: ANSWERS.id, limits });
    await manager.finished(runId);
    return { runId, events: manager.events(runId, 0) };
  } finally {
    await manager.close();
  }
}

const SCRIPT = `export const meta = {
  name: 'recorded', description: 'a little of everything',
  phases: [{ title: 'Scout' }, { title: 'Find' }, { title: 'Refine' }, { title: 'Challenge' }, { title: 'Decide' }],
};
const upTo = (length) => Array.from({ length }, (_, index) => index);
phase('Scout');
await agent('scout', { label: 'list source files' });
phase('Find');
const find = (i) => agent((i % 50 === 0 ? 'fails ' : 'find ') + i, { label: 'find · ' + i });
const finders = upTo(args.finders);
for (let start = 0; start < finders.length; start += 4000) await parallel(finders.slice(start, start + 4000).map((i) => () => find(i)));
const { items } = await converge(({ round }) => parallel(upTo(args.round).map((i) => () => agent('round ' + round + ' ' + i).then(() => i))), { dryRounds: 1 });
phase('Refine');
await pipeline(upTo(args.items), (item) => agent('read ' + item), (read, item) => agent('rank ' + item));
phase('Challenge');
await parallel(upTo(args.claims).map((i) => () => challenge({ title: 'claim ' + i, file: 'src/a.ts', line: i + 1 }, { challengers: args.challengers })));
phase('Decide');
await judge(['one', 'two'], { criteria: 'which is better', judges: args.judges });
await checkpoint('Go on?', { choices: ['Yes', 'No'], timeoutMs: 1, default: 'Yes' });
await workflow({ scriptPath: 'inner.js' }, args);
log('that was all');
return items.length;
`;

const CALLED = `export const meta = { name: 'inner', description: 'called by another' };
await parallel(Array.from({ length: args.called }, (_, i) => () => agent('inner ' + i)));
return 'done';
`;

/** Answers at once, as the schema wants it where there is one, and refuses what says that it fails. */
const ANSWERS: Provider = {
  id: 'recorded',
  title: 'answers at once',
  defaultModel: 'recorded',
  free: true,
  resolveModel: (name) => name,
  async complete(request: ModelRequest): Promise<ModelReply> {
    const prompt = JSON.stringify(request.messages[0]?.content);
    if (prompt.includes('"fails ')) throw new ModelError('400 refused', { retryable: false, status: 400 });
    const usage = {
      inputTokens: 100 + (prompt.length % 50),
      outputTokens: 20,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costUsd: 0,
    };
    const schema = request.tools.find(({ name }) => name === 'answer')?.inputSchema;
    if (!schema) return { content: [{ type: 'text', text: 'done' }], stopReason: 'end_turn', usage };
    const input = instanceOf(schema, prompt.length);
    return { content: [{ type: 'tool_use', id: 'a', name: 'answer', input }], stopReason: 'tool_use', usage };
  },
};

/** Something that the schema allows; `seed` chooses among several. */
function instanceOf(schema: JsonObject, seed: number): Json {
  if (Array.isArray(schema.enum)) return schema.enum[seed % schema.enum.length] ?? null;
  switch (schema.type) {
    case 'object': {
      const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
      return Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, instanceOf(inner, seed)]));
    }
    case 'array': {
      const length = typeof schema.minItems === 'number' ? schema.minItems : 1;
      return Array.from({ length }, (_, at) => instanceOf((schema.items ?? {}) as JsonObject, seed + at));
    }
    case 'number':
    case 'integer':
      return seed % 10;
    case 'boolean':
      return seed % 2 === 0;
    default:
      return 'because the code says so';
  }
}
