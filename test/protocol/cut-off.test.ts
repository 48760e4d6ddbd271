import { describe, expect, it } from 'vitest';
import { cutOff, foldRun, totalOf } from '../../extension/protocol/run-tree.ts';
import { sampleRun } from '../support/sample-run.ts';

describe('cutOff', () => {
  it('stops what was under way and keeps every count true', () => {
    const { events } = sampleRun({ agents: 350, state: 'interrupted' });
    const tree = foldRun(events);
    const before = { ...tree.counts };
    cutOff(tree, 5);
    expect(tree.status).toBe('interrupted');
    expect(tree.counts).toEqual({ ...before, waiting: 0, working: 0, stopped: before.waiting + before.working });
    const states = [...tree.calls.values()].map((call) => call.state);
    expect(states.filter((state) => state === 'stopped')).toHaveLength(tree.counts.stopped);
    expect(tree.phases.reduce((sum, phase) => sum + totalOf(phase.counts), 0)).toBe(totalOf(tree.counts));
    expect(tree.phases.reduce((sum, phase) => sum + phase.counts.stopped, 0)).toBe(tree.counts.stopped);
  });

  it('leaves a run that ended as it is', () => {
    const { events } = sampleRun({ agents: 10, state: 'finished' });
    const tree = foldRun(events);
    cutOff(tree, 5);
    expect(tree).toEqual(foldRun(events));
  });
});
