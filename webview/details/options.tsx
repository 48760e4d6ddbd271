import type { CallNode } from '../../extension/protocol/run-tree.ts';
import type { AgentOptions } from '../../extension/protocol/sandbox-wire.ts';
import { line } from '../format.ts';
import { useStore } from '../store.ts';
import { Block, Rows, Section } from './parts.tsx';

/** With what an agent is to be sent out: the options of its call, and what they leave to the run. */
export function OptionsSection({ call, options }: { call: CallNode; options: AgentOptions }) {
  const { tree } = useStore();
  const { model, effort, agentType, isolation, schema } = options;
  const rows: [name: string, value: string][] = [
    ['Model', line(model || call.info.model || tree.run?.model || '', 200)],
  ];
  if (effort) rows.push(['Effort', line(effort, 40)]);
  if (agentType) rows.push(['Kind of agent', line(agentType, 100)]);
  if (isolation) rows.push(['Works in', 'a worktree of its own']);
  if (!schema) rows.push(['Answers with', 'a text']);
  return (
    <>
      <Section title="Options">
        <Rows rows={rows} />
      </Section>
      {schema && (
        <Section title="Schema of its answer">
          <Block text={JSON.stringify(schema, null, 2)} language="json" />
        </Section>
      )}
    </>
  );
}
