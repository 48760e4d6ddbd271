import { expect, test } from 'vitest';
import { RunList, type RunNode } from '../../extension/views/run-list.ts';
import { runHarness } from '../support/run-harness.ts';

test('a run moves through the list while it is looked at, also from another process', async () => {
  const { manager, start, open } = await runHarness((body) =>
    JSON.stringify(body).includes('broken') ? { status: 400, message: 'no' } : { text: 'fine' },
  );
  const other = await open();
  const list = new RunList(async () => [{ name: 'shop', runs: other }]);
  expect(await list.look(Date.now())).toEqual({ groups: false, runs: [] });
  const runId = await start(
    `await agent('one'); const go = await checkpoint('Go on?'); await agent('two'); return go;`,
  );
  await expect
    .poll(
      async () => {
        await list.look(Date.now());
        return list.groups.map(({ label }) => label);
      },
      { timeout: 20_000 },
    )
    .toEqual(['Waiting for You']);
  const node = list.find(runId) as RunNode;
  expect(node.overview?.counts.succeeded).toBe(1);
  expect(node.questions).toBe(1);
  const call = [...manager.tree(runId).calls.values()].find(({ info }) => info.kind === 'checkpoint')?.info.id ?? 0;
  await manager.control(runId, { action: 'answer', call, answer: { choice: 'Yes' } });
  await manager.finished(runId);
  expect(await list.look(Date.now())).toEqual({ groups: true, runs: [node] });
  expect(list.groups.map(({ label }) => label)).toEqual(['Today']);
  // A tree knows what it shows by identity.
  expect(list.find(runId)).toBe(node);
  expect(await list.look(Date.now())).toEqual({ groups: false, runs: [] });
});

test('a run that is over is read when somebody sees it, and not before', async () => {
  const { manager, run } = await runHarness(() => ({ text: 'fine' }));
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) ids.push((await run(`return await agent('one')`)).runId);
  const read: string[] = [];
  const counted = Object.create(manager, {
    overview: {
      value: (runId: string) => {
        read.push(runId);
        return manager.overview(runId);
      },
    },
    runs: { value: () => manager.runs() },
  });
  const list = new RunList(async () => [{ name: 'shop', runs: counted }]);
  await list.look(Date.now());
  expect(read).toEqual([]);
  const [group] = list.groups;
  const filled: string[] = [];
  const take = (nodes: RunNode[]) => void filled.push(...nodes.map(({ runId }) => runId));
  await Promise.all([list.fill(group?.runs ?? [], take), list.fill(group?.runs ?? [], take)]);
  expect(read.toSorted()).toEqual(ids.toSorted());
  expect(filled.toSorted()).toEqual(ids.toSorted());
  await list.look(Date.now());
  expect(read).toHaveLength(3);
  expect(group?.runs.every(({ overview }) => overview?.counts.succeeded === 1)).toBe(true);
});

test('what nobody looks at any more is not read', async () => {
  const { manager, run } = await runHarness(() => ({ text: 'fine' }));
  await run(`return 1`);
  const list = new RunList(async () => [{ name: 'shop', runs: manager }]);
  await list.look(Date.now());
  const filling = list.fill(list.groups[0]?.runs ?? [], () => undefined);
  list.forget();
  await filling;
  expect(list.groups[0]?.runs[0]?.overview).toBeNull();
});
