import { useEffect, useRef, useState } from 'react';
import type { CallDetails } from '../../extension/protocol/call-details.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { useStore } from '../store.ts';

export type Asked = { state: 'asking' } | { state: 'there'; details: CallDetails } | { state: 'failed'; error: string };

/** While an agent works its transcript is asked for again at most this often, in milliseconds. */
const REFRESH_MS = 1000;

/** The details of a call: asked for once, and again whenever the call has changed since. */
export function useDetails(call: CallNode): Asked {
  const { host, runId } = useStore();
  const [asked, setAsked] = useState<{ key: string; answer: Asked }>({ key: '', answer: { state: 'asking' } });
  const lastAsked = useRef(0);
  const key = `${runId}/${call.info.id}`;
  const moment = `${call.state} ${call.doing} ${call.usage.outputTokens}`;
  const shownKey = useRef('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: another moment of the same call is another question.
  useEffect(() => {
    let current = true;
    const fresh = shownKey.current !== key;
    shownKey.current = key;
    const delay = fresh ? 0 : Math.max(0, lastAsked.current + REFRESH_MS - Date.now());
    const timer = setTimeout(() => {
      lastAsked.current = Date.now();
      host.request({ method: 'details', call: call.info.id }).then(
        (details) => current && setAsked({ key, answer: { state: 'there', details } }),
        (error: Error) => current && setAsked({ key, answer: { state: 'failed', error: error.message } }),
      );
    }, delay);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [host, key, moment]);
  return asked.key === key ? asked.answer : { state: 'asking' };
}
