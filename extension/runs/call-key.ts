import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '../protocol/json.ts';
import type { CallRequest } from '../protocol/sandbox-wire.ts';

/**
 * Names calls by their content: a hash of what is asked and of the options that can change the answer, plus how many
 * times that same content came before in this run. So a finished call is found again wherever the script now asks for it.
 */
export class CallKeys {
  #occurrences = new Map<string, number>();
  #edition: number;

  /** @param edition how often the run's script was replaced: the scripts that it calls are read anew then. */
  constructor(edition = 0) {
    this.#edition = edition;
  }

  /** The key of the next call with this content: 32 hex digits. */
  next(request: CallRequest): string {
    const content = canonicalJson(contentOf(request, this.#edition));
    const occurrence = this.#occurrences.get(content) ?? 0;
    this.#occurrences.set(content, occurrence + 1);
    return createHash('sha256').update(`${occurrence}\n${content}`).digest('hex').slice(0, 32);
  }
}

function contentOf(request: CallRequest, edition: number): Json {
  switch (request.kind) {
    case 'timer':
      return { kind: 'timer', delayMs: request.delayMs };
    case 'tool':
      return { kind: 'tool', name: request.name, input: request.input };
    case 'workflow':
      return { kind: 'workflow', ref: request.ref, edition };
    case 'checkpoint': {
      // When it may answer itself, and how, does not change what a person answered.
      const { question, detail, choices, schema } = request;
      return { kind: 'checkpoint', question, detail, choices, schema };
    }
    case 'agent': {
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
  }
}
