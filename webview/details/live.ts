import { useEffect, useSyncExternalStore } from 'react';
import type { LiveMessage } from '../../extension/protocol/panel-messages.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import type { Host } from '../host.ts';
import { useStore } from '../store.ts';

/** What the host tells of the one call that is watched. */
class LiveCalls {
  latest: LiveMessage | null = null;
  private watched: number | null = null;
  private readonly host: Host;
  private readonly listeners = new Set<() => void>();

  constructor(host: Host) {
    this.host = host;
    host.listen((message) => {
      // What was under way when another was chosen is of no interest any more.
      if (message.type !== 'live' || message.call !== this.watched) return;
      this.latest = message;
      this.tell();
    });
  }

  watch(call: number): () => void {
    this.latest = null;
    this.watched = call;
    this.host.watch(call);
    return () => {
      this.latest = null;
      this.watched = null;
      this.host.watch(null);
    };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** A page tells nothing, and has no more than one who listens to it. */
const byHost = new WeakMap<Host, LiveCalls>();

function liveCallsOf(host: Host): LiveCalls | null {
  if (host.kind === 'page') return null;
  const known = byHost.get(host) ?? new LiveCalls(host);
  byHost.set(host, known);
  return known;
}

const NOBODY = (): (() => void) => () => undefined;

/** Has the host tell what a call says for as long as it is at work and this is shown. Null where nothing was told of it. */
export function useLive(call: CallNode): LiveMessage | null {
  const { host } = useStore();
  const live = liveCallsOf(host);
  const { id, key } = call.info;
  const atWork = call.state === 'working';
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt of the script may give the number to another call.
  useEffect(() => (live && atWork ? live.watch(id) : undefined), [live, id, key, atWork]);
  const latest = useSyncExternalStore(live?.subscribe ?? NOBODY, () => live?.latest ?? null);
  return latest?.call === id ? latest : null;
}
