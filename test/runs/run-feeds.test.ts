import { expect, test } from 'vitest';
import { NO_USAGE, type ProgressEvent, type RunEvent } from '../../extension/protocol/run-events.ts';
import { RunFeeds } from '../../extension/runs/run-feeds.ts';

const doing = (id: number, words: string): ProgressEvent => ({
  type: 'call.progress',
  id,
  at: id,
  doing: words,
  usage: NO_USAGE,
});

test('who listens late hears what each agent at work told last, and of none that has ended', async () => {
  const feeds = new RunFeeds({ lastSeq: () => 0, events: () => [] });
  feeds.tell('r', [doing(1, 'old'), doing(2, 'reading b.ts'), doing(1, 'reading a.ts')]);
  feeds.tell('r', [{ type: 'call.settled', id: 2, seq: 1, at: 1 } as RunEvent]);
  const heard: unknown[] = [];
  const stop = feeds.subscribe('r', (events) => heard.push(...events));
  expect(heard).toEqual([]);
  await Promise.resolve();
  expect(heard).toEqual([doing(1, 'reading a.ts')]);
  stop();
  feeds.tell('r', [{ type: 'run.ended', status: 'completed', seq: 2, at: 2 }]);
  feeds.subscribe('r', (events) => heard.push(...events));
  await Promise.resolve();
  expect(heard).toHaveLength(1);
  feeds.close();
});
