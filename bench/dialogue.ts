/**
 * What agents read where they talk a task out in one growing conversation (workflows/dialogue.js), and where a script hands
 * each what it needs. Both send out as many agents, who say as much, by the real SDK to a loopback API. Tokens are counted by
 * the characters that were really sent, four a token; docs/dialogue.svg is drawn from them.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAnthropicProvider } from '../extension/models/anthropic.ts';
import type { Usage } from '../extension/protocol/run-events.ts';
import { type FakeBody, type FakeReply, startFakeAnthropic } from '../test/support/fake-anthropic.ts';
import { exponentOf, type PlotWords, type Series, svgPlot, textPlot } from './support/log-log-plot.ts';
import { type Bench, withManager } from './support/manager.ts';

const AGENTS = [2, 4, 8, 16, 32, 64];
const ROUNDS = [1, 2, 4, 8, 16];
/** What stays the same while the other changes. */
const USUAL_ROUNDS = 3;
const USUAL_AGENTS = 8;
const CHARACTERS_A_TOKEN = 4;
const TASK = 'Design the storage of a mail client: what is kept where, how it is searched, and what happens offline.';
/** What every agent says, whatever it is asked: 120 words. */
const SPEECH = Array.from({ length: 120 }, (_, index) => ['messages', 'are', 'kept', 'by', 'folder'][index % 5]).join(
  ' ',
);
const PICTURE = join(import.meta.dirname, '../docs/dialogue.svg');

/**
 * The same work as a script: each agent's part is written, doubted by one who sees that part alone, and mended, for as many
 * turns as an agent has in the dialogue; one more sums up all parts.
 */
const WORKFLOW = `
const { task, agents, rounds } = args;
const parts = Array.from({ length: agents }, (_, index) => 'part ' + (index + 1) + ' of ' + agents);
const texts = await pipeline(parts, async (part) => {
  const first = 'Task: ' + JSON.stringify(task) + '\\n\\nDo ' + part + ' of it. Give your contribution alone.';
  let text = await agent(first, { label: part });
  let objections = '';
  for (let turn = 2; turn <= rounds; turn += 1) {
    if (turn % 2 === 0) {
      const { reasons } = await challenge({ task, part, text }, { challengers: 1, lenses: ['does it serve the task?'] });
      objections = reasons.join(' ');
    } else {
      const again = '\\n\\nIt was: ' + JSON.stringify(text) + '\\nObjections: ' + JSON.stringify(objections) + '\\nMend it.';
      text = await agent(first + again, { label: part });
    }
  }
  return text;
});
return await agent('Task: ' + JSON.stringify(task) + '\\n\\nSum these parts up:\\n' + texts.join('\\n'), { label: 'sum up' });
`;

/** One task done both ways. */
interface Measure {
  agents: number;
  rounds: number;
  dialogue: Usage;
  workflow: Usage;
}

/** Prints tables, fits and a plot of input tokens by agents and by rounds, and writes the plot as a picture. */
export async function run(): Promise<void> {
  const api = await startFakeAnthropic(answer);
  const provider = createAnthropicProvider({ apiKey: 'loopback', baseUrl: api.url, defaultModel: 'fake' });
  try {
    await withManager(provider, async (bench) => {
      const byAgents = await measureAll(
        bench,
        AGENTS.map((agents) => ({ agents, rounds: USUAL_ROUNDS })),
      );
      const byRounds = await measureAll(
        bench,
        ROUNDS.map((rounds) => ({ agents: USUAL_AGENTS, rounds })),
      );
      printTable(`${USUAL_ROUNDS} rounds`, byAgents);
      printTable(`${USUAL_AGENTS} agents`, byRounds);
      printFits(byAgents, byRounds);
      await draw(byAgents);
    });
  } finally {
    await api.close();
  }
}

/** Everybody says the same number of words, as a text or as the reason of a verdict. */
function answer(body: FakeBody): FakeReply {
  const { system, tools, messages } = body;
  const input = Math.ceil(JSON.stringify([system, tools, messages]).length / CHARACTERS_A_TOKEN);
  const usage = { input, output: Math.ceil(SPEECH.length / CHARACTERS_A_TOKEN) };
  const isVote = tools?.some(({ name }) => name === 'answer');
  return isVote
    ? { tools: [{ name: 'answer', input: { verdict: 'upheld', reason: SPEECH } }], usage }
    : { text: SPEECH, usage };
}

async function measureAll(bench: Bench, sizes: { agents: number; rounds: number }[]): Promise<Measure[]> {
  const script = await bench.save(WORKFLOW);
  const measures: Measure[] = [];
  for (const { agents, rounds } of sizes) {
    const roles = Array.from({ length: agents }, (_, index) => `agent ${index + 1}`);
    const dialogue = await usageOf(
      bench,
      'dialogue',
      { task: TASK, roles, rounds, maxAgents: 1_000 },
      agents * rounds + 1,
    );
    const workflow = await usageOf(bench, script, { task: TASK, agents, rounds }, agents * rounds + 1);
    measures.push({ agents, rounds, dialogue, workflow });
  }
  return measures;
}

/** @throws where it did not go as it should, for then its figures would say nothing. */
async function usageOf({ manager }: Bench, script: string, args: object, agents: number): Promise<Usage> {
  const runId = await manager.start({ script, provider: 'anthropic', args: { ...args } });
  const { status, error } = await manager.finished(runId);
  const { counts, usage } = manager.overview(runId);
  if (status !== 'completed' || counts.succeeded !== agents) {
    throw new Error(
      `${script} ended as ${status} with ${counts.succeeded} of ${agents} agents: ${error?.message ?? ''}`,
    );
  }
  return usage;
}

function printTable(what: string, measures: Measure[]): void {
  console.log(`\n${what}, ${SPEECH.split(' ').length} words a turn; tokens of all agents together`);
  console.log('agents  rounds  turns     dialogue in   workflow in   ratio   dialogue out  workflow out');
  for (const { agents, rounds, dialogue, workflow } of measures) {
    const ratio = (dialogue.inputTokens / workflow.inputTokens).toFixed(1);
    const cells = [
      [agents, 6],
      [rounds, 8],
      [agents * rounds + 1, 7],
      [dialogue.inputTokens, 16],
      [workflow.inputTokens, 14],
      [`${ratio} ×`, 8],
      [dialogue.outputTokens, 15],
      [workflow.outputTokens, 14],
    ] as const;
    console.log(cells.map(([cell, width]) => cell.toLocaleString('en').padStart(width)).join(''));
  }
}

/** The exponents over the whole range, and over its last doubling: small runs are mostly what every agent is told anyway. */
function printFits(byAgents: Measure[], byRounds: Measure[]): void {
  console.log('\nexponents of the input, by log-log regression (and over the last doubling)');
  for (const way of ['dialogue', 'workflow'] as const) {
    const slope = (measures: Measure[], of: (measure: Measure) => number, y: (measure: Measure) => number): string => {
      const points = measures.map((measure) => ({ x: of(measure), y: y(measure) }));
      return `${exponentOf({ points }).toFixed(2)} (${exponentOf({ points: points.slice(-2) }).toFixed(2)})`;
    };
    const whole = ({ [way]: usage }: Measure): number => usage.inputTokens;
    const each = (measure: Measure): number => whole(measure) / measure.agents;
    const agents = (measure: Measure): number => measure.agents;
    const rounds = (measure: Measure): number => measure.rounds;
    console.log(
      `${way}: the run as agents^${slope(byAgents, agents, whole)} × rounds^${slope(byRounds, rounds, whole)};` +
        ` one agent of it as agents^${slope(byAgents, agents, each)} × rounds^${slope(byRounds, rounds, each)}`,
    );
  }
  console.log(
    'A turn of the dialogue reads all turns before it. So one agent reads as agents × rounds², and the run, which is all of\n' +
      'them, as (agents × rounds)²; the exponents come near that as what was said outweighs what every agent is told anyway.\n' +
      'A script hands each agent its part alone: the run grows as agents × rounds, and what one agent reads does not depend on\n' +
      'how many there are. What is said is the same. A cache of prompts makes reading again cheaper, not less.',
  );
}

async function draw(byAgents: Measure[]): Promise<void> {
  const seriesOf = (way: 'dialogue' | 'workflow', mark: string): Series => {
    const points = byAgents.map((measure) => ({ x: measure.agents, y: measure[way].inputTokens }));
    return { name: `${way}, agents^${exponentOf({ points }).toFixed(2)}`, mark, points };
  };
  const series = [seriesOf('dialogue', 'd'), seriesOf('workflow', 'w')];
  const [first, last] = [byAgents[0], byAgents.at(-1)];
  if (!first || !last) throw new Error('There is nothing to draw.');
  const ratio = ({ dialogue, workflow }: Measure): string => (dialogue.inputTokens / workflow.inputTokens).toFixed(1);
  const words: PlotWords = {
    title: 'Input tokens of a dialogue and of a workflow, by agents',
    description: `Both axes in powers. ${USUAL_ROUNDS} rounds, the same number of agents saying the same number of words. With ${first.agents} agents the dialogue reads ${ratio(first)} times as much as the workflow, with ${last.agents} agents ${ratio(last)} times as much.`,
    xAxis: 'agents',
    yAxis: 'input tokens of the run',
  };
  console.log(`\n${textPlot(series, words)}`);
  await writeFile(PICTURE, svgPlot(series, words));
  console.log(`\nwritten: docs/dialogue.svg`);
}
