import { useEffect, useState } from 'react';
import type { PreviewMessage } from '../../extension/protocol/panel-messages.ts';
import { line } from '../format.ts';
import { summaryWords } from './words.ts';

/** Milliseconds that a preview must have stood before it is told: whoever types is not talked to at every key. */
const REST = 1000;

/** Tells a screen reader, politely, what a sighted person sees change. */
export function News({ message }: { message: PreviewMessage }) {
  const [told, setTold] = useState('');
  const words = wordsOf(message);
  useEffect(() => {
    if (words === null) return;
    const timer = setTimeout(() => setTold(words), REST);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <div className="unseen" role="status">
      {told}
    </div>
  );
}

function wordsOf({ preview, problem, stale }: PreviewMessage): string | null {
  // What is out of date is not worth telling; what comes after it is.
  if (stale) return null;
  if (problem) return `There is no preview of the script as it is: ${line(problem.message, 300)}`;
  return preview && line(`Preview of ${preview.script.name}. ${summaryWords(preview)}`, 1000);
}
