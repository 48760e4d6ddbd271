import { type ReactNode, useMemo } from 'react';
import { shown } from '../format.ts';
import { CODE } from '../markdown/load.ts';
import { useFurther } from '../markdown/use-further.ts';
import type { Token } from './parts.ts';

/** Longer code is shown in one colour: its grammar would take longer than a person waits. */
const LONGEST = 50_000;

/** Code of unknown origin in the colours of its language; in one colour until they have come, and where they do not. */
export function CodeText({ text, language }: { text: string; language: string }) {
  const wanted = language !== '' && text.length <= LONGEST;
  const parts = useFurther(CODE, wanted);
  const readable = useMemo(() => shown(text), [text]);
  const tokens = useMemo(
    () => (parts && wanted ? parts.tokensOf(readable, language) : null),
    [parts, wanted, readable, language],
  );
  return tokens ? tokens.map(elementOf) : readable;
}

function elementOf(token: Token, index: number): ReactNode {
  if (typeof token === 'string') return token;
  return (
    <span key={index} className={token.classes}>
      {token.tokens.map(elementOf)}
    </span>
  );
}
