/** The bare loop that fanout is measured against: the SDK's stream and p-limit, nothing kept. */
import { Anthropic } from '@anthropic-ai/sdk';
import pLimit from 'p-limit';

const [agents, concurrency] = process.argv.slice(2).map(Number);
const client = new Anthropic({ maxRetries: 0 });
const limit = pLimit(concurrency ?? 16);

async function ask(i: number): Promise<string> {
  const stream = await client.messages.create({
    model: 'claude',
    max_tokens: 1_000,
    stream: true,
    messages: [{ role: 'user', content: `Say the number ${i}` }],
  });
  let text = '';
  for await (const event of stream) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
  }
  return text;
}

const answers = await Promise.all(Array.from({ length: agents ?? 0 }, (_, i) => limit(() => ask(i))));
console.log(answers.length);
