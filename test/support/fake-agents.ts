import { parseTaskHeader } from '../../extension/models/builtin/task-header.ts';
import type { JsonObject } from '../../extension/protocol/json.ts';
import type { FakeBody, FakeScript } from './fake-anthropic.ts';
import { promptOf } from './run-harness.ts';

/** What a model answers to a task of a header; null: it refuses for good. */
export type FakeAgent = (fields: JsonObject, prompt: string, body: FakeBody) => JsonObject | null;

/** A model that answers by the task of its prompt, as the bundled workflows write it; a task that has no agent here fails the test. */
export function fakeAgents(agents: Record<string, FakeAgent>): FakeScript {
  return (body) => {
    const prompt = promptOf(body);
    const header = parseTaskHeader(prompt);
    const agent = header && agents[header.task];
    if (!agent) return { status: 400, message: `no agent for: ${prompt.slice(0, 60)}` };
    const input = agent(header.fields, prompt, body);
    return input ? { tools: [{ name: 'answer', input }] } : { status: 400, message: 'refused by the test' };
  };
}
