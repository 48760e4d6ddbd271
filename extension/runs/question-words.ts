import { escapedMarkdown, plain } from '../protocol/plain-text.ts';
import type { CheckpointInfo } from '../protocol/run-events.ts';
import { askedWords, momentWords, spanWords } from '../protocol/wait-words.ts';
import type { OpenQuestion } from './open-questions.ts';

/** Whose question it is and since when it waits: `release · asked 3 days ago, on 21 Nov`; first that nobody waits, where a narrow view might cut it off. */
export function whenceWords({ run, asks, driven }: OpenQuestion, now: number): string {
  const standing = driven ? [] : ['nobody drives it: the answer is kept'];
  return [...standing, plain(run.name, 60), askedWords(asks.askedAt, now)].join(' · ');
}

/** What happens where nobody answers; empty where nothing does: silence is no consent. */
export function silenceWords({ timeoutAt, fallback }: CheckpointInfo, now: number): string {
  if (timeoutAt === null) return '';
  const choice = fallback === undefined ? 'Its default' : `Its default “${plain(fallback, 80)}”`;
  if (timeoutAt <= now) return `${choice} is the answer: its time is up.`;
  return `${choice} becomes the answer in ${spanWords(timeoutAt - now)}, on ${momentWords(timeoutAt)}.`;
}

/** All that there is to know of a question, as Markdown in which nothing of the script is markup. */
export function questionMarkdown(question: OpenQuestion, now: number): string {
  const { asks, run, driven } = question;
  const asked = `${escapedMarkdown(plain(run.name, 60))} ${askedWords(asks.askedAt, now)} (${momentWords(asks.askedAt)}).`;
  const silence = silenceWords(asks, now);
  return [
    `**${escapedMarkdown(plain(asks.question, 500))}**`,
    escapedMarkdown(asks.detail),
    [asked, ...(silence ? [escapedMarkdown(silence)] : [])].join('  \n'),
    driven ? '' : 'Nobody drives its run: the answer is kept until it is resumed.',
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Whether a choice alone is an answer: it is none where values go with it. */
export function isAnsweredByChoice({ schema }: CheckpointInfo): boolean {
  return schema === null;
}
