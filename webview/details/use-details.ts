import { useEffect, useRef, useState } from 'react';
import type { CallDetails } from '../../extension/protocol/call-details.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { useStore } from '../store.ts';

export type Asked = { state: 'asking' } | { state: 'there'; details: CallDetails } | { state: 'failed'; error: string };

const ASKING: Asked = { state: 'asking' };

/**
 * The details of a call: asked for once, and again whenever it has changed since, then only for what is new of the
 * transcript. `entries`: how many entries that is known to have. In a preview what was known stays until the next one's is
 * here, so that nothing jumps while the script is edited.
 */
export function useDetails(call: CallNode, entries = 0): Asked {
  const { host, runId, preview } = useStore();
  const key = `${runId}/${call.info.key}/${call.info.id}`;
  const [asked, setAsked] = useState<{ key: string; answer: Asked }>({ key, answer: ASKING });
  /** The newest that is here: what an answer is put to, though nothing was drawn since. */
  const here = useRef<{ key: string; moment: string; details: CallDetails } | null>(null);
  /** One question at a time, so that no part of a transcript is brought twice. */
  const queue = useRef(Promise.resolve());
  const wanted = useRef(key);
  wanted.current = key;
  const moment = `${call.state} ${call.settled?.outcome ?? ''} ${call.asks.map(({ id }) => id)}`;
  useEffect(() => {
    const ask = async () => {
      const known = here.current?.key === key ? here.current : null;
      const enough = known?.moment === moment && known.details.transcript.length >= entries;
      if (wanted.current !== key || enough) return;
      const after = known ? { after: known.details.transcript.length } : {};
      const answer: Asked = await host.request({ method: 'details', call: call.info.id, ...after }).then(
        (details) => ({ state: 'there' as const, details: joined(known?.details, details) }),
        (error: Error) => ({ state: 'failed' as const, error: error.message }),
      );
      if (wanted.current !== key) return;
      if (answer.state === 'there') here.current = { key, moment, details: answer.details };
      setAsked({ key, answer });
    };
    queue.current = queue.current.then(ask);
  }, [host, key, call.info.id, moment, entries]);
  return asked.key === key || preview ? asked.answer : ASKING;
}

function joined(known: CallDetails | undefined, details: CallDetails): CallDetails {
  return known ? { ...details, transcript: [...known.transcript, ...details.transcript] } : details;
}
