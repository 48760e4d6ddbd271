import type { Admission } from '../agents/tool-calls.ts';
import type { TurnStore } from '../agents/turns.ts';
import type { TranscriptEntry } from '../protocol/call-details.ts';
import { errorInfo, UserError } from '../protocol/errors.ts';
import { plain } from '../protocol/plain-text.ts';
import type { RunEventBody } from '../protocol/run-events.ts';
import { protectedPlaces } from '../tools/protected-places.ts';
import { ToolError } from '../tools/tool.ts';
import { isAgent, type LiveCall } from './live-call.ts';
import type { AskedCall, RunPermissions } from './run-permissions.ts';
import type { KeptChanges, Worktree, Worktrees } from './worktrees.ts';

export interface AgentPlacesParts {
  worktrees: Worktrees;
  permissions: RunPermissions;
  /** Each agent that writes has a worktree of its own, whether its script asks for it or not. */
  isolateAll(): boolean;
  record(event: RunEventBody): void;
  transcribe(key: string, entry: TranscriptEntry): void;
}

/** Characters of a diff that go into a transcript; all of it lies in a file. */
const SHOWN_DIFF = 50_000;
const SHOWN_FILES = 5;

/** Where the agents of a run work: in the workspace, or each in a worktree of its own from its first call on that may change something. */
export class AgentPlaces {
  readonly #parts: AgentPlacesParts;
  /** What said which programs run when an agent that works in the workspace ran its first one. */
  readonly #known = new WeakMap<LiveCall, { workspace: string; paths: readonly string[] }>();

  constructor(parts: AgentPlacesParts) {
    this.#parts = parts;
  }

  /** An agent begins, or goes on from turns that were kept: only then what it changed before is its own. */
  async begin(live: LiveCall, turns: TurnStore): Promise<void> {
    if (this.#isIsolated(live) && !turns.kept().some(({ type }) => type === 'reply')) await this.forget(live);
  }

  /** Whether a tool call of an agent may be done, and where. */
  async admit(live: LiveCall, call: AskedCall): Promise<Admission> {
    const { permissions } = this.#parts;
    let place: { context: AskedCall['context']; note?: string };
    try {
      place = await this.#placeFor(live, call);
    } catch (error) {
      if (!(error instanceof ToolError || error instanceof UserError)) throw error;
      const why = `It has to work in a Git worktree of its own, and there is none: ${error.message}`;
      await permissions.refuse(live, { name: call.tool.name, input: call.input }, `Not allowed. ${why}`);
      return { allowed: false, why: `Not allowed. ${why}` };
    }
    const permit = await permissions.permit(live, { ...call, context: place.context });
    if (!permit.allowed) return permit;
    const { workspace } = place.context;
    if (call.tool.access === 'execute' && !this.#isIsolated(live) && !this.#known.has(live))
      this.#known.set(live, { workspace, paths: await protectedPlaces(workspace) });
    return { allowed: true, ...place, context: { ...place.context, bounds: permit.bounds } };
  }

  async #placeFor(
    live: LiveCall,
    { tool, context }: AskedCall,
  ): Promise<{ context: AskedCall['context']; note?: string }> {
    if (!this.#isIsolated(live)) return { context };
    const { worktrees } = this.#parts;
    const { key } = live.info;
    const changes = tool.access === 'write' || tool.access === 'execute';
    const opened = changes ? await worktrees.open(key, context.signal) : null;
    const worktree = opened?.worktree ?? (await worktrees.find(key));
    if (!worktree) return { context };
    const note = opened?.isNew ? beginning(worktree) : null;
    if (note !== null) this.#note(live, `It works in ${worktrees.folderOf(key)} from here on. ${note}`);
    const tell = note !== null && worktree.uncommitted.length > 0;
    return { context: { ...context, workspace: worktree.workspace }, ...(tell && { note }) };
  }

  #isIsolated(live: LiveCall): boolean {
    return isAgent(live) && (this.#parts.isolateAll() || live.request.options.isolation === 'worktree');
  }

  /** The agent has ended: what it changed is kept and told, and where that is nothing, its worktree goes. Never rejects. @returns how many files can be applied. */
  async end(live: LiveCall): Promise<number> {
    if (!this.#isIsolated(live)) {
      await this.#tellMade(live);
      return 0;
    }
    const { worktrees, record } = this.#parts;
    const { key, label } = live.info;
    try {
      const kept = await worktrees.end(key);
      if (!kept) return 0;
      this.#note(live, changesText(kept));
      const files = `${kept.files.length} file${kept.files.length === 1 ? '' : 's'} (${someOf(kept.files) || 'none to apply'})`;
      record({ type: 'log', level: 'info', message: `agent "${label}" changed ${files}, kept in ${kept.folder}` });
      if (kept.heldBack.length === 0) return kept.files.length;
      const message = `agent "${label}" changed what is never applied, for it says what programs run, or may hold secrets: ${someOf(kept.heldBack)}`;
      record({ type: 'log', level: 'warning', message });
      return kept.files.length;
    } catch (error) {
      const why = plain(errorInfo(error).message, 500);
      const message = `what agent "${label}" changed could not be told, and stays in ${worktrees.folderOf(key)}: ${why}`;
      record({ type: 'log', level: 'warning', message });
      return 0;
    }
  }

  /** No sandbox can hold the place of what is not there yet: what came to be meanwhile is told. */
  async #tellMade(live: LiveCall): Promise<void> {
    const known = this.#known.get(live);
    if (!known) return;
    const made = (await protectedPlaces(known.workspace)).filter((path) => !known.paths.includes(path));
    if (made.length === 0) return;
    const message = `while agent "${live.info.label}" ran programs, there came to be what says which programs run, so look at it before an editor or git does: ${someOf(made)}`;
    this.#parts.record({ type: 'log', level: 'warning', message });
  }

  /** The agent begins anew: what it did before is gone. */
  async forget(live: LiveCall): Promise<void> {
    if (this.#isIsolated(live)) await this.#parts.worktrees.forget(live.info.key);
  }

  #note(live: LiveCall, text: string): void {
    this.#parts.transcribe(live.info.key, { type: 'note', at: Date.now(), text });
  }
}

function beginning({ base, uncommitted }: Worktree): string {
  const commit = `This is a worktree of its own that begins at commit ${base.slice(0, 12)}`;
  if (uncommitted.length === 0) return `${commit}.`;
  const files = `${uncommitted.length} file${uncommitted.length === 1 ? '' : 's'}`;
  return `${commit}; uncommitted changes of the workspace are not in it: ${files} (${someOf(uncommitted)}).`;
}

function changesText({ diff, text, files }: KeptChanges): string {
  const cut = text.length > SHOWN_DIFF ? `${text.slice(0, SHOWN_DIFF)}\n… all of it lies in ${diff}` : text;
  return `It changed ${files.length} file${files.length === 1 ? '' : 's'}; the diff lies in ${diff}.\n\n${cut}`;
}

function someOf(files: readonly string[]): string {
  const more = files.length > SHOWN_FILES ? ', …' : '';
  return `${files
    .slice(0, SHOWN_FILES)
    .map((file) => plain(file, 80))
    .join(', ')}${more}`;
}
