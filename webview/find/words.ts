import type { RunTree } from '../../extension/protocol/run-tree.ts';
import { line } from '../format.ts';
import { fullLabel } from '../states.ts';
import type { Hit, Target } from './hits.ts';

export const WHERE_WORDS: Record<Hit['where'], string> = {
  label: 'label',
  claim: 'claim',
  question: 'question',
  cause: 'cause',
  now: 'doing now',
  prompt: 'prompt',
  answer: 'answer',
  transcript: 'transcript',
};

/** What a hit is on, as people call it. */
export function nameOf(tree: RunTree, on: Target): string {
  if (on.type === 'phase') return phaseName(on.title);
  if (on.type === 'group') {
    const group = tree.groups.get(on.id);
    return group ? line(group.info.label, 160) || group.info.kind : '';
  }
  const call = tree.calls.get(on.id);
  return call ? fullLabel(tree, call) : '';
}

/** As the column of the tree is headed. */
export function phaseName(title: string): string {
  return line(title, 80) || 'Agents';
}
