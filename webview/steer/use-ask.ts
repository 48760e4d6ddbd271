import { useRef, useState } from 'react';
import type { PanelRequest } from '../../extension/protocol/panel-messages.ts';
import { useStore } from '../store.ts';

/** A request that a person made, and what came of it, told where it was made. */
export interface Asking {
  /** One is under way, and no other is made. Buttons then say so, and keep the focus, which a disabled one would lose. */
  busy: boolean;
  /** Why the last one was refused. */
  problem: string | null;
  /** Resolves to whether it was done. */
  ask(request: PanelRequest): Promise<boolean>;
}

export function useAsk(): Asking {
  const { host } = useStore();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const underWay = useRef(false);
  const ask = async (request: PanelRequest) => {
    if (underWay.current) return false;
    underWay.current = true;
    setBusy(true);
    setProblem(null);
    try {
      await host.request(request);
      return true;
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  };
  return { busy, problem, ask };
}
