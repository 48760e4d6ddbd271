import type { RunTree } from '../../extension/protocol/run-tree.ts';
import { endWords } from '../checkpoint/words.ts';
import { duration, elapsedOf, line, plural, usageText } from '../format.ts';
import { fullLabel, LOOKS, stateOfCall } from '../states.ts';
import { phaseOf } from '../tree/cells.ts';
import { sinceBegin } from './axis.ts';
import type { Bar } from './packing.ts';

/** `label · state · how long`, as it is said of a bar, for eyes and ears alike. */
export function barWords(tree: RunTree, { call, from }: Bar, now: number): string {
  const { checkpoint } = call.info;
  const name = checkpoint ? `Question: ${line(checkpoint.question, 120)}` : fullLabel(tree, call);
  const lasted = checkpoint ? (call.endedAt ?? now) - from : (elapsedOf(call, now) ?? 0);
  const long = call.state === 'reused' ? '' : duration(lasted);
  return [call.info.kind === 'tool' ? `tool ${name}` : name, LOOKS[stateOfCall(tree, call)].word, long]
    .filter(Boolean)
    .join(' · ');
}

/** What else there is to know: when it began, how long it had waited, what it cost, why it failed. */
export function moreWords({ call, from }: Bar, begin: number): string[] {
  const waited = from - call.issuedAt;
  const requests = call.settled?.requests ?? 0;
  const facts = [
    `began at ${sinceBegin(wholeSeconds(from - begin))}, ${clock(from, begin)}`,
    waited > 500 && call.state !== 'reused' ? `waited ${duration(waited)}` : '',
    requests > 1 ? plural(requests, 'request') : '',
    usageText(call.usage),
  ];
  const end = call.info.checkpoint && call.settled ? answerWords(call) : call.settled?.cause?.message;
  return [
    line(phaseOf(call.info), 60),
    facts.filter(Boolean).join(' · '),
    line(end || (call.state === 'working' ? call.doing : ''), 160),
  ].filter(Boolean);
}

function answerWords(call: Bar['call']): string {
  const choice = call.settled?.answer?.choice;
  return [choice && `“${line(choice, 80)}”`, endWords(call)].filter(Boolean).join(', ');
}

function wholeSeconds(ms: number): number {
  return ms < 1000 ? ms : Math.floor(ms / 1000) * 1000;
}

/** The time of the day, with the day where the run began on another. */
export function clock(at: number, begin: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString();
  return date.toDateString() === new Date(begin).toDateString() ? time : `${date.toLocaleDateString()} ${time}`;
}
