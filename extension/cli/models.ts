import { join } from 'node:path';
import { ALIASES } from '../models/aliases.ts';
import { MODEL_ALIASES, MODELS, PRICES_DATE } from '../models/model-table.ts';
import { PROVIDERS } from '../models/providers.ts';
import { type ModelTest, testModel } from '../models/test-model.ts';
import { createProvider } from './create-provider.ts';
import type { Home } from './main.ts';
import { printable } from './printable.ts';
import type { CommandLine } from './usage.ts';

/** Lists who can answer agents; or, where a provider or a model is named, asks it once and tells what it can do. Returns the exit code. */
export async function models(line: CommandLine, home: Home): Promise<number> {
  if (line.provider === null && line.model === null) {
    list(line);
    return 0;
  }
  const provider = await createProvider(
    line.provider ?? 'anthropic',
    join(home.root, 'dist'),
    false,
    line.model ?? undefined,
  );
  const model = line.model === null ? provider.defaultModel : provider.resolveModel(line.model);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Error('stopped'));
  process.once('SIGINT', onSignal);
  try {
    const test = await testModel(provider, model, stop.signal);
    if (line.json) process.stdout.write(`${JSON.stringify(test)}\n`);
    else console.log(inWords(test).map(printable).join('\n'));
    return test.problem === null ? 0 : 1;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return 130;
  } finally {
    process.off('SIGINT', onSignal);
  }
}

function list(line: CommandLine): void {
  const ready = PROVIDERS.map(({ variables, ...entry }) => ({
    ...entry,
    set: variables.filter((name) => process.env[name]),
  }));
  if (line.json) {
    process.stdout.write(
      `${JSON.stringify({ providers: ready, aliases: MODEL_ALIASES, models: MODELS, prices: PRICES_DATE })}\n`,
    );
    return;
  }
  for (const { id, title, needs, set } of ready) {
    console.log(`${id.padEnd(11)} ${title}\n${' '.repeat(12)}needs ${needs}`);
    if (set.length > 0) console.log(`${' '.repeat(12)}set: ${set.join(', ')}`);
  }
  const stands = ALIASES.map((alias) => `${alias} is ${MODEL_ALIASES[alias]}`).join(', ');
  console.log(`\nOf Anthropic's models, ${stands} (prices of ${PRICES_DATE}).`);
  console.log(
    '`counterpoint models --provider ID` asks one of them once, for some hundred tokens, and tells what it can do.',
  );
}

function inWords(test: ModelTest): string[] {
  const { usage } = test;
  const yes = (is: boolean): string => (is ? 'yes' : 'no');
  const lines = [`${test.model} · ${test.provider}`];
  if (usage) {
    lines.push(
      `  text               ${yes(test.text)}`,
      `  tools              ${yes(test.tools)}`,
      `  structured output  ${yes(test.structured)}`,
      `  streaming          ${yes(test.streaming)}${test.firstTextMs === null ? '' : `, first text after ${test.firstTextMs} ms`}`,
      `  tokens             ${usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens} in, ${usage.outputTokens} out${usage.estimated ? ', estimated: the server does not count them' : ''}`,
      `  from the cache     ${usage.cacheReadTokens}, written ${usage.cacheWriteTokens}`,
      `  cost               ${usage.costUsd === null ? 'unknown: there is no price for this model' : `$${usage.costUsd.toFixed(6)}`}`,
      `  took               ${test.ms} ms`,
    );
  }
  for (const note of test.notes) lines.push(`  note: ${note}`);
  lines.push(verdict(test));
  return lines;
}

function verdict({ problem, remedy }: ModelTest): string {
  if (problem === null) return 'Agents can work with it.';
  return remedy === 'time' ? `It gives no answer now: ${problem}` : `Agents cannot work with it: ${problem}`;
}
