import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '../protocol/json.ts';
import type { CallRequest } from '../protocol/sandbox-wire.ts';

/**
 * Names calls by their content: a hash of what is asked and of the options that can change the answer, plus how many
 * times that same content came before in this run. So a finished call is found again wherever the script now asks for it.
 */
export class CallKeys {
  #occurrences = new Map<string, number>();

  /** The key of the next call with this content: 32 hex digits. */
  next(request: CallRequest): string {
    const content = canonicalJson(contentOf(request));
    const occurrence = this.#occurrences.get(content) ?? 0;
    this.#occurrences.set(content, occurrence + 1);
    return createHash('sha256').update(`${occurrence}\n${content}`).digest('hex').slice(0, 32);
  }
}

function contentOf(request: CallRequest): Json {
  if (request.kind === 'timer') return { kind: 'timer', delayMs: request.delayMs };
  const { schema, model, effort, isolation, agentType } = request.options;
  return {
    kind: 'agent',
    prompt: request.prompt,
    schema: schema ?? null,
    model: model ?? null,
    effort: effort ?? null,
    isolation: isolation ?? null,
    agentType: agentType ?? null,
  };
}
