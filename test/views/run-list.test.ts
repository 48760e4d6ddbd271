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

test('a question of a run that was cut leaves the list when it is answered from elsewhere', async () => {
  const { manager, start, open } = await runHarness(() => ({ text: 'fine' }));
  const other = await open();
  const runId = await start(`return await checkpoint('Go on?')`);
  await expect.poll(() => manager.overview(runId).questions, { timeout: 20_000 }).toBe(1);
  await manager.close();
  const list = new RunList(async () => [{ name: 'shop', runs: other }]);
  await list.look(Date.now());
  await list.fill(list.groups[0]?.runs ?? [], () => undefined);
  await list.look(Date.now());
  const node = list.find(runId);
  expect(node).toMatchObject({ standing: 'interrupted', questions: 1 });
  await other.control(runId, { action: 'answer', call: 1, answer: { choice: 'Yes' } });
  expect(await list.look(Date.now())).toEqual({ groups: false, runs: [node] });
  expect(node?.questions).toBe(0);
});

test('runs of all open folders are listed, each with the name of its folder where there are several', async () => {
  const [shop, till] = [await runHarness(() => ({ text: 'fine' })), await runHarness(() => ({ text: 'fine' }))];
  const ids = [(await shop.run(`return 1`)).runId, (await till.run(`return 2`)).runId];
  const folders = [
    { name: 'shop', runs: shop.manager },
    { name: 'till', runs: till.manager },
  ];
  const named = async (open: typeof folders) => {
    const list = new RunList(async () => open);
    await list.look(Date.now());
    return ids.map((id) => list.find(id)?.folder);
  };
  expect(await named(folders)).toEqual(['shop', 'till']);
  expect(await named(folders.slice(0, 1))).toEqual([null, undefined]);
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
