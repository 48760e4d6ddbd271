import { expect, test } from 'vitest';
import { censusLines, runCensus } from '../../extension/protocol/run-census.ts';
import { promptOf, runHarness } from '../support/run-harness.ts';

test('the census of a run leaves nothing out that was lost on the way', async () => {
  const harness = await runHarness((body) => {
    const prompt = promptOf(body);
    if (prompt === 'refused') return { status: 400 };
    if (prompt.startsWith('Counterpoint-Task')) return { text: 'I would rather not say' };
    return { text: prompt };
  });
  const { runId, status } = await harness.run(`phase('Find');
    await parallel([() => agent('a'), () => agent('refused'), () => { throw new Error('gone') }, () => { throw new Error('gone') }]);
    await agent('typed', { agentType: 'wizard' }).catch(() => 0);
    await challenge({ title: 'it holds' }, { challengers: 1 });
    return 'done'`);
  expect(status).toBe('completed_with_failures');
  const census = runCensus(harness.manager.tree(runId));
  expect(census).toMatchObject({
    succeeded: 1,
    failed: 3,
    dropped: [{ where: 'parallel in Find', items: 2 }],
    verdicts: { upheld: 0, refuted: 0, unverified: 1 },
    unverified: ['it holds'],
  });
  expect(census.failures.map(({ cause, agents }) => [cause, agents])).toEqual([
    ['refused', 1],
    ['bad-request', 1],
    ['schema', 1],
  ]);
  expect(censusLines(census)).toEqual([
    expect.stringMatching(/^1 failed \(refused\), such as: .*400/),
    expect.stringMatching(/^1 failed \(bad request\), such as: there is no agentType "wizard"/),
    expect.stringMatching(/^1 failed \(schema\), such as: No answer matched the schema/),
    '2 dropped by parallel in Find',
    '1 verdict unverified: it holds',
  ]);
});

test('a run in which all went well has a census without a line', async () => {
  const harness = await runHarness(() => ({ text: 'x' }));
  const { runId } = await harness.run(`return await parallel([() => agent('a')])`);
  expect(censusLines(runCensus(harness.manager.tree(runId)))).toEqual([]);
});
