/** The bare loop that tool calls are measured against: the SDK's stream, p-limit and the tools themselves, nothing kept. */

import { join } from 'node:path';
import { Anthropic } from '@anthropic-ai/sdk';
import type { MessageParam, Tool as ToolParam } from '@anthropic-ai/sdk/resources/messages/messages';
import pLimit from 'p-limit';
import type { JsonObject } from '../extension/protocol/json.ts';
import { findRipgrep } from '../extension/tools/find-ripgrep.ts';
import { READ_ONLY_TOOLS } from '../extension/tools/read-only-tools.ts';
import { outputOf } from '../extension/tools/tool.ts';

const [agents, concurrency, workspace = ''] = process.argv.slice(2);
const client = new Anthropic({ maxRetries: 0 });
const limit = pLimit(Number(concurrency));
const ripgrep = await findRipgrep({ near: [join(import.meta.dirname, '..')] });
const context = { workspace, ripgrep, signal: new AbortController().signal };
const tools = READ_ONLY_TOOLS.map(({ name, description, inputSchema }) => ({
  name,
  description,
  input_schema: inputSchema as ToolParam.InputSchema,
}));

async function work(i: number): Promise<void> {
  const messages: MessageParam[] = [{ role: 'user', content: `Look at part ${i}` }];
  for (;;) {
    const { content } = await client.messages
      .stream({ model: 'claude', max_tokens: 1_000, tools, messages })
      .finalMessage();
    const calls = content.filter((block) => block.type === 'tool_use');
    if (calls.length === 0) return;
    messages.push({ role: 'assistant', content });
    const results = calls.map(async ({ id, name, input }) => {
      const tool = READ_ONLY_TOOLS.find((one) => one.name === name)!;
      const { forModel } = outputOf(await tool.run(input as JsonObject, context));
      return { type: 'tool_result' as const, tool_use_id: id, content: forModel };
    });
    messages.push({ role: 'user', content: await Promise.all(results) });
  }
}

await Promise.all(Array.from({ length: Number(agents) }, (_, i) => limit(() => work(i))));
