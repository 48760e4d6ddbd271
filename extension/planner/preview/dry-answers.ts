import type { AgentTypes } from '../../agents/agent-types.ts';
import { UserError } from '../../protocol/errors.ts';
import { canonicalJson, type Json, type JsonObject } from '../../protocol/json.ts';
import { CALL_ERRORS, type CallCommand, type CallRequest, type GroupOpenCommand } from '../../protocol/sandbox-wire.ts';
import type { PastAnswers } from '../../runs/agent-history.ts';
import { refusal } from '../../runs/call-info.ts';
import { CallKeys } from '../../runs/call-key.ts';
import { schemaProblem } from '../../runs/checkpoints.ts';
import { guestAnswer, guestOutcomeFor, workflowProblem } from '../../runs/outcomes.ts';
import type { PermitReading } from '../../runs/permit-reading.ts';
import type { RunService } from '../../runs/run-service.ts';
import { INBOX, inboxProblem, runScriptTool } from '../../runs/script-tools.ts';
import type { Settlement } from '../../runs/settlements.ts';
import type { Tool } from '../../tools/tool.ts';
import { siteOf } from './asked-sites.ts';
import { knownSchema } from './known-schema.ts';
import { isDry, type Leaning, type Occasion } from './leaning.ts';
import { syntheticAnswer, syntheticText } from './synthetic-answer.ts';

export type Outcome = Pick<Settlement, 'outcome' | 'source'>;
type Of<K extends CallRequest['kind']> = Extract<CallRequest, { kind: K }>;

/** Which agents have no answer: none, or every other one that is asked from the same place, in groups or outside of any. */
export type Failing = 'none' | 'in groups' | 'alone';

export interface DryAnswersParts {
  runs: RunService;
  /** Null where nobody knows which there are. */
  agentTypes: AgentTypes | null;
  mayRead: boolean;
  /** What tools may read of the workspace, where they may. */
  permit: PermitReading;
  leaning: Leaning;
  failing: Failing;
  files: readonly string[] | null;
  /** Whether the provider can do anything with a prompt. */
  understands(prompt: string): boolean;
  /** What tools gave in this preview, by what they were asked: no two of its dry runs need to ask. */
  toolOutputs: Map<string, Promise<Outcome>>;
  signal: AbortSignal;
}

/** Where a call stands, as far as its answer depends on that. */
export interface Standing {
  round: number;
  /** The same each time the script asks from this place. */
  place: string;
  /** The innermost number of its place: of a challenger, which one it is. */
  index: number;
  group: GroupOpenCommand | undefined;
}

/** Answers the calls of one dry run. */
export class DryAnswers {
  #parts: DryAnswersParts;
  #asked = new Map<string, number>();

  constructor(parts: DryAnswersParts) {
    this.#parts = parts;
  }

  agent(command: CallCommand & { request: Of<'agent'> }, standing: Standing): Outcome {
    const { failing } = this.#parts;
    const site = siteOf(command);
    const before = this.#asked.get(site) ?? 0;
    this.#asked.set(site, before + 1);
    const { prompt, options } = command.request;
    const checked = options.schema && knownSchema(options.schema).checked;
    if (typeof checked === 'string') return bad(CALL_ERRORS.type, checked);
    if (!this.#parts.understands(prompt)) return good(null);
    const concerned = failing === (standing.group === undefined ? 'alone' : 'in groups');
    return concerned && before % 2 === 0
      ? good(null)
      : good(this.#agentAnswer(command.request, command.call, standing));
  }

  /** Why the agent is not even sent out; null where it is. */
  problemWith({ options }: Of<'agent'>): Outcome | null {
    const problem = this.#parts.agentTypes?.problem(options.agentType) ?? null;
    return problem === null ? null : bad(CALL_ERRORS.type, problem);
  }

  #agentAnswer({ prompt, options, role }: Of<'agent'>, call: number, standing: Standing): Json {
    const { leaning, files } = this.#parts;
    const beside = Math.max(1, standing.group?.size ?? 1);
    const draft: Occasion = { leaning, serial: String(call), round: standing.round, prompt, files, beside };
    const occasion = isDry(draft) ? { ...draft, serial: standing.place } : draft;
    if (options.schema === undefined) return syntheticText(occasion);
    const answer = syntheticAnswer(options.schema, occasion);
    if (role !== 'challenger') return answer;
    return { ...(answer as JsonObject), verdict: voteOf(leaning, call, standing) };
  }

  checkpoint({ schema, choices, fallback }: Of<'checkpoint'>, call: number): Outcome {
    const problem = schemaProblem(schema);
    if (problem !== null) return bad(CALL_ERRORS.type, problem);
    if (fallback) return good(fallback as unknown as Json);
    const { leaning, files } = this.#parts;
    const occasion = {
      leaning: 'likely' as const,
      serial: `${leaning} ${call}`,
      round: 0,
      prompt: '',
      files,
      beside: 1,
    };
    const choice = choices[0] ?? '';
    return good(schema === null ? { choice } : { choice, values: syntheticAnswer(schema, occasion) });
  }

  tool({ name, input }: Of<'tool'>): Promise<Outcome> {
    const { toolOutputs } = this.#parts;
    if (name === INBOX) return Promise.resolve(inbox(input));
    const key = canonicalJson({ name, input });
    const known = toolOutputs.get(key);
    if (known) return known;
    const called = this.#callTool(name, input);
    toolOutputs.set(key, called);
    return called;
  }

  async #callTool(name: string, input: JsonObject): Promise<Outcome> {
    const { runs, mayRead, permit, signal } = this.#parts;
    const outcome = mayRead
      ? await runs.readTool(name, input, signal, permit)
      : await runScriptTool(madeUp(runs.lookingTools.script), name, input, { workspace: '', ripgrep: '', signal });
    return guestOutcomeFor('tool', outcome);
  }

  async workflow({ ref }: Of<'workflow'>): Promise<Outcome> {
    const wanted = 'name' in ref ? ref.name : ref.scriptPath;
    // Not even a script is read then; what it would give is not known.
    if (!this.#parts.mayRead) return { ...good({ title: wanted, name: wanted }), source: 'return null;' };
    try {
      const { title, text, script } = await this.#parts.runs.locate(wanted);
      return guestAnswer('workflow', { title, name: script.meta.name, text });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return bad(CALL_ERRORS.workflow, workflowProblem(error));
    }
  }
}

/** The answers of an earlier run, found by the content of what is asked as a resume finds them. */
export class PastCalls {
  #keys = new CallKeys();
  #past: PastAnswers | null;

  constructor(past: PastAnswers | null) {
    this.#past = past;
  }

  /** To be asked for every call, in the order of issue. */
  of(request: CallRequest): ReturnType<PastAnswers['answer']> {
    if (!this.#past) return null;
    const key = this.#keys.next(request);
    return request.kind === 'agent' ? this.#past.answer(key) : null;
  }
}

/** Nobody adds an agent to a run that is none. */
function inbox(input: JsonObject): Outcome {
  const problem = inboxProblem(input);
  return problem === null ? good([]) : guestOutcomeFor('tool', refusal('tool', problem));
}

export function good(value: Json): Outcome {
  return { outcome: { ok: true, value } };
}

export function bad(name: string, message: string): Outcome {
  return { outcome: { ok: false, error: { name, message } } };
}

/**
 * Lean: refuted, by as few as it takes. Rich: upheld in the end, after as much doubt as there can be, for what decides by
 * evidence then asks for more. Likely: three claims in five hold.
 */
function voteOf(leaning: Leaning, call: number, { group, index }: Standing): string {
  if (leaning === 'lean') return 'refuted';
  const challengers = group?.labels.length ?? 1;
  if (leaning === 'rich') return index % 2 === 0 || index >= challengers - 2 ? 'upheld' : 'refuted';
  const claim = (group?.id ?? call) % 5;
  return claim < 3 || (claim === 3 && index === 0) ? 'upheld' : 'refuted';
}

/** What each tool answers where nothing may be read, in its own form. */
const MADE_UP_OUTPUT: Record<string, string> = {
  read_file: '1\tA made-up line.\n2\tAnother made-up line.',
  list_directory: 'made-up/\nmade-up.ts',
  glob: 'made-up/one.ts\nmade-up/two.ts',
  grep: 'made-up/one.ts:1:a made-up line',
  diagnostics: 'No problems.',
  definition: 'made-up/one.ts:1: a made-up line',
  references: 'made-up/one.ts:1: a made-up line\nmade-up/two.ts:1: a made-up line',
  symbols: '1: function madeUp',
  git_diff: [
    'diff --git a/made-up/one.ts b/made-up/one.ts',
    '--- a/made-up/one.ts',
    '+++ b/made-up/one.ts',
    '@@ -1,1 +1,1 @@',
    '-A made-up line.',
    '+Another made-up line.',
    '',
    '(compared with HEAD)',
  ].join('\n'),
};

/** They refuse what the real ones refuse, and read nothing. */
function madeUp(tools: readonly Tool[]): Tool[] {
  return tools.map((tool) => ({ ...tool, run: async () => MADE_UP_OUTPUT[tool.name] ?? 'A made-up output.' }));
}
