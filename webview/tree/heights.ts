import type { CallNode, GroupNode } from '../../extension/protocol/run-tree.ts';

/** Pixels below the rows of a judgement, for the marks of its judges. */
export const JUDGE_FOOT = 26;
/** Rows of a judgement; its details have them all. */
export const MOST_CANDIDATES = 10;

export function judgeRows({ info }: GroupNode): number {
  return Math.max(1, Math.min(info.labels.length, MOST_CANDIDATES) + Number(info.labels.length > MOST_CANDIDATES));
}

/** A tool call that failed has a line for the reason, and one that asks for what it asks. */
export function toolHeight(call: CallNode | undefined): number {
  return call?.state === 'failed' || (call && call.asks.length > 0) ? 50 : 32;
}

const LINE = 18;
/** About what a character takes at the usual size of type. */
const CHARACTER = 6.4;

/** How high a checkpoint will be about, until the browser has measured it. */
export function checkpointHeight(call: CallNode | undefined, width: number): number {
  const asks = call?.info.checkpoint;
  if (!asks) return 60;
  const lines = (text: string, most: number) =>
    text === '' ? 0 : Math.min(most, Math.ceil((text.length * CHARACTER) / (width - 24)));
  if (call.settled) return 62 + lines(asks.question, 2) * LINE;
  return 88 + (lines(asks.question, 8) + lines(asks.detail, 4)) * LINE;
}
