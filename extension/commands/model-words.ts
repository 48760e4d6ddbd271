import type { ModelTest } from '../models/test-model.ts';
import { plainLabel } from '../protocol/plain-text.ts';
import { usedWords } from '../protocol/usage-words.ts';
import { dollars } from './approval.ts';
import { plain } from './plain-text.ts';

/** What is wrong with the address of a server of models; null where it can be one. */
export function addressProblem(text: string): string | null {
  const url = URL.parse(text.trim());
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return 'An address begins with http:// or https://.';
  if (url.username !== '' || url.password !== '') return 'The key comes next; here it would lie in your settings.';
  if (url.search !== '' || url.hash !== '')
    return 'Without ? and #, please: the path of each request is put behind it.';
  if (/\/v1\/?$/.test(url.pathname)) return 'Without /v1 at its end, please: that is added.';
  return null;
}

/** What became of the key for Anthropic's API. */
export function keyWords({ had, has, inEnvironment }: { had: boolean; has: boolean; inEnvironment: boolean }): string {
  if (has) return 'The Anthropic API key is kept.';
  const gone = had ? 'The Anthropic API key is forgotten' : 'There was no Anthropic API key to forget';
  return inEnvironment ? `${gone}; that of the environment is used.` : `${gone}.`;
}

/** What became of the server of models. @param address Null where it was forgotten. */
export function serverWords(address: string | null, hasKey: boolean): string {
  if (address === null) return 'The model server and its key are forgotten.';
  return `The model server ${plainLabel(address, 80)} is kept, ${hasKey ? 'with its key' : 'without a key'}.`;
}

/** What a model was seen to do, as a message of one paragraph. */
export function testWords(test: ModelTest): string {
  const name = `${plain(test.model, 80)} (${plain(test.provider, 80)})`;
  if (test.problem !== null) {
    const problem = plain(test.problem, 400);
    if (test.remedy !== 'time') return `Agents cannot work with ${name}: ${problem}`;
    return `${name} gives no answer now; agents would ask again for a while: ${problem}`;
  }
  const abilities = [
    test.text && 'writes text',
    'calls tools',
    'keeps to a schema',
    test.streaming ? 'streams' : 'gives its replies whole',
  ].filter((ability) => ability !== false);
  const notes = test.notes.map((note) => ` ${plain(note, 200)}.`.replace(/\.\.$/, '.'));
  return `Agents can work with ${name}. It ${listed(abilities)}. ${usageWords(test)}${notes.join('')}`;
}

function usageWords({ usage, ms }: ModelTest): string {
  const time = `${(ms / 1000).toFixed(1)} s`;
  if (!usage) return `It took ${time}.`;
  const tokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.outputTokens;
  const cost = usage.costUsd === null ? 'what it costs is not known' : `it cost ${dollars(usage.costUsd)}`;
  return `This took ${time} and ${usedWords(usage, tokens.toLocaleString('en-US'))} tokens; ${cost}.`;
}

function listed(words: string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
