import { useEffect, useState } from 'react';
import { type RunStore, useStore } from '../store.ts';
import { type News, newsSince, notice } from './news.ts';

/** Milliseconds between two announcements; what happens meanwhile is told together. */
const REST = 4000;
/** Milliseconds that the first of several waits for the others. */
const GATHER = 400;

interface Said {
  /** Counts, so that the same words are said again. */
  number: number;
  polite: string;
  asks: string;
}

const NOTHING: Said = { number: 0, polite: '', asks: '' };

/** Tells a screen reader, politely and seldom, what a sighted person would notice. A saved page has no news. */
export function Announcer() {
  const store = useStore();
  const [said, setSaid] = useState(NOTHING);
  useEffect(() => {
    if (store.host.kind === 'page') return;
    return listen(store, ({ polite, asks }) =>
      setSaid(({ number }) => ({ number: number + 1, polite: polite.join(' '), asks: asks ?? '' })),
    );
  }, [store]);
  return (
    <>
      <div className="unseen" role="status">
        {said.polite && <p key={said.number}>{said.polite}</p>}
      </div>
      <div className="unseen" role="alert">
        {said.asks && <p key={said.number}>{said.asks}</p>}
      </div>
    </>
  );
}

/** What is there when it begins is no news. Returns what ends it. */
function listen(store: RunStore, tell: (news: News) => void): () => void {
  let known = notice(store.tree);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let restsUntil = 0;
  const look = () => {
    timer = undefined;
    const now = notice(store.tree);
    const news = newsSince(known, now, store.tree);
    known = now;
    if (news.polite.length === 0 && news.asks === null) return;
    restsUntil = performance.now() + REST;
    tell(news);
  };
  const stop = store.subscribe(() => {
    timer ??= setTimeout(look, Math.max(GATHER, restsUntil - performance.now()));
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
