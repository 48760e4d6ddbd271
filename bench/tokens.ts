/**
 * What an agent costs before it has read a word of its task: the input tokens that are ours, by the tools it is given. Counted
 * at 3.5 characters a token, as the product estimates, for there is no tokenizer of these models to be had; what the API adds
 * of its own wherever there are tools is not in it. What its tool results cost beyond their text is told as the last.
 */

import { AgentTypes, rulesOf, toolsOf } from '../extension/agents/agent-types.ts';
import { answerSchema } from '../extension/agents/answer-schema.ts';
import { systemPrompt, toolSpecs } from '../extension/agents/instructions.ts';
import { CHARACTERS_PER_TOKEN } from '../extension/agents/size.ts';
import { asData } from '../extension/protocol/as-data.ts';
import { LANGUAGE_TOOLS } from '../extension/tools/language/language-tools.ts';
import { READ_ONLY_TOOLS } from '../extension/tools/read-only-tools.ts';
import type { Tool } from '../extension/tools/tool.ts';
import { EDIT_TOOLS } from '../extension/tools/tool-sets.ts';

interface Kind {
  title: string;
  tools: readonly Tool[];
  /** Tokens at most; null where there is no aim. */
  aim: number | null;
  type?: string;
  schema?: boolean;
}

/** As they are in VS Code alone. */
const EDITOR_TOOLS: readonly Tool[] = LANGUAGE_TOOLS.map((facts) => ({ ...facts, run: async () => '' }));
const LOOKING = [...READ_ONLY_TOOLS, ...EDITOR_TOOLS.filter(({ access }) => access === 'read')];

const KINDS: Kind[] = [
  { title: 'one turn, no tools', tools: [], aim: 300, type: 'writer' },
  { title: 'one turn, no tools, with a schema', tools: [], aim: 300, type: 'writer', schema: true },
  { title: 'the read-only set', tools: READ_ONLY_TOOLS, aim: 900 },
  { title: 'the read-only set, with a schema', tools: READ_ONLY_TOOLS, aim: 900, schema: true },
  { title: 'the read-only set in VS Code', tools: LOOKING, aim: 900 },
  { title: 'the set that may change files', tools: EDIT_TOOLS, aim: null },
  { title: 'the set that may change files in VS Code', tools: [...EDIT_TOOLS, ...EDITOR_TOOLS], aim: null },
  ...new AgentTypes()
    .list()
    .map(({ name }) => ({ title: `agentType ${name} in VS Code`, tools: LOOKING, aim: 900, type: name })),
];

const SCHEMA = { type: 'object', properties: { summary: { type: 'string' } }, required: ['summary'] };

export async function run(): Promise<void> {
  const types = new AgentTypes();
  for (const { title, tools: all, aim, type, schema } of KINDS) {
    const tools = toolsOf(types.of(type), all);
    const answer = schema ? answerSchema(SCHEMA).inputSchema : null;
    const system = systemPrompt({ role: 'agent', tools, hasSchema: answer !== null });
    const specs = toolSpecs(tools, answer).map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema,
    }));
    const text = [system, rulesOf(types.of(type)) ?? '', specs.length > 0 ? JSON.stringify(specs) : ''].join('\n');
    const tokens = Math.ceil(text.length / CHARACTERS_PER_TOKEN);
    const against = aim === null ? '' : `, ${(tokens / aim).toFixed(2)} × the aim of ${aim}`;
    console.log(`${title}: ${tools.length} tools, about ${tokens} tokens${against}`);
  }
  console.log(
    `each tool result: about ${Math.ceil(asData('').length / CHARACTERS_PER_TOKEN)} tokens that mark it as data`,
  );
}
