/**
 * The globals of a workflow script, for editors. The body of a script is that of an async function: `await` and `return`
 * work at its top level.
 */

/** JSON Schema of an answer, with an object at its root. */
interface WorkflowSchema {
  type?: 'object';
  properties?: Record<string, unknown>;
  required?: string[];
  [keyword: string]: unknown;
}

interface AgentOptions {
  /** Shown in the tree instead of the start of the prompt. */
  label?: string;
  /** Puts the agent in this phase, whatever `phase()` said last. */
  phase?: string;
  /** The answer is then an object that satisfies it. */
  schema?: WorkflowSchema;
  /** A model's name, or `opus`, `sonnet`, `haiku`. */
  model?: string;
  effort?: 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  isolation?: 'worktree';
  agentType?: string;
}

/**
 * Asks one agent, and gives its final text, or its object where `schema` is given. `null` where the provider refused for
 * good or a person stopped it. Throws where no answer satisfied the schema, the budget is spent, or the cap on agents is reached.
 */
// biome-ignore lint/suspicious/noExplicitAny: the answer is whatever the schema says.
declare function agent(prompt: string, options?: AgentOptions | null): Promise<any>;

/** Runs all functions at once and waits for all. One that throws gives `null` in its place, and a line in the log. */
declare function parallel<T>(thunks: readonly (() => T | PromiseLike<T>)[]): Promise<(T | null)[]>;

/**
 * Sends every item through the stages on its own: no item waits for another. A stage that throws or returns `null` makes
 * the item `null` and skips its later stages.
 */
declare function pipeline<I, A>(
  items: readonly I[],
  first: (previous: I, item: I, index: number) => A,
): Promise<(Awaited<A> | null)[]>;
declare function pipeline<I, A, B>(
  items: readonly I[],
  first: (previous: I, item: I, index: number) => A,
  second: (previous: NonNullable<Awaited<A>>, item: I, index: number) => B,
): Promise<(Awaited<B> | null)[]>;
declare function pipeline<I, A, B, C>(
  items: readonly I[],
  first: (previous: I, item: I, index: number) => A,
  second: (previous: NonNullable<Awaited<A>>, item: I, index: number) => B,
  third: (previous: NonNullable<Awaited<B>>, item: I, index: number) => C,
): Promise<(Awaited<C> | null)[]>;
declare function pipeline<I>(
  items: readonly I[],
  // biome-ignore lint/suspicious/noExplicitAny: beyond three stages the types are not followed.
  ...stages: ((previous: any, item: I, index: number) => unknown)[]
  // biome-ignore lint/suspicious/noExplicitAny: as above.
): Promise<any[]>;

/** The agents that follow belong to this phase. */
declare function phase(title: string): void;

/** Writes to the run's log. */
declare function log(...values: unknown[]): void;

/** What the run was started with, and beside it the defaults of the schema in `meta.args`; undefined without. */
// biome-ignore lint/suspicious/noExplicitAny: only the script knows what it was started with.
declare const args: any;

declare const budget: {
  /** Output tokens the run may use, null without a budget. */
  readonly total: number | null;
  spent(): number;
  /** `Infinity` without a budget. */
  remaining(): number;
};

interface ChallengeOptions {
  /** How many are asked: 3. Not together with `confidence`. */
  challengers?: number;
  /** Over 0.5 and under 1: challengers are sent until the evidence decides at this confidence (Wald's sequential test). */
  confidence?: number;
  /** The most that `confidence` may send: 9. */
  max?: number;
  /** What each looks through, in turn: `correctness`, `reachability`, `impact`. */
  lenses?: string[];
  label?: string;
  detail?: string;
  phase?: string;
  /** Adds to what a challenger answers; `verdict` and `reason` stay. */
  schema?: WorkflowSchema;
  model?: string;
  effort?: AgentOptions['effort'];
  agentType?: string;
}

interface ChallengeVerdict {
  /** By a strict majority of the planned challengers, or by the sequential test; else `unverified`. */
  verdict: 'upheld' | 'refuted' | 'unverified';
  for: number;
  against: number;
  /** Challengers that have no answer, or were unsure. */
  failed: number;
  /** One of each challenger, in their order; empty where it gave none. */
  reasons: string[];
}

/** Asks independent challengers to refute a claim. An object may have a `title`, a `file` and a `line`, which the tree shows. */
declare function challenge(claim: string | object, options?: ChallengeOptions): Promise<ChallengeVerdict>;

interface ConvergeOptions<T> {
  /** What makes two items the same: their JSON. */
  key?: (item: T) => string | number;
  /** Rounds in a row with nothing new that end it: 2. */
  dryRounds?: number;
  /** Rounds at most: 10. */
  maxRounds?: number;
}

interface Convergence<T> {
  items: T[];
  rounds: number;
  stopped: 'dry' | 'maxRounds' | 'budget';
  /** How many items there are in all, found or not, with a 95 % interval (Chao1). */
  estimate: { found: number; total: number; low: number; high: number };
}

/** Repeats a round until it brings nothing new. `round` counts from 1; `seen` is all so far, `fresh` what the last round brought. */
declare function converge<T>(
  round: (state: { round: number; seen: T[]; fresh: T[] }) => (T | null)[] | Promise<(T | null)[]>,
  options?: ConvergeOptions<T>,
): Promise<Convergence<T>>;

interface JudgeOptions {
  /** What makes one candidate better than another. */
  criteria: string;
  /** How many are asked: 3. */
  judges?: number;
  label?: string;
  detail?: string;
  phase?: string;
  model?: string;
  effort?: AgentOptions['effort'];
  agentType?: string;
}

interface Judgement {
  /** Index of the candidate with the best score; of equal ones the first. */
  winner: number;
  /** Mean score of each candidate over the judges that answered, 0 to 10; 0 for one that is `null`. */
  scores: number[];
  /** One of each judge, in their order; empty where it gave none. They count the candidates from 1. */
  reasons: string[];
}

/**
 * Asks independent judges to score all candidates by the same criteria, each in another order. A judge that failed does
 * not count. Throws where none answered, or where all candidates are `null`. 1 to 256 candidates.
 */
declare function judge(candidates: readonly unknown[], options: JudgeOptions): Promise<Judgement>;

interface CheckpointOptions<C extends string> {
  /** More about the question. */
  detail?: string;
  /** What a person may choose from, 1 to 20: `Yes` and `No`; with a `schema` only `Submit`. */
  choices?: readonly C[];
  /** A form to fill in; the answer's `values` satisfy it. */
  schema?: WorkflowSchema;
  /** Milliseconds after which `default` is the answer; only together with it. Without, the run waits for a person. */
  timeoutMs?: number;
  default?: NoInfer<C> | { choice: NoInfer<C>; values?: object; comment?: string };
}

interface CheckpointAnswer<C extends string> {
  choice: C;
  comment?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the values are whatever the schema says.
  values?: any;
}

/** Asks a person, and waits: for days if need be, and across restarts. Silence is never consent. */
declare function checkpoint<const C extends string = string>(
  question: string,
  options?: CheckpointOptions<C> | null,
): Promise<CheckpointAnswer<C>>;

/** An agent that a person added to the run, and that has ended. */
interface AddedAgent {
  /** Which of those that were added it is, from 1: by this one that was seen before is known. */
  number: number;
  /** What the person asked of it. */
  task: string;
  label: string;
  outcome: 'succeeded' | 'failed' | 'skipped' | 'stopped';
  // biome-ignore lint/suspicious/noExplicitAny: its text, and whatever a person gave in place of it.
  answer: any;
}

/**
 * Agents that a person added to the run while it went, of all that have ended so far, in that order; `wait`: those at work
 * now end first. One without an answer has null.
 */
declare function tool(name: 'inbox', input?: { wait?: boolean }): Promise<AddedAgent[]>;
/** Calls one tool without a model, under the same permissions as an agent's. Throws a `ToolError` where it refuses or fails. */
declare function tool(name: string, input?: object): Promise<string>;

/**
 * Runs another script and gives its result, both ways as JSON. It shares the run's caps and budget; what it throws is thrown
 * here. Throws a `WorkflowError` where there is no such script, or it must not run. One level deep: a called script calls none.
 */
// biome-ignore lint/suspicious/noExplicitAny: only the other script knows what it takes and returns.
declare function workflow(nameOrRef: string | { scriptPath: string }, args?: any): Promise<any>;

/** Everything goes to the run's log. */
declare const console: {
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  debug(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  trace(...values: unknown[]): void;
  assert(condition: unknown, ...values: unknown[]): void;
  dir(value: unknown): void;
  table(value: unknown): void;
  group(...values: unknown[]): void;
  groupCollapsed(...values: unknown[]): void;
  groupEnd(): void;
};

declare function setTimeout<A extends unknown[]>(
  callback: (...values: A) => void,
  milliseconds?: number,
  ...values: A
): number;
declare function clearTimeout(timer: number | undefined): void;

/** The time of the run, in milliseconds since it began: it moves when a call settles, and is the same in a replay. */
declare const performance: { now(): number };
