import { systemPrompt, toolSpecs } from '../../agents/instructions.ts';
import { costUsd } from '../../models/prices.ts';
import type { Provider } from '../../models/provider.ts';
import type { CallSettled } from '../../protocol/run-events.ts';
import type { AgentOptions, AgentRole } from '../../protocol/sandbox-wire.ts';
import type { AgentHistory } from '../../runs/agent-history.ts';
import type { Tool } from '../../tools/tool.ts';
import { knownSchema } from './known-schema.ts';
import type { Leaning } from './leaning.ts';

/** What one agent is expected to come to. */
export interface Figures {
  inputTokens: number;
  outputTokens: number;
  ms: number;
  /** US dollars; null where the model has no price. */
  costUsd: number | null;
}

export type FiguresByLeaning = Record<Leaning, Figures>;

export interface AgentAsked {
  prompt: string;
  options: AgentOptions;
  role: AgentRole;
  model: string;
}

/** Rough, and the same in every tokenizer that we know: English, code and JSON run at three and a half to four. */
const CHARACTERS_OF_A_TOKEN = 4;

/**
 * Assumed where there is no history: requests of one agent, and what each brings. An agent reads a few files of 150 lines
 * and then answers; a model writes about 60 tokens a second and takes a second and a half to begin.
 */
const REQUESTS: Record<Leaning, number> = { lean: 1, likely: 4, rich: 9 };
const TOOL_OUTPUT_TOKENS = 1_500;
const TOKENS_OF_A_TOOL_CALL = 120;
const ANSWER_TOKENS: Record<Leaning, number> = { lean: 100, likely: 400, rich: 1_500 };
const MS_OF_A_REQUEST = 1_500;
const MS_OF_A_TOKEN = 16;

/** The analyst reads no prompt and writes no token; it is done when its tools are. */
const ANALYST: FiguresByLeaning = {
  lean: { inputTokens: 0, outputTokens: 0, ms: 2, costUsd: 0 },
  likely: { inputTokens: 0, outputTokens: 0, ms: 30, costUsd: 0 },
  rich: { inputTokens: 0, outputTokens: 0, ms: 300, costUsd: 0 },
};

/** Estimates agents by what earlier ones of this model came to, else by what is assumed. */
export class FigureBook {
  #provider: Provider;
  #history: AgentHistory;
  #tools: readonly Tool[];
  #overheads = new Map<string, number>();
  #fromHistory = new Set<string>();
  #assumed = new Set<string>();

  /** @param tools What agents are offered. */
  constructor(provider: Provider, history: AgentHistory, tools: readonly Tool[]) {
    this.#provider = provider;
    this.#history = history;
    this.#tools = tools;
  }

  of(agent: AgentAsked): FiguresByLeaning {
    const past = this.#history.figures(agent.model, agent.role);
    if (past) {
      this.#fromHistory.add(agent.model);
      const { inputTokens, outputTokens, ms } = past;
      const at = (part: 'low' | 'mean' | 'high'): Figures => ({
        inputTokens: inputTokens[part],
        outputTokens: outputTokens[part],
        ms: ms[part],
        costUsd: this.#scaledCost(
          past.costUsd,
          inputTokens[part] + outputTokens[part],
          inputTokens.mean + outputTokens.mean,
        ),
      });
      return { lean: at('low'), likely: at('mean'), rich: at('high') };
    }
    this.#assumed.add(agent.model);
    if (this.#provider.id === 'builtin') return ANALYST;
    const first = this.#overhead(agent) + tokens(agent.prompt.length);
    return {
      lean: this.#assume(agent, first, 'lean'),
      likely: this.#assume(agent, first, 'likely'),
      rich: this.#assume(agent, first, 'rich'),
    };
  }

  /** What an agent came to that was asked the very same before. */
  ofPast({ usage, durationMs }: CallSettled): FiguresByLeaning {
    const inputTokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
    const figures = {
      inputTokens,
      outputTokens: usage.outputTokens,
      ms: durationMs,
      costUsd: this.#free(usage.costUsd),
    };
    return { lean: figures, likely: figures, rich: figures };
  }

  /** Where the figures come from, in words. */
  get basis(): string {
    const past = this.#history.agents;
    const told = [...this.#fromHistory].join(', ');
    if (this.#fromHistory.size === 0) {
      if (this.#provider.id === 'builtin') return 'what the built-in analyst usually takes; no earlier run here';
      return `assumed: about ${REQUESTS.likely} requests an agent; no earlier run here used ${listed(this.#assumed)}`;
    }
    const known = `${past} ${past === 1 ? 'agent' : 'agents'} of earlier runs here (${told})`;
    const unknown = [...this.#assumed].filter((model) => !this.#fromHistory.has(model));
    return unknown.length === 0 ? known : `${known}; assumed for ${unknown.join(', ')}`;
  }

  #free(cost: number | null): number | null {
    return this.#provider.free ? 0 : cost;
  }

  #scaledCost(meanCost: number | null, used: number, meanUsed: number): number | null {
    const cost = this.#free(meanCost);
    return cost === null || meanUsed === 0 ? cost : (cost * used) / meanUsed;
  }

  /** Each request sends all that went before it again: from the second on it comes from the cache, but for what is new. */
  #assume({ model }: AgentAsked, first: number, leaning: Leaning): Figures {
    const requests = REQUESTS[leaning];
    let inputTokens = 0;
    let cost: number | null = 0;
    for (let request = 0; request < requests; request += 1) {
      const sent = first + request * (TOOL_OUTPUT_TOKENS + TOKENS_OF_A_TOOL_CALL);
      const outputTokens = request === requests - 1 ? ANSWER_TOKENS[leaning] : TOKENS_OF_A_TOOL_CALL;
      const fresh = request === 0 ? sent : request === 1 ? sent : TOOL_OUTPUT_TOKENS + TOKENS_OF_A_TOOL_CALL;
      const usage = {
        inputTokens: request === 0 ? sent : 0,
        cacheWriteTokens: request === 0 ? 0 : fresh,
        cacheReadTokens: sent - fresh,
        outputTokens,
      };
      const price = costUsd(model, usage);
      cost = cost === null || price === null ? null : cost + price;
      inputTokens += sent;
    }
    const outputTokens = (requests - 1) * TOKENS_OF_A_TOOL_CALL + ANSWER_TOKENS[leaning];
    const ms = requests * MS_OF_A_REQUEST + outputTokens * MS_OF_A_TOKEN;
    return { inputTokens, outputTokens, ms, costUsd: this.#free(cost) };
  }

  /** Tokens that an agent is sent beyond its prompt: our instructions, the tools, the schema. */
  #overhead({ options, role }: AgentAsked): number {
    const key = `${role} ${options.schema === undefined}`;
    let known = this.#overheads.get(key);
    if (known === undefined) {
      const hasSchema = options.schema !== undefined;
      const text =
        systemPrompt({ role, tools: this.#tools, hasSchema }) +
        JSON.stringify(toolSpecs(this.#tools, hasSchema ? {} : null));
      known = tokens(text.length);
      this.#overheads.set(key, known);
    }
    return known + (options.schema === undefined ? 0 : tokens(knownSchema(options.schema).characters));
  }
}

function tokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_OF_A_TOKEN);
}

function listed(models: Set<string>): string {
  return models.size === 0 ? 'a model' : [...models].join(', ');
}
