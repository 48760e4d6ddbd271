import type { AgentOutcome } from '../agents/run-agent.ts';
import type { Json } from '../protocol/json.ts';
import { type CallInfo, NO_USAGE, type Usage } from '../protocol/run-events.ts';
import type { AgentRequest, CallRequest } from '../protocol/sandbox-wire.ts';
import { refusal } from './call-info.ts';

/** A call that has no end yet. It outlives the attempt that asked for it: the next one finds it by its key. */
export interface LiveCall<R extends CallRequest = CallRequest> {
  readonly request: R;
  /** As the newest attempt that asked for it knows it. */
  info: CallInfo;
  /** The present attempt has asked for it. */
  present: boolean;
  /** When it was sent out, milliseconds since the epoch; null while it waits for its place. */
  startedAt: number | null;
  cancel: AbortController;
  /** What a person said to it and it has not heard yet. */
  messages: string[];
  /** Used so far, and of that by tries that a person broke off. */
  used: Usage;
  lost: Usage;
  /** Its end is on its way to the disk. */
  ending: boolean;
}

export function liveCall<R extends CallRequest>(request: R, info: CallInfo): LiveCall<R> {
  return {
    request,
    info,
    present: true,
    startedAt: null,
    cancel: new AbortController(),
    messages: [],
    used: NO_USAGE,
    lost: NO_USAGE,
    ending: false,
  };
}

export function isAgent(live: LiveCall): live is LiveCall<AgentRequest> {
  return live.request.kind === 'agent';
}

export function isCheckpoint(live: LiveCall): live is LiveCall<Extract<CallRequest, { kind: 'checkpoint' }>> {
  return live.request.kind === 'checkpoint';
}

/** Why a call is aborted: a person wants it so, or nobody wants its answer any more (`drop`). */
export type Cut = { how: 'stop' } | { how: 'skip'; value?: Json } | { how: 'retry' } | { how: 'drop' };

/** What a person's stop or skip makes of a call, by what it had used. */
export function outcomeOfCut(cut: Extract<Cut, { how: 'stop' | 'skip' }>, usage: Usage): AgentOutcome {
  if (cut.how === 'skip' && cut.value !== undefined) return { ok: true, value: cut.value, usage, requests: 0 };
  const outcome =
    cut.how === 'stop'
      ? refusal('stopped', 'a person stopped the agent')
      : refusal('skipped', 'a person skipped the agent');
  return { ...outcome, usage };
}
